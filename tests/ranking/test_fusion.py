import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.ranking import linear_fusion, reciprocal_rank_fusion
from aisle.types import Candidates, no_candidates


def proposal(rows: list[int], scores: list[float]) -> Candidates:
    return Candidates(np.array(rows, np.int64), np.array(scores, np.float32), "lexical")


def cosines(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(values, np.float32)


def test_words_count_as_a_share_of_the_best_and_meaning_as_its_cosine() -> None:
    fused = linear_fusion(proposal([7, 2], [8, 2]), np.array([2, 5, 7]), cosines(0.5, 0.75, 0.25), 1, 2)
    # row 7: 1 + 2/4; row 5: 2 * 3/4; row 2: 1/4 + 2/2; a tie of 7 and 5 goes to the lower row
    assert fused.rows.tolist() == [5, 7, 2]
    assert fused.scores.tolist() == [1.5, 1.5, 1.25]
    assert fused.source == "hybrid"
    assert fused.rows.dtype == np.int64
    assert fused.scores.dtype == np.float32


def test_opposite_meaning_counts_as_none() -> None:
    fused = linear_fusion(proposal([1], [3]), np.array([0, 1]), cosines(-0.5, -1), 0.5, 0.5)
    assert (fused.rows.tolist(), fused.scores.tolist()) == ([1, 0], [0.5, 0])


def test_without_words_meaning_decides_alone() -> None:
    fused = linear_fusion(no_candidates("lexical"), np.array([3, 4]), cosines(0.25, 0.5), 0.5, 1)
    assert (fused.rows.tolist(), fused.scores.tolist()) == ([4, 3], [0.5, 0.25])


def test_nothing_proposed_is_nothing_fused() -> None:
    assert len(linear_fusion(no_candidates("lexical"), np.empty(0, np.int64), cosines(), 1, 1)) == 0
    assert len(reciprocal_rank_fusion([])) == len(reciprocal_rank_fusion([no_candidates("dense")])) == 0


def test_fusing_leaves_its_input_as_it_was() -> None:
    words, rows, meaning = proposal([1, 0], [4, 2]), np.array([0, 1]), cosines(0.5, 0.5)
    linear_fusion(words, rows, meaning, 1, 1)
    reciprocal_rank_fusion([words, words])
    assert (words.rows.tolist(), words.scores.tolist()) == ([1, 0], [4, 2])
    assert (rows.tolist(), meaning.tolist()) == ([0, 1], [0.5, 0.5])


PROPOSALS = st.lists(st.integers(0, 50), unique=True, min_size=1, max_size=20).map(
    lambda rows: proposal(rows, [float(len(rows) - place) for place in range(len(rows))])
)


@given(PROPOSALS, st.sets(st.integers(0, 50)), st.floats(0.1, 10))
def test_without_weight_for_meaning_the_order_of_words_stays(
    words: Candidates, others: set[int], weight: float
) -> None:
    rows = np.array(sorted(others | set(words.rows.tolist())), np.int64)
    meaning = np.linspace(-1, 1, len(rows), dtype=np.float32)
    fused = linear_fusion(words, rows, meaning, weight, 0)
    assert fused.rows[: len(words)].tolist() == words.rows.tolist()
    assert fused.scores[0] == pytest.approx(weight)
    assert sorted(fused.rows.tolist()) == rows.tolist()


def test_reciprocal_ranks_are_summed() -> None:
    fused = reciprocal_rank_fusion([proposal([7, 8, 9], [3, 2, 1]), proposal([9, 8], [0.2, 0.1])])
    assert fused.rows.tolist() == [9, 8, 7]
    assert fused.scores.tolist() == pytest.approx([1 / 63 + 1 / 61, 1 / 62 + 1 / 62, 1 / 61])


def test_the_constant_says_how_much_the_first_ranks_count() -> None:
    fused = reciprocal_rank_fusion([proposal([1, 2], [5, 4])], constant=0)
    assert fused.scores.tolist() == [1, 0.5]


@given(st.lists(PROPOSALS, max_size=4))
def test_every_proposed_row_is_fused_once(proposals: list[Candidates]) -> None:
    fused = reciprocal_rank_fusion(proposals)
    assert sorted(fused.rows.tolist()) == sorted({row for one in proposals for row in one.rows.tolist()})
    assert (np.diff(fused.scores) <= 0).all()
