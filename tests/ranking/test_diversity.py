import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.ranking.diversity import TOP, diversify
from aisle.types import Candidates


def candidates(*scores: float) -> Candidates:
    return Candidates(np.arange(len(scores)), np.array(scores, np.float32), "hybrid")


def test_another_brand_comes_before_more_of_the_same() -> None:
    brands = np.array([5, 5, 5, 6, 7])
    found = diversify(candidates(1.0, 0.9, 0.8, 0.7, 0.6), [brands], 0.5)
    # at half and half: row 1 is worth 0.45 - 0.5, row 3 0.35, row 4 0.3; then the rest by relevance
    assert found.rows.tolist() == [0, 3, 4, 1, 2]


def test_traits_share_the_likeness() -> None:
    brands, categories = np.array([1, 1, 1, 2]), np.array([3, 3, 4, 3])
    found = diversify(candidates(1.0, 0.9, 0.8, 0.75), [brands, categories], 0.5)
    # row 1: 0.45 - 0.5; row 2: 0.4 - 0.25; row 3: 0.375 - 0.25
    assert found.rows.tolist() == [0, 2, 3, 1]


def test_vectors_tell_what_is_alike() -> None:
    vectors = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    assert diversify(candidates(1.0, 0.9, 0.8), [], 0.5, vectors=vectors).rows.tolist() == [0, 2, 1]


def test_scores_stay_with_the_places() -> None:
    found = candidates(1.0, 0.9, 0.8)
    assert diversify(found, [np.array([5, 5, 6])], 0.5).scores.tolist() == found.scores.tolist()


def test_a_brand_that_was_asked_for_is_not_thinned_out() -> None:
    brands = np.array([5, 5, 5, 5, 5, 5, 5, 5, 6, 7])  # 8 of 10
    found = candidates(*np.linspace(1, 0.5, 10).tolist())
    assert diversify(found, [brands], 0.5).rows.tolist() == list(range(10))
    brands[0] = 8  # 7 of 10: the others come forward
    assert diversify(found, [brands], 0.5).rows.tolist()[:4] == [0, 1, 8, 9]


def test_items_without_a_brand_are_not_alike() -> None:
    assert diversify(candidates(1.0, 0.9, 0.8), [np.array([-1, -1, 6])], 0.5).rows.tolist() == [0, 1, 2]


@pytest.mark.parametrize("weight", [1.0, 0.5])
def test_equal_scores_keep_their_order_where_nothing_is_alike(weight: float) -> None:
    assert diversify(candidates(1.0, 1.0, 1.0, 1.0), [np.arange(4)], weight).rows.tolist() == [0, 1, 2, 3]


def test_scores_of_any_range_can_be_diversified() -> None:
    brands = np.array([5, 5, 6])
    assert diversify(candidates(0.0, -0.1, -2.0), [brands], 0.2).rows.tolist() == [0, 2, 1]
    assert diversify(candidates(0.0, 0.0, 0.0), [brands], 0.2).rows.tolist() == [0, 2, 1]


def test_relevance_alone_and_no_traits_leave_the_order() -> None:
    found = candidates(1.0, 0.9, 0.8)
    assert diversify(found, [np.array([5, 5, 6])], 1.0) is found
    assert diversify(found, [], 0.5) is found


CODES = st.integers(-1, 3)


@given(st.lists(st.tuples(st.floats(-3, 3, width=32), CODES, CODES), max_size=70), st.floats(0, 1))
def test_the_top_is_a_permutation_with_the_first_in_its_place(
    items: list[tuple[float, int, int]], weight: float
) -> None:
    found = candidates(*sorted((item[0] for item in items), reverse=True))
    traits = [np.array([item[1] for item in items], np.int64), np.array([item[2] for item in items], np.int64)]
    other = diversify(found, traits, weight)
    assert other.rows[:1].tolist() == found.rows[:1].tolist()
    assert sorted(other.rows[:TOP].tolist()) == found.rows[:TOP].tolist()
    assert other.rows[TOP:].tolist() == found.rows[TOP:].tolist()
    assert diversify(found, traits, weight).rows.tolist() == other.rows.tolist()
