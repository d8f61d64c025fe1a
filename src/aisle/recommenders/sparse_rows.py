"""Rows of sparse matrices: the highest of each, and rows as candidates."""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from aisle.recommenders.slate import liked
from aisle.types import Candidates, Rows, Scores, no_candidates

EMPTY = sparse.csr_matrix((0, 0), dtype=np.float32)
MAX_BLOCK_ENTRIES = 2_000_000
"""Most entries of a product at work at once while fitting: about 50 bytes each, so 100 MB, besides what is kept."""


def row_of(matrix: Any, row: int) -> tuple[Rows, Scores]:
    """The columns of one row of a CSR matrix, int64, and their values."""
    part = slice(matrix.indptr[row], matrix.indptr[row + 1])
    return matrix.indices[part].astype(np.int64), matrix.data[part]


def entry_rows(matrix: Any) -> NDArray[np.int64]:
    """(nnz,) int64: the row of each entry of a CSR matrix."""
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))


def highest(matrix: Any, k: int) -> Any:
    """The CSR `matrix`, columns in order, with the `k` highest values of each row that are above 0.

    Equal values: the lower column stays.
    """
    kept = matrix.data > 0
    counts = np.diff(np.concatenate([[0], np.cumsum(kept)])[matrix.indptr])
    for row in np.flatnonzero(counts > k):
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        kept[part] = _highest(matrix.data[part], k)
    indptr = np.concatenate([[0], np.cumsum(kept)])[matrix.indptr]
    return sparse.csr_matrix((matrix.data[kept], matrix.indices[kept], indptr), shape=matrix.shape)


def _highest(values: NDArray[np.float32], k: int) -> NDArray[np.bool_]:
    threshold = np.partition(values, len(values) - k)[len(values) - k]
    kept: NDArray[np.bool_] = values > threshold
    kept[np.flatnonzero(values == threshold)[: k - int(kept.sum())]] = True
    return kept


def blocks(sizes: NDArray[Any]) -> list[tuple[int, int]]:
    """Ranges of positions whose `sizes` add up to at most MAX_BLOCK_ENTRIES, or of one position where it alone is more.

    >>> blocks(np.array([1e6, 1e6, 9e6, 1]))
    [(0, 2), (2, 3), (3, 4)]
    """
    totals = np.concatenate([[0], np.cumsum(sizes)])
    starts = [0]
    while starts[-1] < len(sizes):
        end = int(np.searchsorted(totals, totals[starts[-1]] + MAX_BLOCK_ENTRIES, side="right")) - 1
        starts.append(max(end, starts[-1] + 1))
    return list(pairwise(starts))


def most_products(matrix: Any) -> NDArray[np.float64]:
    """(n_columns,): the most entries that each row of `matrix.T @ matrix` may have, for `blocks`."""
    counts = np.diff(matrix.indptr)
    most = np.bincount(matrix.indices, np.repeat(counts, counts), minlength=matrix.shape[1])
    bounded: NDArray[np.float64] = np.minimum(most, matrix.shape[1]).astype(np.float64)
    return bounded


def neighbors_of(matrix: Any, row: int, k: int, source: str) -> Candidates:
    """The `k` highest of one row of a square CSR matrix above 0, without the row itself; none for an unknown row."""
    if not 0 <= row < matrix.shape[0]:
        return no_candidates(source)
    rows, values = row_of(matrix, row)
    return liked(values, k, source, np.array([row]), rows)
