"""Vectors of items by row, however they are kept: in full, in bytes, on disk."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from aisle.types.candidates import Vectors


class ItemVectors(Protocol):
    """What is read of the items' vectors, (n_rows, dim): a few rows, or products with all of them.

    An array of numpy is one. Where they are many, never ask for all rows at once: that is what `dot` is for.
    """

    @property
    def shape(self) -> tuple[int, ...]:
        """(n_rows, dim)."""
        ...

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Any, /) -> Vectors:
        """(dim,) float32 of one row; (n, dim) of n."""
        ...

    def dot(self, other: Any, /) -> NDArray[np.float32]:
        """Products with `other`, (dim,) or (dim, m) float32: (n_rows,) or (n_rows, m)."""
        ...
