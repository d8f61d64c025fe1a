"""How every scoring model turns scores into candidates."""

import numpy as np

from aisle.types import Candidates, Rows, Scores, best_first


def liked(scores: Scores, k: int, source: str, excluded: Rows, rows: Rows | None = None) -> Candidates:
    """The `k` highest of the scores above 0 whose row is not excluded; ties go to the lower position.

    `rows` names the row of each score (default: 0 to n-1). Rows in `excluded` that are not there
    are passed over; NaN is never proposed.

    >>> liked(np.array([0.5, 0.9, 0.7, -0.1], np.float32), 3, "x", np.array([1, 99])).rows.tolist()
    [2, 0]
    """
    positions = np.flatnonzero(scores > 0)
    named = positions if rows is None else rows[positions]
    if len(excluded):
        kept = np.isin(named, excluded, invert=True)
        positions, named = positions[kept], named[kept]
    return best_first(scores[positions], k, source, named)
