from math import log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle.errors import InputError
from aisle.evaluation import DEFAULT_MEASURES, bootstrap_interval, measure_run, metrics, parse_measures

ITEMS = [f"item {number}" for number in range(8)]
grades = st.dictionaries(st.sampled_from(ITEMS), st.integers(0, 3), min_size=1)
rankings = st.permutations(ITEMS)


def measured(name: str, qrels: dict[str, int], ranking: list[str]) -> float:
    (value,) = measure_run([qrels], [ranking], parse_measures([name], k=100))[name]
    return float(value)


def test_ndcg_is_the_gain_by_hand() -> None:
    # grades 0, 3, (none), 1 in the ranking, where 3, 2, 1 would be ideal
    found = measured("nDCG@10", {"a": 3, "b": 2, "c": 1, "d": 0}, ["d", "a", "x", "c"])
    assert found == pytest.approx((3 / log2(3) + 1 / log2(5)) / (3 / log2(2) + 2 / log2(3) + 1 / log2(4)))


def test_judged_only_takes_items_without_a_grade_out_of_the_ranking() -> None:
    found = measured("nDCG(judged_only=True)@10", {"a": 3, "b": 1}, ["x", "y", "b", "a"])
    assert found == pytest.approx((1 + 3 / log2(3)) / (3 + 1 / log2(3)))


def test_recall_and_reciprocal_rank_count_grades_from_two_on() -> None:
    qrels = {"a": 3, "b": 2, "c": 1, "d": 2}
    assert measured("R(rel=2)@100", qrels, ["c", "a", "b"]) == pytest.approx(2 / 3)
    assert measured("RR(rel=2)@10", qrels, ["c", "x", "b"]) == pytest.approx(1 / 3)


def test_nothing_below_the_cutoff_counts() -> None:
    ranking = [f"x{number}" for number in range(10)]
    assert measured("nDCG@10", {"a": 3}, [*ranking, "a"]) == 0
    assert measured("RR(rel=2)@10", {"a": 3}, [*ranking, "a"]) == 0


def test_an_item_that_comes_twice_counts_once_at_its_first_rank() -> None:
    assert measured("RR(rel=2)@10", {"a": 3, "b": 1}, ["b", "a", "a", "b"]) == 1 / 2


def test_queries_without_results_or_relevant_items_count_zero() -> None:
    values = measure_run([{"a": 3}, {"a": 0}, {"a": 3}], [[], ["a"], ["a"]], parse_measures(DEFAULT_MEASURES, 100))
    assert {name: of.tolist() for name, of in values.items()} == {name: [0, 0, 1] for name in DEFAULT_MEASURES}


def test_blocks_of_queries_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "BLOCK", 2)
    values = measure_run(
        [{"a": 1}] * 5, [["a"], ["x", "a"], [], ["a"], ["x", "x2", "a"]], parse_measures(["RR@10"], 10)
    )
    assert values["RR@10"].tolist() == [1, 1 / 2, 0, 1, pytest.approx(1 / 3)]


@settings(deadline=None)
@given(grades, rankings)
def test_every_measure_lies_between_zero_and_one(qrels: dict[str, int], ranking: list[str]) -> None:
    for of in measure_run([qrels], [ranking], parse_measures(DEFAULT_MEASURES, 100)).values():
        assert 0 <= of[0] <= 1 + 1e-9


@settings(deadline=None)
@given(grades)
def test_a_perfect_ranking_scores_one(qrels: dict[str, int]) -> None:
    ideal = sorted(qrels, key=lambda item: -qrels[item])
    values = measure_run([qrels], [ideal], parse_measures(DEFAULT_MEASURES, 100))
    best = max(qrels.values())
    assert values["nDCG@10"][0] == pytest.approx(1 if best > 0 else 0)
    assert values["R(rel=2)@100"][0] == values["RR(rel=2)@10"][0] == (1 if best >= 2 else 0)


@settings(deadline=None)
@given(grades, rankings)
def test_no_ranking_beats_the_ideal_one_nor_falls_below_its_reverse(qrels: dict[str, int], ranking: list[str]) -> None:
    ideal = sorted(ITEMS, key=lambda item: -qrels.get(item, 0))
    worst, middle, best = (measured("nDCG@10", qrels, one) for one in (ideal[::-1], ranking, ideal))
    assert worst - 1e-9 <= middle <= best + 1e-9


@pytest.mark.parametrize("name", ["ndgc@10", "nDCG@", "nDCG(depth=2)@10", "", "nDCG@10 R@5"])
def test_a_name_that_is_no_measure_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="is no measure"):
        parse_measures([name], k=100)


def test_a_measure_that_looks_beyond_k_is_refused() -> None:
    with pytest.raises(InputError, match="looks at 100 results, but k=10; use k >= 100"):
        parse_measures(["R@100"], k=10)


def test_a_measure_without_cutoff_fits_any_k() -> None:
    assert [str(measure) for measure in parse_measures(["AP", "NumRet"], k=1)] == ["AP", "NumRet"]


def test_the_interval_holds_the_mean_and_is_the_same_each_time() -> None:
    values = np.array([0.0, 1.0] * 50)
    low, high = bootstrap_interval(values)
    # the standard error is 0.05, so about 0.5 -+ 1.96 * 0.05
    assert low == pytest.approx(0.4, abs=0.03)
    assert high == pytest.approx(0.6, abs=0.03)
    assert bootstrap_interval(values) == (low, high)


def test_one_query_has_no_spread() -> None:
    assert bootstrap_interval(np.array([0.25])) == (0.25, 0.25)
