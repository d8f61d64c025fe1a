import numpy as np
import pytest

from aisle.encoders.calibration import Trust, energies, fit_temperature, fit_threshold, macro_f1, probabilities


def test_probabilities_by_hand() -> None:
    logits = np.array([[0.0, np.log(3.0)], [1000.0, 0.0]], np.float32)
    np.testing.assert_allclose(probabilities(logits), [[0.25, 0.75], [1.0, 0.0]], atol=1e-6)
    np.testing.assert_allclose(probabilities(2 * logits, 2.0)[0], [0.25, 0.75], atol=1e-6)


def test_the_temperature_of_logits_that_are_too_sure_is_found() -> None:
    rng = np.random.default_rng(0)
    true = rng.normal(size=(4_000, 3))
    shares = np.exp(true) / np.exp(true).sum(axis=1, keepdims=True)
    classes = (shares.cumsum(axis=1) < rng.random((4_000, 1))).sum(axis=1)
    assert fit_temperature((3 * true).astype(np.float32), classes) == pytest.approx(3, rel=0.15)


def test_the_threshold_weighs_both_kinds_of_mistake() -> None:
    sure = np.array([0.3, 0.6, 0.8, 0.9], np.float32)
    right = np.array([False, True, True, True])
    strange = np.array([0.2, 0.5, 0.7], np.float32)
    assert fit_threshold(sure, right, strange, 0.0) == pytest.approx(0.2)  # lets everybody in
    assert fit_threshold(sure, right, strange, 0.1) == pytest.approx(0.6)  # loses nobody in scope
    assert fit_threshold(sure, right, strange, 0.9) == pytest.approx(0.8)  # lets no stranger in


def test_out_of_scope_by_energy() -> None:
    logits = np.array([[1.0, 1.0, 1.0], [9.0, 0.0, 0.0], [700.0, 700.0, -700.0]], np.float32)
    known = [1 + np.log(3), 9 + np.log1p(2 * np.exp(-9)), 700 + np.log(2)]
    np.testing.assert_allclose(energies(logits), known, rtol=1e-6)
    assert Trust(least_energy=3.0).inside(logits).tolist() == [False, True, True]
    assert Trust().inside(logits).tolist() == [True, True, True]


def test_macro_f1_by_hand() -> None:
    predicted, classes = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1])
    assert macro_f1(predicted, classes) == pytest.approx((2 / 3 + 2 / 4 + 0) / 3)
    assert macro_f1(classes, classes) == 1.0
