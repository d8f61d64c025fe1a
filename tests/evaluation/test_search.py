import json
from math import log2
from pathlib import Path

import polars as pl
import pytest

from aisle.errors import InputError
from aisle.evaluation import DEFAULT_MEASURES, evaluate_search
from aisle.testing.toy_shop import toy_judgments
from aisle.types import Judgment

ANSWERS = {
    "usb c cable": [("e1", 3.0), ("e3", 2.0), ("k9", 2.0), ("e2", 1.0)],
    "headphones": [("e4", 0.9), ("e5", 0.8), ("e6", 0.7)],
}
"""A search that finds nothing for "coffee"."""


def search(query: str, k: int) -> list[tuple[str, float]]:
    return ANSWERS.get(query, [])[:k]


CABLE = (3 + 1 / log2(3) + 3 / log2(5)) / (3 + 3 / log2(3) + 1 / log2(4))


def test_the_mean_goes_over_all_judged_queries() -> None:
    report = evaluate_search(search, toy_judgments())
    assert report.n_queries == 3
    assert report.metrics == pytest.approx(
        {
            "nDCG@10": (CABLE + 1 + 0) / 3,
            "nDCG(judged_only=True)@10": ((3 + 1 / log2(3) + 3 / log2(4)) / (3 + 3 / log2(3) + 1 / log2(4)) + 1 + 0)
            / 3,
            "R(rel=2)@100": 2 / 3,
            "RR(rel=2)@10": 2 / 3,
        }
    )
    assert report.per_query["usb c cable"]["nDCG@10"] == pytest.approx(CABLE)
    assert report.per_query["coffee"] == dict.fromkeys(DEFAULT_MEASURES, 0)


def test_the_report_is_the_documented_json() -> None:
    report = json.loads(json.dumps(evaluate_search(search, toy_judgments()).to_dict()))
    assert list(report) == ["n_queries", "metrics", "latency_ms", "intervals", "unjudged@10"]
    assert tuple(report["metrics"]) == DEFAULT_MEASURES
    assert list(report["latency_ms"]) == ["p50", "p99"]
    for name, (low, high) in report["intervals"].items():
        assert 0 <= low <= report["metrics"][name] <= high <= 1


def test_the_share_without_a_grade_counts_the_results_shown() -> None:
    assert evaluate_search(search, toy_judgments()).unjudged_at_10 == pytest.approx(1 / 7)


def test_a_search_that_finds_nothing_scores_zero() -> None:
    report = evaluate_search(lambda query, k: [], toy_judgments())
    assert set(report.metrics.values()) == {0.0}
    assert report.unjudged_at_10 == 0


def test_equal_scores_keep_the_order_of_the_search() -> None:
    tied = [(item, 1.0) for item in ("a", "b", "c")]
    for wanted, rank in (("a", 1), ("b", 2), ("c", 3)):
        report = evaluate_search(lambda query, k: tied, [Judgment("q", wanted, 3)])
        assert report.metrics["RR(rel=2)@10"] == pytest.approx(1 / rank)


def test_results_beyond_k_do_not_count() -> None:
    report = evaluate_search(lambda query, k: [("x", 2.0), ("a", 1.0)], [Judgment("q", "a", 3)], 1, ["R@1"])
    assert report.metrics == {"R@1": 0}


def test_the_first_query_is_asked_once_more_to_warm_up() -> None:
    asked: list[str] = []

    def remember(query: str, k: int) -> list[tuple[str, float]]:
        asked.append(query)
        return []

    latency_ms = evaluate_search(remember, toy_judgments()).latency_ms
    assert asked == ["usb c cable", "usb c cable", "headphones", "coffee"]
    assert 0 <= latency_ms["p50"] <= latency_ms["p99"]


def test_progress_is_told_after_each_query() -> None:
    told: list[tuple[int, int]] = []
    evaluate_search(search, toy_judgments(), progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_of_two_grades_the_later_wins() -> None:
    report = evaluate_search(lambda query, k: [("a", 1.0)], [Judgment("q", "a", 3), Judgment("q", "a", 0)])
    assert report.metrics["nDCG@10"] == 0


def test_queries_and_items_may_hold_any_characters() -> None:
    report = evaluate_search(lambda query, k: [("no 5\u00a0'é'", 1.0)], [Judgment('蓝牙 "x" y', "no 5\u00a0'é'", 2)])
    assert report.metrics["nDCG@10"] == 1


def test_no_judgments_are_refused() -> None:
    with pytest.raises(InputError, match="no judgments"):
        evaluate_search(search, [])


def test_ideal_answers_to_real_queries_score_one_where_anything_is_relevant(datasets: Path) -> None:
    folder = datasets / "chorus_icecat"
    queries = pl.read_parquet(folder / "queries.parquet")
    judged = pl.read_parquet(folder / "judgments.parquet").join(queries, on="query_id")
    pairs = judged.select("query", "item_id", "grade")
    judgments = [Judgment(query, str(item), grade) for query, item, grade in pairs.iter_rows()]
    ideal = sorted(judgments, key=lambda judgment: -judgment.grade)
    report = evaluate_search(
        lambda query, k: [(one.item_id, float(one.grade)) for one in ideal if one.query == query][:k], judgments
    )
    answerable = judged.filter(pl.col("grade") > 0)["query"].n_unique()
    assert report.n_queries == judged["query"].n_unique() == 67
    assert report.metrics["nDCG@10"] == pytest.approx(answerable / 67)
