from collections.abc import Sequence

import numpy as np
import pytest

from aisle.ranking.pool import Kind, Measure, make_pool
from aisle.recommenders import History, Popularity
from aisle.recommenders.protocol import Holdout
from aisle.testing.recommenders import history
from aisle.types import Scores


class Fixed(Popularity):
    """Says the same of everybody."""

    def __init__(self, *scores: float) -> None:
        self.scores = np.array(scores, np.float32)

    def score(self, histories: Sequence[History]) -> Scores:
        return np.tile(self.scores, (len(histories), 1))


def told(*relevant: Sequence[int], excluded: Sequence[int] = ()) -> Holdout:
    asked = [history() for _ in relevant]
    out = [np.array(excluded, np.int64)] * len(relevant)
    return Holdout(asked, [np.array(rows) for rows in relevant], out)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("HR", (1 + 1) / 3), ("MRR", (1 / 2 + 1) / 3), ("Recall", (1 + 1 / 2) / 3), ("NDCG", (0.6309 + 0.6131) / 3)],
)
def test_measures_by_hand(kind: Kind, expected: float) -> None:
    # ranks: item 0 first, 1 second, 2 third; the second user wants 0 and 3, which nobody proposes; the third wants 4
    pool = make_pool([Fixed(3, 2, 1, 0, 0)], told([1], [0, 3], [4]))
    assert pool.n_asked == 3
    assert pool.mean(pool.raw[0], Measure(kind, 2)) == pytest.approx(expected, abs=1e-4)


def test_a_place_in_the_middle_counts_among_ties() -> None:
    pool = make_pool([Fixed(1, 1, 1)], told([0], [2]))
    assert pool.mean(pool.raw[0], Measure("MRR", 3)) == pytest.approx(1 / 2)


def test_excluded_items_are_no_candidates() -> None:
    pool = make_pool([Fixed(3, 2, 1)], told([2], excluded=[0, 99]))
    assert pool.rows.tolist() == [[1, 2]]
    assert make_pool([Fixed(3, 2, 1)], told([2], excluded=[0, 99]), depth=1).rows.shape[0] == 0
