"""A first page that offers a choice: not ten times the same brand."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aisle.ranking.variants import Codes
from aisle.types import Candidates, Rows, Scores, Vectors

TOP = 50
"""Results that are put into another order; what follows is seldom looked at."""
FIRST_PAGE = 10
ASKED_FOR = 0.8
"""A brand with this share of the first page is what the shopper asked for: sharing it is no lack of choice."""
Likeness = NDArray[np.float32]


def diversify(
    found: Candidates, traits: Sequence[Codes], relevance_weight: float, *, vectors: Vectors | None = None
) -> Candidates:
    """The candidates, the top of them in an order that weighs how well an item fits against how much it is a repeat.

    Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): again and again the item with the
    highest `relevance_weight` * relevance - (1 - `relevance_weight`) * its likeness to the most alike of
    those chosen before; 1 leaves the order as it is. Relevance is the share of the best score.
    Likeness is the share of `traits` (brand, category: numbers by row) in which two items agree,
    averaged with their cosine where `vectors`, (n_rows, dim) float32 by row, are given.
    The first item stays the first; scores stay with the places, so that they never increase.

    >>> found = Candidates(np.array([0, 1, 2]), np.array([1, 0.9, 0.8], np.float32), "hybrid")
    >>> diversify(found, [np.array([5, 5, 6])], 0.5).rows.tolist()
    [0, 2, 1]
    """
    head = found.rows[:TOP]
    if relevance_weight >= 1 or len(head) < 3 or not (len(traits) or vectors is not None):
        return found
    likeness = _likeness(head, traits, vectors)
    if not likeness.any():
        return found
    order = _by_marginal_relevance(_relevance(found.scores[:TOP]), likeness, np.float32(relevance_weight))
    return Candidates(np.concatenate([head[order], found.rows[TOP:]]), found.scores, found.source)


def _relevance(scores: Scores) -> Scores:
    """Scores as a share of the best; they count from 0, or from the lowest where that is below 0."""
    zero = min(np.float32(0), scores[-1])
    best = scores[0] - zero
    return np.asarray((scores - zero) / best if best > 0 else np.ones_like(scores))


def _likeness(rows: Rows, traits: Sequence[Codes], vectors: Vectors | None) -> Likeness:
    """(n, n) float32, 0 to 1."""
    parts = [_agreement(codes[rows]) for codes in traits]
    if vectors is not None:
        near = vectors[rows]
        parts.append(np.maximum(near @ near.T, 0))
    return np.asarray(sum(parts[1:], parts[0]) / np.float32(len(parts)))


def _agreement(codes: Codes) -> Likeness:
    same = codes[:, None] == codes
    page = same[:, :FIRST_PAGE]
    counts = (codes >= 0) & (page.sum(axis=1) / page.shape[1] < ASKED_FOR)
    return np.asarray(same & counts, np.float32)


def _by_marginal_relevance(relevance: Scores, likeness: Likeness, weight: np.float32) -> NDArray[np.int64]:
    """(n,) int64 places, 0 first; of two that are worth the same the earlier comes first."""
    beside = weight * relevance - (1 - weight) * likeness  # what each is worth beside each other
    worth = np.full(len(relevance), np.inf, np.float32)
    order = np.zeros(len(relevance), np.int64)
    for place in range(len(order)):
        best = int(worth.argmax())
        order[place] = best
        np.minimum(worth, beside[best], out=worth)
        worth[best] = -np.inf
    return order
