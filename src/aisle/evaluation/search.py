"""Is the search good, and how fast: a search function against judgments."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError
from aisle.evaluation.metrics import DEFAULT_MEASURES, bootstrap_interval, measure_run, parse_measures
from aisle.types import Judgment

Search = Callable[[str, int], Sequence[tuple[str, float]]]
"""Answers a query with at most k pairs of item id and score, best first."""
SHOWN = 10
"""Results that `unjudged_at_10` looks at."""


@dataclass(frozen=True, slots=True)
class SearchReport:
    """How good a search is on judged queries. Every judged query counts, also those without a relevant item."""

    n_queries: int
    metrics: Mapping[str, float]
    """Mean over the queries, by notation: {"nDCG@10": 0.62}."""
    intervals: Mapping[str, tuple[float, float]]
    """95 % bootstrap interval of each mean."""
    latency_ms: Mapping[str, float]
    """"p50" and "p99" of one call, after one call to warm up."""
    unjudged_at_10: float
    """Share of the first ten results that nobody has graded, from 0 to 1; they count as irrelevant."""
    per_query: Mapping[str, Mapping[str, float]]
    """By query and notation."""

    def to_dict(self) -> dict[str, Any]:
        """The report for JSON, without the single queries."""
        return {
            "n_queries": self.n_queries,
            "metrics": dict(self.metrics),
            "latency_ms": dict(self.latency_ms),
            "intervals": {name: list(interval) for name, interval in self.intervals.items()},
            "unjudged@10": self.unjudged_at_10,
        }


def evaluate_search(
    search: Search,
    judgments: Sequence[Judgment],
    k: int = 100,
    measures: Sequence[str] = DEFAULT_MEASURES,
    progress: Callable[[int, int], None] | None = None,
) -> SearchReport:
    """Ask `search` for the `k` best of every judged query and measure the answers.

    `progress` is called with the queries done and their number. Of two grades of one pair the later wins.
    Raises InputError without judgments, and for a measure that is unknown or looks beyond `k`.
    """
    parsed = parse_measures(measures, k)
    qrels = _by_query(judgments)
    rankings, times_ms = _ask(search, list(qrels), k, progress)
    values = measure_run(list(qrels.values()), rankings, parsed)
    return SearchReport(
        n_queries=len(qrels),
        metrics={name: float(of.mean()) for name, of in values.items()},
        intervals={name: bootstrap_interval(of) for name, of in values.items()},
        latency_ms={name: round(float(np.percentile(times_ms, at)), 3) for name, at in (("p50", 50), ("p99", 99))},
        unjudged_at_10=_unjudged(list(qrels.values()), rankings),
        per_query={
            query: {name: float(of[position]) for name, of in values.items()} for position, query in enumerate(qrels)
        },
    )


def _by_query(judgments: Sequence[Judgment]) -> dict[str, dict[str, int]]:
    if not judgments:
        raise InputError("no judgments given; evaluation needs at least one query with a graded item")
    qrels: dict[str, dict[str, int]] = {}
    for judgment in judgments:
        qrels.setdefault(judgment.query, {})[judgment.item_id] = int(judgment.grade)
    return qrels


def _ask(
    search: Search, queries: Sequence[str], k: int, progress: Callable[[int, int], None] | None
) -> tuple[list[list[str]], NDArray[np.float64]]:
    """The item ids found for each query, and the milliseconds that each took."""
    search(queries[0], k)
    rankings, times_ms = [], np.empty(len(queries))
    for position, query in enumerate(queries):
        start = time.perf_counter()
        found = search(query, k)
        times_ms[position] = (time.perf_counter() - start) * 1_000
        rankings.append([item_id for item_id, _ in found[:k]])
        if progress:
            progress(position + 1, len(queries))
    return rankings, times_ms


def _unjudged(qrels: Sequence[Mapping[str, int]], rankings: Sequence[Sequence[str]]) -> float:
    shown = [item_id in grades for grades, ranking in zip(qrels, rankings, strict=True) for item_id in ranking[:SHOWN]]
    return 1 - sum(shown) / len(shown) if shown else 0.0
