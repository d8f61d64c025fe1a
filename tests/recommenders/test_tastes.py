import numpy as np

from aisle.recommenders.protocol import History
from aisle.recommenders.tastes import chances
from aisle.testing.recommenders import history
from aisle.types import Scores

VECTORS = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]], np.float32)
SHARES = np.array([3, 2, 1, 0], np.float32)
BIASES = np.array([0, 0, 1, 0], np.float32)


def asked(*histories: History) -> Scores:
    return chances(histories, VECTORS, SHARES, BIASES, temperature=5)


def test_a_chance_is_the_softmax_of_cosines_with_the_mean_of_what_was_chosen() -> None:
    # the taste is 3 * (1, 0) + 2 * 2 * (0, 1), so the cosines are 0.6, 0.8, -0.6 and -0.8
    logits = np.array([3, 4, -3 + 1, -4])
    expected = np.exp(logits) / np.exp(logits).sum()
    (found,) = asked(history(0, 1, weights=[1, 4]))
    np.testing.assert_allclose(found, [*expected[:3], 0], rtol=1e-5)


def test_large_cosines_do_not_overflow() -> None:
    found = chances([history(0)], VECTORS, SHARES, BIASES, temperature=1e4)
    np.testing.assert_allclose(found, [[1, 0, 0, 0]], atol=1e-6)


def test_nothing_is_said_without_a_like_by_what_cancels_out_and_of_what_says_nothing() -> None:
    # items 0 and 2 point against each other: 3 * 1 and 1 * 3
    assert not asked(history(), history(0, weights=[-1]), history(0, 2, weights=[1, 9]), history(3), history(99)).any()
    assert (asked(history(0, 3)) > 0).tolist() == [[True, True, True, False]]


def test_no_histories_and_no_items_have_no_chances() -> None:
    assert asked().shape == (0, 4)
    nothing = np.empty(0, np.float32)
    assert chances([history(0)], np.empty((0, 2), np.float32), nothing, nothing, 1).shape == (1, 0)
