import numpy as np
import pytest

from aisle.errors import InputError
from aisle.evaluation.significance import compare, intervals


def test_the_interval_holds_the_mean_and_narrows_with_more_users() -> None:
    few = np.tile([0.0, 1.0], 20)
    many = np.tile([0.0, 1.0], 2_000)
    low, high = intervals({"HR@10": few})["HR@10"]
    # The standard error of 40 fair draws is 0.079, so 95 % are 0.155 to either side.
    assert low == pytest.approx(0.345, abs=0.05)
    assert high == pytest.approx(0.655, abs=0.05)
    assert np.diff(intervals({"HR@10": many})["HR@10"])[0] == pytest.approx(0.031, abs=0.005)


def test_questions_of_one_user_are_drawn_together() -> None:
    values = {"MRR@20": np.repeat([0.0, 1.0], 50)}
    alone = np.diff(intervals(values)["MRR@20"])[0]
    together = np.diff(intervals(values, np.repeat(np.arange(10), 10))["MRR@20"])[0]
    assert together > 2 * alone


def test_the_same_seed_gives_the_same_interval() -> None:
    values = {"a": np.random.default_rng(0).random(50), "b": np.ones(50)}
    assert intervals(values, seed=3) == intervals(values, seed=3)
    assert intervals(values)["b"] == (1, 1)
    assert intervals({}) == {}


def test_a_clear_difference_is_told_from_chance() -> None:
    rng = np.random.default_rng(0)
    worse = rng.random(200)
    found = compare(worse + 0.1 + 0.1 * rng.random(200), worse)
    assert found.difference == pytest.approx(0.15, abs=0.01)
    assert found.interval[0] > 0.13
    # No labelling of a thousand was as large, and the true one counts too.
    assert found.p_randomised == 1 / 1_001
    assert found.p_t_test < 1e-50


def test_chance_is_not_taken_for_a_difference() -> None:
    rng = np.random.default_rng(1)
    found = compare(rng.random(200), rng.random(200))
    assert found.interval[0] < 0 < found.interval[1]
    assert found.p_randomised > 0.05
    assert found.p_t_test == pytest.approx(found.p_randomised, abs=0.1)


def test_a_model_does_not_differ_from_itself() -> None:
    found = compare(np.array([0.5, 1.0]), np.array([0.5, 1.0]))
    assert (found.difference, found.interval, found.p_randomised, found.p_t_test) == (0, (0, 0), 1, 1)


def test_models_are_compared_on_the_same_questions() -> None:
    with pytest.raises(InputError, match="2 values against 3"):
        compare(np.zeros(2), np.zeros(3))
    with pytest.raises(InputError, match="no values"):
        compare(np.zeros(0), np.zeros(0))
