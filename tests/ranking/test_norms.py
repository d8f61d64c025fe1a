import numpy as np
import pytest

from aisle.ranking.norms import FLOOR, NORMS, Norm, normalised, read_scale
from aisle.testing.recommenders import history
from aisle.types import Scores

SCORES = np.array([[8, 4, 2, 0, 6]], np.float32)


def unit(norm: Norm, scores: Scores = SCORES, seen: tuple[int, ...] = ()) -> list[float]:
    return [round(float(value), 4) for value in normalised(norm, scores, read_scale(scores, [history(*seen)]))[0]]


def test_share_is_of_the_best() -> None:
    assert unit("share") == [1, 0.5, 0.25, 0, 0.75]


def test_root_and_square_are_powers_of_the_share() -> None:
    assert unit("square") == [1, 0.25, 0.0625, 0, 0.5625]
    assert unit("root")[2] == 0.5


def test_mass_is_the_percentage_of_the_sum() -> None:
    assert unit("mass") == [40, 20, 10, 0, 30]


def test_log_goes_from_the_floor_to_the_best() -> None:
    scores = np.array([[1, FLOOR, FLOOR / 10, np.sqrt(FLOOR)]], np.float32)
    assert unit("log", scores) == [1, 0, 0, 0.5]


def test_z_counts_standard_deviations_above_the_mean() -> None:
    # mean 4, variance (16 + 0 + 4 + 16 + 4) / 5 = 8
    assert unit("z") == [round(4 / 8**0.5, 4), 0, 0, 0, round(2 / 8**0.5, 4)]


def test_rank_falls_with_the_place() -> None:
    assert unit("rank") == [1, round(11 / 13, 4), round(11 / 14, 4), 0, round(11 / 12, 4)]


def test_what_was_seen_does_not_set_the_scale() -> None:
    assert unit("share", seen=(0,)) == [round(8 / 6, 4), round(4 / 6, 4), round(2 / 6, 4), 0, 1]


@pytest.mark.parametrize("norm", NORMS)
def test_what_was_not_proposed_stays_at_nothing(norm: Norm) -> None:
    assert unit(norm, np.zeros((1, 5), np.float32)) == [0, 0, 0, 0, 0]
    assert unit(norm, np.array([[0, 3]], np.float32))[0] == 0
    assert unit(norm, np.empty((1, 0), np.float32)) == []
