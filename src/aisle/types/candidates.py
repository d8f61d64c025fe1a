"""Rows with scores: what every retriever, model and ranker hands on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""(n, dim) float32, each row L2-normalised or all zero."""
Rows = NDArray[np.int64]
"""(n,) int64 item rows: our own integer positions. Only the id map turns them into item ids."""
Scores = NDArray[np.float32]
"""(n,) float32, higher is better."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Items that a retriever or a model proposes, best first."""

    rows: Rows
    """(n,) int64, each row at most once."""
    scores: Scores
    """(n,) float32, never increasing."""
    source: str
    """Who proposed them: "lexical", "dense", "item_knn", ..."""

    def __len__(self) -> int:
        return len(self.rows)

    def top(self, k: int) -> "Candidates":
        """The first `k` of them."""
        return Candidates(self.rows[:k], self.scores[:k], self.source)


def no_candidates(source: str) -> Candidates:
    """An empty proposal, the ordinary answer to an empty query, an unknown item or a new user."""
    return Candidates(np.empty(0, np.int64), np.empty(0, np.float32), source)


SHORT = 1_000
"""So many scores are sorted at once: to look for the best ones first would take longer."""


def best_first(scores: Scores, k: int, source: str, rows: Rows | None = None) -> Candidates:
    """The `k` highest of `scores` as candidates; ties go to the lower position.

    `scores` is (n,) float32, where -inf leaves an item out; `rows` names the row of each position
    (default: 0 to n-1).

    >>> best_first(np.array([1, 3, 3, -np.inf], np.float32), 2, "x").rows.tolist()
    [1, 2]
    """
    positions = np.isfinite(scores).nonzero()[0]
    if k < len(positions) and len(positions) > SHORT:
        kept = scores[positions]
        threshold = np.partition(kept, len(kept) - k)[len(kept) - k]
        above = positions[kept > threshold]
        tied = positions[kept == threshold][: k - len(above)]
        positions = np.sort(np.concatenate([above, tied]))
    order = positions[(-scores[positions]).argsort(kind="stable")[:k]]
    chosen = order if rows is None else rows[order]
    return Candidates(chosen.astype(np.int64, copy=False), scores[order].astype(np.float32, copy=False), source)


def union(one: Rows, other: Rows) -> Rows:
    """The rows of both, each once, ascending; quicker than numpy's for a few hundred.

    >>> union(np.array([4, 1]), np.array([2, 4])).tolist()
    [1, 2, 4]
    """
    rows = np.sort(np.concatenate([one, other]))
    first = np.ones(len(rows), bool)
    np.not_equal(rows[1:], rows[:-1], out=first[1:])
    return rows[first]


def among(rows: Rows, others: Rows) -> NDArray[np.bool_]:
    """(len(rows),) bool: which of `rows` are among `others`, which ascend.

    >>> among(np.array([5, 2, 9]), np.array([2, 3, 5])).tolist()
    [True, True, False]
    """
    if not len(others):
        return np.zeros(len(rows), bool)
    return np.asarray(others[np.minimum(np.searchsorted(others, rows), len(others) - 1)] == rows)
