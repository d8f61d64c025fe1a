"""How good an order is, while something is learned."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from aisle.types import Candidates

K = 10
_DISCOUNTS = 1 / np.log2(np.arange(2, K + 2))
Graded = Mapping[int, float]
"""Grade by row; rows without one count as 0."""


def ndcg(ranked: Candidates, graded: Graded) -> float:
    """nDCG@10 of an order: linear gain, log2 discount, unjudged = 0; 0 where nothing is relevant.

    Järvelin and Kekäläinen 2002, "Cumulated gain-based evaluation of IR techniques".

    >>> ndcg(Candidates(np.array([7, 8]), np.array([2, 1], np.float32), "x"), {8: 3})
    0.6309297535714575
    """
    return ndcg_of(np.array([graded.get(row, 0.0) for row in ranked.rows[:K].tolist()]), graded)


def ndcg_of(grades: NDArray[np.float64], graded: Graded) -> float:
    """nDCG@10 of grades in the order of an answer."""
    ideal = np.array(sorted(graded.values(), reverse=True)[:K])
    best = float(ideal @ _DISCOUNTS[: len(ideal)])
    return float(grades[:K] @ _DISCOUNTS[: len(grades[:K])]) / best if best > 0 else 0.0
