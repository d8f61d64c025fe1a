import numpy as np

from aisle.recommenders.contexts import contexts_of
from aisle.recommenders.stack import stack
from aisle.testing.recommenders import history

# 0 1 2 3 three times, then 0 1 3 twice
ROWS = np.array([0, 1, 2, 3] * 3 + [0, 1, 3] * 2)
USERS = np.repeat(np.arange(5), [4, 4, 4, 3, 3])


def test_what_came_again_after_a_run_is_counted_within_a_user() -> None:
    two, three = contexts_of(USERS, ROWS, 4, 3).tables
    # runs 0 1 and 1 2, in base 4; 3 0 spans two users
    assert two.keys.tolist() == [1, 6]
    assert two.counts.toarray().tolist() == [[0, 0, 2, 1], [0, 0, 0, 2]]
    assert three.keys.tolist() == [6]
    assert three.find(np.array([6, 7])).tolist() == [0, -1]


def test_scores_change_only_where_the_run_is_known() -> None:
    contexts = contexts_of(USERS, ROWS, 4, 2)
    asked = stack([history(0, 1, weights=[1, 2]), history(2, 1), history(1), history()], 4)
    before = asked.matrix()
    after = contexts.refine(before, asked, 2, backoff=2).toarray()
    # the weight of the newest, 2, times 2 and 1 of 3 + 2; what was there counts 2 of 3 + 2
    np.testing.assert_allclose(after[0], [0.4, 0.8, 0.8, 0.4], rtol=1e-6)
    np.testing.assert_array_equal(after[1:], before.toarray()[1:])


def test_what_came_once_is_taken_for_chance() -> None:
    two, _ = contexts_of(np.zeros(4, np.int64), np.arange(4), 4, 2).tables
    assert len(two.keys) == two.counts.nnz == 0


def test_a_log_of_nothing_knows_no_runs() -> None:
    nothing = np.empty(0, np.int64)
    two, three = contexts_of(nothing, nothing, 4, 3).tables
    assert len(two.keys) == len(three.keys) == 0
