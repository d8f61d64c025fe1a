import numpy as np

from aisle.recommenders.stack import stack
from aisle.testing.recommenders import history


def test_histories_stand_end_to_end_without_unknown_rows() -> None:
    told = stack([history(5, 9, 6), history(), history(-1, 0)], 8)
    assert told.rows.tolist() == [5, 6, 0]
    assert told.indptr.tolist() == [0, 2, 2, 3]
    assert told.owners.tolist() == [0, 0, 2]
    assert told.ages.tolist() == [1, 0, 0]


def test_events_that_are_kept_close_ranks() -> None:
    told = stack([history(1, 2, weights=[1, -1]), history(3)], 8)
    liked = told.where(told.weights > 0)
    assert (liked.rows.tolist(), liked.indptr.tolist(), liked.ages.tolist()) == ([1, 3], [0, 1, 2], [0, 0])


def test_as_a_matrix_repeated_items_add_up() -> None:
    np.testing.assert_array_equal(stack([history(1, 1, 0), history()], 3).matrix().toarray(), [[1, 2, 0], [0, 0, 0]])


def test_no_histories_are_an_empty_stack() -> None:
    assert stack([], 3).matrix().shape == (0, 3)
