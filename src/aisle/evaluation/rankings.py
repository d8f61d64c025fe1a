"""How good are ranked lists: hit rate, nDCG, recall, MRR by question; coverage, Gini, novelty, diversity of all."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError
from aisle.recommenders.protocol import NOTHING, History, Holdout
from aisle.types import Rows, Scores, Vectors

NOBODY = -1
"""Fills a list that is shorter than its fellows."""
GROUP = 32
"""Items of which only the best is looked at when the threshold of a list is sought."""
BLOCK_SCORES = 8_000_000
"""Scores held at once: 32 MB as float32, and a few times that while they are sorted."""
Score = Callable[[Sequence[History]], Scores]
"""What a model thinks of every item, for each history: (n, n_items) float32."""


def top_lists(scores: Scores, k: int, excluded: Sequence[Rows], rng: np.random.Generator) -> NDArray[np.int64]:
    """(n, k) int64: the rows of the `k` highest scores above 0 of each line that are not excluded, best first.

    `scores` is (n, n_items) float32, finite. Equal scores come in an order drawn at random for each
    line, so that no model gains by the order of the catalogue. Lists shorter than `k` end in -1.

    >>> top_lists(np.array([[0.2, 0.9, 0, 0.5]], np.float32), 2, [np.array([1])], np.random.default_rng(0)).tolist()
    [[3, 0]]
    """
    n, n_items = scores.shape
    allowed = scores.copy()
    lines = np.repeat(np.arange(n), [len(rows) for rows in excluded])
    rows = np.concatenate([NOTHING, *excluded])
    known = (rows >= 0) & (rows < n_items)
    allowed[lines[known], rows[known]] = -np.inf
    lines, rows = np.nonzero(allowed >= _enough(allowed, k)[:, None])
    values = allowed[lines, rows]
    proposed = values > 0
    lines, rows, values = lines[proposed], rows[proposed], values[proposed]
    order = np.lexsort((rng.random(len(rows)), -values, lines))
    lines, rows = lines[order], rows[order]
    place = np.arange(len(lines)) - np.searchsorted(lines, np.arange(n))[lines]
    lists = np.full((n, k), NOBODY, np.int64)
    kept = place < k
    lists[lines[kept], place[kept]] = rows[kept]
    return lists


def _enough(scores: Scores, k: int) -> Scores:
    """(n,) float32: a score that at least `k` of each line reach, and not many more.

    The `k` highest of the maxima of groups of items belong to `k` items, so the lowest of them will
    do: three times as fast as ordering the scores themselves.
    """
    n, n_items = scores.shape
    n_groups = n_items // GROUP
    if n_groups >= 4 * k:
        grouped = scores[:, : n_groups * GROUP].reshape(n, GROUP, n_groups).max(axis=1)
        scores = np.concatenate([grouped, scores[:, n_groups * GROUP :]], axis=1)
    if scores.shape[1] <= k:
        return np.full(n, np.finfo(np.float32).tiny, np.float32)
    least: Scores = np.partition(scores, -k, axis=1)[:, -k]
    return np.maximum(least, np.finfo(np.float32).tiny)


def rank_holdout(score: Score, holdout: Holdout, k: int, n_items: int, seed: int = 0) -> NDArray[np.int64]:
    """(len(holdout), k) int64: the first `k` that a model proposes to each question, as `top_lists` does.

    Scores are asked for a block of histories at a time, so that memory stays bounded.
    """
    rng = np.random.default_rng(seed)
    lists = np.empty((len(holdout), k), np.int64)
    for start, end in blocks(len(holdout), n_items):
        scores = score(holdout.histories[start:end])
        lists[start:end] = top_lists(scores, k, holdout.excluded[start:end], rng)
    return lists


def blocks(n: int, n_items: int) -> Iterator[tuple[int, int]]:
    """Ranges of questions whose scores fit BLOCK_SCORES; of one question where it alone does not."""
    step = max(1, min(1_024, BLOCK_SCORES // max(1, n_items)))
    for start in range(0, n, step):
        yield start, min(start + step, n)


def hits(lists: NDArray[np.int64], relevant: Sequence[Rows]) -> NDArray[np.bool_]:
    """(n, k) bool: which places of each list hold something relevant."""
    width = 1 + max(int(lists.max(initial=0)), max((int(rows.max(initial=0)) for rows in relevant), default=0))
    wanted = np.repeat(np.arange(len(relevant)), [len(rows) for rows in relevant]) * width
    wanted = np.sort(wanted + np.concatenate([np.empty(0, np.int64), *relevant]))
    given = lists + np.arange(len(lists))[:, None] * width
    found = np.searchsorted(wanted, given)
    there = wanted[np.minimum(found, max(len(wanted) - 1, 0))] == given if len(wanted) else np.zeros_like(given, bool)
    return np.asarray(there & (lists != NOBODY))


def measure(
    lists: NDArray[np.int64], relevant: Sequence[Rows], cutoffs: Sequence[int]
) -> dict[str, NDArray[np.float64]]:
    """Each measure of each question, by name such as "NDCG@10": (n,) float64.

    With g(r) = 1 where rank r is relevant and R the number of relevant items, all different, known to
    the models or not:
    HR@k = 1 where any g(r) of the first k is; Recall@k = sum g(r) / R; MRR@k = 1 / the first relevant
    rank; NDCG@k = sum g(r) / log2(r + 1) over the same sum of an ideal list, whose first min(k, R) are
    relevant. Raises InputError when a cutoff is below 1 or above the length of the lists, and when a
    question has nothing relevant.
    """
    n_relevant = np.array([len(rows) for rows in relevant], np.int64)
    if min(cutoffs) < 1 or max(cutoffs) > lists.shape[1]:
        raise InputError(f"cutoffs {list(cutoffs)}; expected 1 to the length of the lists, {lists.shape[1]}")
    if len(n_relevant) and not n_relevant.min():
        raise InputError("a question has nothing relevant, so its nDCG and recall have no value; leave it out")
    found = hits(lists, relevant)
    discounts = 1 / np.log2(np.arange(2, lists.shape[1] + 2))
    ideals = np.cumsum(discounts)
    values: dict[str, NDArray[np.float64]] = {}
    for k in cutoffs:
        within = found[:, :k]
        any_hit: NDArray[np.bool_] = np.asarray(within.any(axis=1))
        values[f"HR@{k}"] = any_hit.astype(np.float64)
        values[f"NDCG@{k}"] = (within * discounts[:k]).sum(axis=1) / ideals[np.minimum(n_relevant, k) - 1]
        values[f"Recall@{k}"] = within.sum(axis=1) / n_relevant
        values[f"MRR@{k}"] = np.where(any_hit, 1 / (1 + within.argmax(axis=1)), 0.0)
    return values


def coverage(lists: NDArray[np.int64], n_items: int) -> float:
    """The share of the catalogue that stands on at least one list, from 0 to 1."""
    return float(np.count_nonzero(exposure(lists, n_items)) / n_items) if n_items else 0.0


def gini(lists: NDArray[np.int64], n_items: int) -> float:
    """How unequally the places go to the items: 0 when each has as many, near 1 when one has all.

    G = sum_i (2 i - n - 1) x_i / (n sum x), over the exposures x in rising order, items without any too.
    """
    shown = np.sort(exposure(lists, n_items)).astype(np.float64)
    if not shown.sum():
        return 0.0
    places = 2 * np.arange(1, n_items + 1) - n_items - 1
    return float(places @ shown / (n_items * shown.sum()))


def novelty(lists: NDArray[np.int64], counts: NDArray[np.int64]) -> float:
    """Mean of -log2 p(i) over all places, where p(i) is the item's share of all events, in bits.

    `counts` is (n_items,) events of each item in training; items without any count as if they had
    one. From Castells, Vargas and Wang, DDR 2011 (mean self-information).
    """
    shown = lists[lists != NOBODY]
    if not len(shown):
        return 0.0
    return float(-np.log2(np.maximum(counts[shown], 1) / max(1, counts.sum())).mean())


def diversity(lists: NDArray[np.int64], vectors: Vectors) -> float:
    """Mean of 1 - cosine over the pairs of each list, then over the lists of two items or more.

    `vectors` is (n_items, dim), of length 1; items whose vector is 0 are unknown and left out.
    From Ziegler et al., WWW 2005 (intra-list similarity).
    """
    values = []
    for rows in lists:
        own = vectors[rows[rows != NOBODY]].astype(np.float64)
        own = own[own.any(axis=1)]
        if len(own) > 1:
            summed = own.sum(axis=0)
            same = (own * own).sum()
            values.append(1 - (summed @ summed - same) / (len(own) * (len(own) - 1)))
    return float(np.mean(values)) if values else 0.0


def exposure(lists: NDArray[np.int64], n_items: int) -> NDArray[np.int64]:
    """(n_items,) int64: how many places each item has."""
    return np.bincount(lists[lists != NOBODY], minlength=n_items)
