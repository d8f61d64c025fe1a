import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aisle.ranking.rerank import rerank
from aisle.types import Candidates


def candidates(*scores: float) -> Candidates:
    return Candidates(np.arange(len(scores)), np.array(scores, np.float32), "hybrid")


def opinions(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(values, np.float32)


def test_the_top_is_ordered_by_opinion_and_the_rest_stays() -> None:
    found = rerank(candidates(4.0, 3.0, 2.0, 1.0), opinions(0.1, 0.3, 0.2))
    assert found.rows.tolist() == [1, 2, 0, 3]
    assert found.scores.tolist() == [4, 3, 2, 1]


def test_a_weight_mixes_opinion_and_score() -> None:
    # half opinion, half share of the best: 0.5 + 0.1, 0.375 + 0.15, 0.25 + 0.5
    assert rerank(candidates(4.0, 3.0, 2.0), opinions(0.2, 0.3, 1.0), weight=0.5).rows.tolist() == [2, 0, 1]
    assert rerank(candidates(4.0, 3.0, 2.0), opinions(0.2, 0.3, 1.0), weight=0.0).rows.tolist() == [0, 1, 2]


def test_equal_opinions_keep_the_order() -> None:
    assert rerank(candidates(2.0, 1.0), opinions(0.5, 0.5)).rows.tolist() == [0, 1]


def test_scores_at_and_below_zero_have_shares_too() -> None:
    assert rerank(candidates(0.0, 0.0), opinions(0.1, 0.9), weight=0.5).rows.tolist() == [1, 0]
    # shares 1, 1/2, 0 of the span from -2 to 0
    assert rerank(candidates(0.0, -1.0, -2.0), opinions(0.0, 0.25, 0.5), weight=0.5).rows.tolist() == [0, 1, 2]


@given(st.lists(st.floats(-3, 3, width=32), max_size=20), st.lists(st.floats(0, 1, width=32), max_size=20))
def test_it_is_a_permutation_of_the_top(scores: list[float], values: list[float]) -> None:
    found = candidates(*sorted(scores, reverse=True))
    k = min(len(values), len(found))
    other = rerank(found, opinions(*values[:k]), weight=0.7)
    assert sorted(other.rows[:k].tolist()) == found.rows[:k].tolist()
    assert other.rows[k:].tolist() == found.rows[k:].tolist()
    assert other.scores.tolist() == found.scores.tolist()
