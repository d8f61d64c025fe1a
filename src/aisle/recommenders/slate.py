"""How every scoring model turns scores into candidates."""

from collections.abc import Sequence

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


def propose(scores: Scores, k: int, source: str, exclude: Sequence[Rows]) -> list[Candidates]:
    """`liked` of each row of `scores`, (n, n_items) float32, without the rows that `exclude` holds for it."""
    return [liked(of, k, source, out) for of, out in zip(scores, exclude, strict=True)]
