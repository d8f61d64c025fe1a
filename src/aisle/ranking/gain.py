"""How good an order is, while something is learned."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

K = 10
_DISCOUNTS = 1 / np.log2(np.arange(2, K + 2))
Graded = Mapping[int, float]
"""Grade by row; rows without one count as 0."""


def ndcg_of(grades: NDArray[np.float64], graded: Graded) -> float:
    """nDCG@10 of grades in the order of an answer: linear gain, log2 discount; 0 where nothing is relevant.

    Järvelin and Kekäläinen 2002, "Cumulated gain-based evaluation of IR techniques".

    >>> ndcg_of(np.array([0.0, 3.0]), {8: 3})
    0.6309297535714575
    """
    ideal = np.array(sorted(graded.values(), reverse=True)[:K])
    best = float(ideal @ _DISCOUNTS[: len(ideal)])
    return float(grades[:K] @ _DISCOUNTS[: len(grades[:K])]) / best if best > 0 else 0.0


def surely_better(gains: NDArray[np.float64]) -> bool:
    """True when the mean of the differences by query lies more than one standard error above 0."""
    return bool(gains.mean() > gains.std() / np.sqrt(len(gains)) and gains.mean() > 0)
