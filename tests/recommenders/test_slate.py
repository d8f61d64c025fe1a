import numpy as np

from aisle.recommenders.slate import liked

NOBODY = np.empty(0, np.int64)


def test_only_scores_above_zero_are_proposed() -> None:
    scores = np.array([0.2, 0.0, -1.0, np.nan, 0.9, -np.inf], np.float32)
    assert liked(scores, 10, "x", NOBODY).rows.tolist() == [4, 0]


def test_equal_scores_go_to_the_lower_row() -> None:
    assert liked(np.ones(5, np.float32), 2, "x", np.array([0])).rows.tolist() == [1, 2]


def test_scores_may_be_named_and_named_rows_excluded() -> None:
    found = liked(np.array([1, 2, 3], np.float32), 5, "x", np.array([30, 2]), np.array([10, 20, 30]))
    assert found.rows.tolist() == [20, 10]
    assert found.source == "x"
