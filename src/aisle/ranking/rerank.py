"""A second, slower opinion on the best candidates."""

import numpy as np

from aisle.types import Candidates, Scores


def rerank(found: Candidates, opinions: Scores, weight: float = 1.0) -> Candidates:
    """The candidates, the first `len(opinions)` of them in the order of a second opinion.

    `opinions` is (k,) float32, 0 to 1, for the first k; an item's worth is `weight` times its opinion
    plus 1 - `weight` times its share of the best score, so that 1 asks the second opinion alone.
    Ties keep their order; scores stay with the places, so that they never increase.

    >>> found = Candidates(np.array([7, 8, 9]), np.array([1, 0.9, 0.1], np.float32), "hybrid")
    >>> rerank(found, np.array([0.2, 0.7], np.float32)).rows.tolist()
    [8, 7, 9]
    """
    k = len(opinions)
    head = found.scores[:k]
    zero = min(np.float32(0), head.min(initial=0))
    best = head.max(initial=0) - zero
    shares = (head - zero) / best if best > 0 else np.zeros_like(head)
    order = np.argsort(-(weight * opinions + (1 - weight) * shares), kind="stable")
    return Candidates(np.concatenate([found.rows[:k][order], found.rows[k:]]), found.scores, found.source)
