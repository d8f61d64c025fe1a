"""Histories end to end, for models that answer many in one sparse product."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from aisle.recommenders.protocol import History
from aisle.types import Rows

BLOCK = 256
"""Histories answered in one sparse product."""


@dataclass(frozen=True, slots=True)
class Stack:
    """The known rows of several histories, one history after the other, each oldest first."""

    rows: Rows
    """(n,) int64."""
    weights: NDArray[np.float32]
    """(n,) float32."""
    indptr: NDArray[np.int64]
    """(n_histories + 1,) int64: history h is at indptr[h] to indptr[h + 1]."""
    n_items: int

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @property
    def owners(self) -> NDArray[np.int64]:
        """(n,) int64, the history that each event is of."""
        return np.repeat(np.arange(len(self)), np.diff(self.indptr))

    @property
    def ages(self) -> NDArray[np.int64]:
        """(n,) int64, how many events of the same history are newer: 0 for the newest.

        >>> stack([History(np.array([5, 6]), np.ones(2, np.float32))], 9).ages.tolist()
        [1, 0]
        """
        return np.repeat(self.indptr[1:], np.diff(self.indptr)) - 1 - np.arange(len(self.rows))

    def where(self, kept: NDArray[np.bool_]) -> "Stack":
        """The events that are `kept`, (n,) bool."""
        if kept.all():
            return self
        indptr = np.concatenate([[0], np.cumsum(kept)])[self.indptr]
        return Stack(self.rows[kept], self.weights[kept], indptr, self.n_items)

    def matrix(self, values: NDArray[np.float32] | None = None) -> Any:
        """(n_histories, n_items) sparse float32 of `values`, one an event (default: the weights)."""
        data = self.weights if values is None else values
        shape = (len(self), self.n_items)
        return sparse.csr_matrix((data.astype(np.float32, copy=False), self.rows, self.indptr), shape=shape)


def stack(histories: Sequence[History], n_items: int) -> Stack:
    """`histories` end to end, without rows outside 0 to n_items-1."""
    rows = np.concatenate([history.rows for history in histories]) if histories else np.empty(0, np.int64)
    weights = np.concatenate([history.weights for history in histories]) if histories else np.empty(0, np.float32)
    indptr = np.concatenate([[0], np.cumsum([len(history.rows) for history in histories], dtype=np.int64)])
    return Stack(rows, weights, indptr, n_items).where((rows >= 0) & (rows < n_items))
