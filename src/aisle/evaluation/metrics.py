"""How good is a run: the measures of ir_measures by query, and how sure their means are."""

from collections.abc import Mapping, Sequence
from typing import Any

import ir_measures
import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError

DEFAULT_MEASURES = ("nDCG@10", "nDCG(judged_only=True)@10", "R(rel=2)@100", "RR(rel=2)@10")
"""In the notation of ir_measures. nDCG has linear gain and log2 discount (Järvelin and Kekäläinen, TOIS 2002); with
judged_only, items without a grade are taken out of the run first; rel=2 counts grades from 2 on as relevant."""
BLOCK = 1_000
"""Queries measured at once: 1,000 results each make dictionaries of about 100 MB."""


def parse_measures(names: Sequence[str], k: int) -> tuple[Any, ...]:
    """The ir_measures measures of that notation.

    Raises InputError for a name that ir_measures does not know, and for one that looks at more than `k` results.
    """
    measures = tuple(_parse(name) for name in names)
    for measure in measures:
        cutoff = measure["cutoff"] if "cutoff" in measure.SUPPORTED_PARAMS else None
        if isinstance(cutoff, int) and cutoff > k:
            raise InputError(f"{measure} looks at {cutoff} results, but k={k}; use k >= {cutoff}")
    return measures


def measure_run(
    qrels: Sequence[Mapping[str, int]], rankings: Sequence[Sequence[str]], measures: Sequence[Any]
) -> dict[str, NDArray[np.float64]]:
    """Each measure of each query: by notation, (n_queries,) float64 in the order given.

    `qrels` holds the grades by item id and `rankings` the item ids, best first, of each query. The
    order alone counts, so equal scores are no ties here; of an item that comes twice the first
    counts. Queries without results and queries without a relevant item count 0.

    >>> values = measure_run([{"a": 1}], [["b", "a"]], parse_measures(["RR@10"], k=10))
    >>> values["RR@10"].tolist()
    [0.5]
    """
    values = {str(measure): np.zeros(len(qrels)) for measure in measures}
    for start in range(0, len(qrels), BLOCK):
        block = range(start, min(start + BLOCK, len(qrels)))
        judged = {f"q{query}": dict(qrels[query]) for query in block}
        run = {f"q{query}": _scored(rankings[query]) for query in block if rankings[query]}
        for found in ir_measures.iter_calc(measures, judged, run):
            values[str(found.measure)][int(found.query_id[1:])] = found.value
    return values


def bootstrap_interval(
    values: NDArray[np.float64], *, seed: int = 0, n_resamples: int = 1_000, level: float = 0.95
) -> tuple[float, float]:
    """Where the mean of `values` lies in `level` of the samples drawn anew from them.

    The percentile bootstrap over queries (Efron 1979; for retrieval Sakai, SIGIR 2006); the same seed, the same answer.
    """
    rng = np.random.default_rng(seed)
    means = [values[rng.integers(0, len(values), len(values))].mean() for _ in range(n_resamples)]
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _parse(name: str) -> Any:
    try:
        measure = ir_measures.parse_measure(name)
        measure.validate_params()
    except (ValueError, NameError, KeyError, TypeError, AssertionError) as error:
        raise InputError(
            f"{name!r} is no measure ({error}); write it as ir_measures does: nDCG@10, R(rel=2)@100"
        ) from error
    return measure


def _scored(ranking: Sequence[str]) -> dict[str, float]:
    """Scores that fall with the rank, because measures break ties between equal scores by item id."""
    return {item_id: -float(rank) for rank, item_id in enumerate(dict.fromkeys(ranking))}
