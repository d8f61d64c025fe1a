from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from aisle.errors import InputError
from aisle.evaluation.rankings import coverage, diversity, gini, hits, measure, novelty, rank_holdout, top_lists
from aisle.recommenders.protocol import NOTHING, Holdout
from aisle.testing.recommenders import history


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def rows(*values: int) -> NDArray[np.int64]:
    return np.array(values, np.int64)


LISTS = np.array([[3, 1, 4, 0], [2, 5, -1, -1], [0, 1, 2, 3]])
RELEVANT = [rows(1, 0, 9), rows(7), rows(0)]


def test_hits_are_the_places_of_relevant_items() -> None:
    assert hits(LISTS, RELEVANT).tolist() == [
        [False, True, False, True],
        [False, False, False, False],
        [True, False, False, False],
    ]


def test_the_measures_are_those_of_the_papers() -> None:
    values = measure(LISTS, RELEVANT, (2, 4))
    assert values["HR@2"].tolist() == [1, 0, 1]
    assert values["Recall@2"].tolist() == [1 / 3, 0, 1]
    assert values["Recall@4"].tolist() == [2 / 3, 0, 1]
    assert values["MRR@4"].tolist() == [1 / 2, 0, 1]
    # Three are relevant, so an ideal list of two has two of them, one of four has three.
    assert values["NDCG@2"].tolist() == pytest.approx([(1 / log2(3)) / (1 + 1 / log2(3)), 0, 1])
    ideal = 1 + 1 / log2(3) + 1 / log2(4)
    assert values["NDCG@4"].tolist() == pytest.approx([(1 / log2(3) + 1 / log2(5)) / ideal, 0, 1])


def test_an_item_that_no_model_knows_is_a_miss_and_counts_in_recall() -> None:
    assert measure(LISTS[:1], [rows(1, 10**9)], (4,))["Recall@4"].tolist() == [1 / 2]


def test_wrong_cutoffs_and_empty_questions_are_refused() -> None:
    with pytest.raises(InputError, match="1 to the length of the lists, 4"):
        measure(LISTS, RELEVANT, (5,))
    with pytest.raises(InputError, match="nothing relevant"):
        measure(LISTS, [rows(1), rows(), rows(2)], (2,))


def test_lists_hold_the_highest_scores_above_zero_that_are_not_excluded() -> None:
    scores = np.array([[0.1, 0.9, 0.5, 0.0, -2.0], [0.0, 0.0, 0.0, 0.3, 0.0]], np.float32)
    assert top_lists(scores, 3, [rows(1, 77, -1), NOTHING], rng()).tolist() == [[2, 0, -1], [3, -1, -1]]
    assert scores[0, 1] == np.float32(0.9)


def test_ties_are_drawn_anew_for_each_list() -> None:
    lists = top_lists(np.ones((3_000, 40), np.float32), 2, [NOTHING] * 3_000, rng())
    counts = np.bincount(lists[:, 0], minlength=40)
    # 75 each, with a standard deviation of 9.
    assert (np.abs(counts - 75) < 45).all()
    assert (lists[:, 0] != lists[:, 1]).all()


def test_the_same_seed_gives_the_same_lists() -> None:
    holdout = Holdout([history()] * 5, [rows(1)] * 5, [NOTHING] * 5)

    def flat(histories: object) -> NDArray[np.float32]:
        return np.ones((5, 300), np.float32)

    one, same, other = (rank_holdout(flat, holdout, 10, 300, seed) for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


@given(
    arrays(np.float32, (4, 300), elements=st.sampled_from([-1.0, 0.0, 0.25, 0.5, 1.0, 2.0])),
    st.integers(1, 30),
    st.lists(st.integers(0, 299), max_size=40),
)
def test_the_fast_lists_are_those_of_a_plain_sort(scores: NDArray[np.float32], k: int, out: list[int]) -> None:
    lists = top_lists(scores, k, [rows(*out)] * 4, rng())
    for line, found in zip(scores, lists, strict=True):
        allowed = line.copy()
        allowed[out] = -np.inf
        expected = np.sort(allowed[allowed > 0])[::-1][:k]
        shown = found[found >= 0]
        assert allowed[shown].tolist() == expected.tolist()
        assert len(set(shown.tolist())) == len(shown)


@given(st.lists(st.permutations(range(8)), min_size=1, max_size=5), st.sets(st.integers(0, 9), min_size=1))
def test_measures_lie_between_zero_and_one_and_grow_with_the_cutoff(lists: list[list[int]], wanted: set[int]) -> None:
    values = measure(np.array(lists), [rows(*sorted(wanted))] * len(lists), (3, 8))
    for name, of in values.items():
        assert ((of >= 0) & (of <= 1)).all(), name
    for kind in ("HR", "Recall", "MRR"):
        assert (values[f"{kind}@3"] <= values[f"{kind}@8"]).all()
    assert (values["Recall@8"] <= values["HR@8"]).all()


@given(st.sets(st.integers(0, 7), min_size=1))
def test_an_ideal_list_has_an_ndcg_of_one(wanted: set[int]) -> None:
    ideal = np.array([[*sorted(wanted), *sorted(set(range(8)) - wanted)]])
    for k in (1, 3, 8):
        assert measure(ideal, [rows(*wanted)], (k,))[f"NDCG@{k}"][0] == pytest.approx(1)


def test_coverage_is_the_share_of_items_shown() -> None:
    assert coverage(LISTS, 10) == 6 / 10
    assert coverage(np.full((2, 3), -1), 0) == 0


def test_gini_is_zero_for_equal_shares_and_grows_with_inequality() -> None:
    assert gini(np.array([[0, 1], [2, 3]]), 4) == 0
    # Exposures 0, 0, 0, 4: (2 * 4 - 4 - 1) * 4 / (4 * 4)
    assert gini(np.array([[3], [3], [3], [3]]), 4) == 3 / 4
    # Exposures 1, 3: ((2 - 3) * 1 + (4 - 3) * 3) / (2 * 4)
    assert gini(np.array([[0], [1], [1], [1]]), 2) == 2 / 8
    assert gini(np.full((2, 3), -1), 5) == 0


def test_novelty_is_the_mean_self_information_in_bits() -> None:
    # Shares 1/2, 1/4, and a new item that counts as one event of eight.
    assert novelty(np.array([[0, 1], [2, -1]]), np.array([4, 2, 0, 2])) == (1 + 2 + 3) / 3
    assert novelty(np.full((1, 2), -1), np.array([1])) == 0


def test_diversity_is_one_minus_the_mean_cosine_within_a_list() -> None:
    vectors = np.array([[1, 0], [0, 1], [1, 0]], np.float32)
    # Pairs of the first list: 0 and 1 (cosine 0), 0 and 2 (1), 1 and 2 (0); of the second: 1 alone.
    assert diversity(np.array([[0, 1, 2], [1, -1, -1]]), vectors) == pytest.approx(2 / 3)
    assert diversity(np.array([[0, 2]]), vectors) == pytest.approx(0)
    assert diversity(np.array([[0, -1]]), vectors) == 0


def test_an_item_that_nothing_is_known_of_is_neither_like_nor_unlike_the_others() -> None:
    vectors = np.array([[1, 0], [1, 0], [0, 0]], np.float32)
    assert diversity(np.array([[0, 1, 2]]), vectors) == 0
