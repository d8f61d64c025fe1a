from collections.abc import Sequence

import numpy as np
import pytest
from scipy import sparse

from aisle.errors import InputError
from aisle.recommenders import History, Interactions
from aisle.recommenders.matrices import answers, asked, balanced, choices, normalised
from aisle.recommenders.stack import BLOCK
from aisle.testing.recommenders import history
from aisle.types import Scores


def test_a_choice_is_the_square_root_of_what_all_events_weigh() -> None:
    # user 0 viewed row 1 three times and bought it (3 + 6 = 9), user 1 chose row 0 and disliked row 2
    users, rows = np.array([0, 0, 0, 0, 1, 1]), np.array([1, 1, 1, 1, 0, 2])
    weights = np.array([1, 1, 1, 6, 4, -4], np.float32)
    matrix = choices(Interactions(users, rows, weights, np.zeros(6), n_users=2, n_items=3))
    assert matrix.toarray().tolist() == [[0, 3, 0], [2, 0, 0]]
    assert (matrix.dtype, matrix.nnz) == (np.float32, 2)


def test_a_history_keeps_its_dislikes_and_loses_unknown_rows() -> None:
    matrix = asked([history(2, 0, 2, -1, 9, weights=[2, -4, 2, 1, 1]), history()], 3)
    assert matrix.toarray().tolist() == [[-2, 0, 2], [0, 0, 0]]


def test_what_is_liked_and_disliked_as_much_is_not_there() -> None:
    assert asked([history(1, 1, weights=[2, -2])], 3).nnz == 0


def test_balance_divides_by_the_power_of_what_a_user_chose_and_keeps_the_sum_of_squares() -> None:
    # sums 4 and 1: divided by 4^(1/2) and 1, squares 4 * 1/4 + 1 = 2 instead of 5
    chosen = sparse.csr_matrix(np.array([[1, 1, 1, 1], [0, 0, 0, 1]], np.float32))
    expected = np.sqrt(5 / 2) * np.array([[0.5] * 4, [0, 0, 0, 1]])
    np.testing.assert_allclose(balanced(chosen, 1).toarray(), expected, rtol=1e-6)
    np.testing.assert_array_equal(balanced(chosen, 0).toarray(), chosen.toarray())


def test_who_chose_much_and_what_many_chose_passes_on_less() -> None:
    # sums of people 4 and 1, of items 2, 3 and 0: each choice over the roots of both
    chosen = sparse.csr_matrix(np.array([[1, 3, 0], [1, 0, 0]], np.float32))
    found = normalised(chosen)
    np.testing.assert_allclose(found.toarray(), [[8**-0.5, 3 * 12**-0.5, 0], [2**-0.5, 0, 0]], rtol=1e-6)
    assert (found.dtype, found.nnz) == (np.float32, 3)


def test_answers_come_block_by_block() -> None:
    sizes = []

    def score(histories: Sequence[History]) -> Scores:
        sizes.append(len(histories))
        return np.array([[one.rows[0], 1] for one in histories], np.float32)

    found = answers(score, [history(row) for row in range(BLOCK + 1)], 2, "model", None)
    assert sizes == [BLOCK, 1]
    assert [one.rows.tolist() for one in found[:3]] == [[1], [0, 1], [0, 1]]
    assert found[-1].scores.tolist() == [BLOCK, 1]


def test_a_wrong_call_is_refused() -> None:
    with pytest.raises(InputError, match="k=0"):
        answers(lambda _: np.zeros((0, 3), np.float32), [], 0, "model", None)
