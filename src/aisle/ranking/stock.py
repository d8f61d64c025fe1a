"""What cannot be bought stands behind what can."""

import numpy as np
from numpy.typing import NDArray

from aisle.types import Candidates

SOLD_OUT_FACTOR = 0.8
"""Share of its score that a sold-out item keeps. Fused scores lie close together: on 19,406 items of Icecat the first
result of a broad query falls to rank 9 at 0.8 and to rank 94, out of sight, at 0.5; whoever typed the very name of an
item still finds it third (66th at 0.5)."""


def demote_sold_out(found: Candidates, sold_out: NDArray[np.bool_], factor: float = SOLD_OUT_FACTOR) -> Candidates:
    """The same candidates, the sold-out ones with `factor` of their score, in the order of the new scores.

    `sold_out` is (n_rows,) bool by row. None is removed and ties keep their order. A score counts
    from 0, or from the lowest one where that is below 0, as those of a learned ranker may be.

    >>> found = Candidates(np.array([0, 1, 2]), np.array([1, 0.9, 0.7], np.float32), "hybrid")
    >>> demote_sold_out(found, np.array([True, False, False])).rows.tolist()
    [1, 0, 2]
    """
    gone = sold_out[found.rows]
    if factor == 1 or not gone.any():
        return found
    zero = min(np.float32(0), found.scores[-1])
    kept = zero + np.float32(factor) * (found.scores - zero)
    scores = np.where(gone, np.minimum(kept, found.scores), found.scores)  # rounded, a share may be above the whole
    order = np.argsort(-scores, kind="stable")
    return Candidates(found.rows[order], scores[order], found.source)
