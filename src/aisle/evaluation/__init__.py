"""Is it good? Runs against judgments, in the measures of the papers, with intervals."""

from aisle.evaluation.metrics import DEFAULT_MEASURES, bootstrap_interval, measure_run, parse_measures
from aisle.evaluation.search import SearchReport, evaluate_search

__all__ = [
    "DEFAULT_MEASURES",
    "SearchReport",
    "bootstrap_interval",
    "evaluate_search",
    "measure_run",
    "parse_measures",
]
