import numpy as np
import pytest

from aisle.intent.calibration import NEVER, calibration_error, fit_logistic, fit_softmax, lowest_sure, sigmoid


def test_the_calibration_error_weighs_the_gaps_of_bins() -> None:
    # bin 0.8 to 0.9: |0.8 - 1/2| for 2 of 4; bin 0.2 to 0.3: |0.25 - 0| for 2 of 4
    assert calibration_error([0.8, 0.8, 0.25, 0.25], [1, 0, 0, 0]) == pytest.approx((0.3 * 2 + 0.25 * 2) / 4)
    assert calibration_error([1.0, 0.0], [1, 0]) == 0
    assert calibration_error([], []) == 0


def test_without_rows_the_prior_stays() -> None:
    assert fit_logistic(np.empty((0, 2)), np.empty(0), (0.5, 1.0)).tolist() == [0.5, 1.0]


def test_many_rows_outweigh_the_prior() -> None:
    weights = fit_logistic(np.ones((10_000, 1)), np.repeat([1.0, 0.0], [9_000, 1_000]), (0.0,))
    assert sigmoid(weights)[0] == pytest.approx(0.9, abs=0.001)


def test_softmax_learns_which_feature_belongs_to_which_class() -> None:
    features = np.eye(2, dtype=np.float32)
    weights = fit_softmax(features, np.eye(2, dtype=np.float32), 0.01, np.zeros((2, 2)), 50)
    assert (features @ weights).argmax(axis=1).tolist() == [0, 1]


def test_the_threshold_is_the_lowest_that_keeps_enough() -> None:
    confidence = np.repeat([0.95, 0.9, 0.5], [30, 30, 30])
    kept = np.repeat([1.0, 1.0, 0.0], [30, 30, 30])
    assert lowest_sure(confidence, kept, 0.98) == 0.9


def test_doubtful_readings_do_not_hide_behind_good_ones() -> None:
    # over all 1,010 readings 0.9901 is kept, but of the lower half of them less than 0.98
    confidence = np.repeat([0.95, 0.5], [1_000, 16])
    kept = np.repeat([1.0, 0.0], [1_000, 16])
    assert lowest_sure(confidence, kept, 0.98) == 0.95


@pytest.mark.parametrize("n", [0, 5])
def test_few_readings_prove_nothing(n: int) -> None:
    assert lowest_sure(np.full(n, 0.99), np.ones(n), 0.98) == NEVER
