from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.evaluation import measure_run, parse_measures
from aisle.ranking.gain import ndcg_of, surely_better


def ndcg(rows: Sequence[int], graded: Mapping[int, int]) -> float:
    return ndcg_of(np.array([float(graded.get(row, 0)) for row in rows]), graded)


def test_the_best_order_gains_1() -> None:
    assert ndcg([4, 9, 2], {4: 3, 9: 1, 2: 0}) == 1


def test_a_good_item_in_second_place_gains_less() -> None:
    assert ndcg([7, 4], {4: 3}) == pytest.approx(1 / np.log2(3))


def test_without_a_relevant_item_there_is_nothing_to_gain() -> None:
    assert ndcg([1], {1: 0}) == ndcg([1], {}) == ndcg([], {1: 2}) == 0


@given(st.permutations(range(15)), st.dictionaries(st.integers(0, 20), st.integers(0, 4), min_size=1))
def test_it_is_what_the_evaluation_measures(rows: list[int], graded: dict[int, int]) -> None:
    run = [[str(row) for row in rows]]
    judged = [{str(row): grade for row, grade in graded.items()}]
    (measured,) = measure_run(judged, run, parse_measures(["nDCG@10"], 10)).values()
    assert ndcg(rows, graded) == pytest.approx(measured[0])


def test_a_gain_that_may_be_chance_is_not_taken() -> None:
    assert surely_better(np.array([0.2, 0.1, 0.1]))
    assert not surely_better(np.array([1.0, -0.9, 0.0, 0.0]))
    assert not surely_better(np.zeros(5))
