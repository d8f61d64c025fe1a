import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aisle.ranking.stock import demote_sold_out
from aisle.types import Candidates


def candidates(*scores: float) -> Candidates:
    return Candidates(np.arange(len(scores)), np.array(scores, np.float32), "hybrid")


def sold_out(*places: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.isin(np.arange(6), places)


def test_a_sold_out_item_falls_behind_those_of_similar_relevance() -> None:
    found = demote_sold_out(candidates(1.0, 0.75, 0.625, 0.25), sold_out(0), factor=0.5)
    assert found.rows.tolist() == [1, 2, 0, 3]
    assert found.scores.tolist() == [0.75, 0.625, 0.5, 0.25]


def test_by_default_a_fifth_of_the_score_is_lost() -> None:
    assert demote_sold_out(candidates(1.0, 0.81, 0.79), sold_out(0)).rows.tolist() == [1, 0, 2]


def test_what_is_in_stock_is_left_as_it_is() -> None:
    found = candidates(1.0, 0.5)
    assert demote_sold_out(found, sold_out()) is found
    assert demote_sold_out(found, sold_out(0), factor=1) is found


def test_a_tie_goes_to_the_one_that_stood_before() -> None:
    assert demote_sold_out(candidates(1.0, 0.5), sold_out(0), factor=0.5).rows.tolist() == [0, 1]


@pytest.mark.parametrize("factor", [0.0, 0.5])
def test_scores_below_zero_count_from_the_lowest(factor: float) -> None:
    # from -2 upwards: 3, 2, 0; the first keeps its share of 3
    found = demote_sold_out(candidates(1.0, 0.0, -2.0), sold_out(0), factor)
    assert found.rows.tolist() == [1, 0, 2]
    assert found.scores.tolist() == [0.0, -2.0 + 3 * factor, -2.0]


def test_no_candidates_stay_none() -> None:
    assert len(demote_sold_out(candidates(), sold_out(0))) == 0


@example([1.6080920696258545, 1.6080920696258545, -3.0], {1}, 0.9999999999999999)
@given(st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=6), st.sets(st.integers(0, 5)), st.floats(0, 1))
def test_none_is_removed_and_no_sold_out_item_rises(scores: list[float], gone: set[int], factor: float) -> None:
    found = candidates(*sorted(scores, reverse=True))
    demoted = demote_sold_out(found, sold_out(*gone), factor)
    assert sorted(demoted.rows.tolist()) == found.rows.tolist()
    assert (np.diff(demoted.scores) <= 0).all()
    in_stock = [row for row in demoted.rows.tolist() if row not in gone]
    assert in_stock == sorted(in_stock)
    for row in gone & set(found.rows.tolist()):
        assert demoted.rows.tolist().index(row) >= row - len([other for other in gone if other < row])
