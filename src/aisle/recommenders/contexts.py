"""What came again and again after two or three items in a row."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from aisle.recommenders.sparse_rows import EMPTY
from aisle.recommenders.stack import Stack
from aisle.types import Rows

_NO_KEYS = np.empty(0, np.int64)
_PARTS = ("keys", "data", "indices", "indptr")


@dataclass(frozen=True, slots=True)
class Table:
    """Contexts of one length: `keys` in order, and for each how often each item came next again."""

    keys: NDArray[np.int64]
    """(n_contexts,) int64: the items in a row as one number, oldest first, in base n_items."""
    counts: Any
    """(n_contexts, n_items) sparse float32: how often, less one; no row is empty."""

    def find(self, asked: NDArray[np.int64]) -> NDArray[np.int64]:
        """The position of each key, int64; -1 where it is not known."""
        if len(self.keys) == 0:
            return np.full(len(asked), -1)
        positions = np.minimum(np.searchsorted(self.keys, asked), len(self.keys) - 1)
        return np.where(self.keys[positions] == asked, positions, -1)


@dataclass(frozen=True, slots=True)
class Contexts:
    """Contexts of two and of three items."""

    tables: tuple[Table, Table]

    def refine(self, scores: Any, asked: Stack, order: int, backoff: float) -> Any:
        """(counts * weight + backoff * scores) / (total + backoff) where the newest `order` items are known; as sparse.

        `scores` is (n_histories, n_items) sparse; `weight` is that of the newest item.
        """
        table = self.tables[order - 2]
        long = np.flatnonzero(np.diff(asked.indptr) >= order)
        ends = asked.indptr[long + 1]
        places = table.find(_keys([asked.rows[ends - back] for back in range(order, 0, -1)], asked.n_items))
        known = places >= 0
        if not known.any():
            return scores
        told = table.counts[places[known]]
        owners, totals = long[known], np.asarray(told.sum(axis=1)).ravel()
        keep = np.ones(len(asked), np.float32)
        keep[owners] = backoff / (totals + backoff)
        share = (asked.weights[ends[known] - 1] / (totals + backoff)).astype(np.float32)
        shape = (len(asked), len(owners))
        spread = sparse.csr_matrix((share, (owners, np.arange(len(owners)))), shape=shape)
        return sparse.diags_array(keep, dtype=np.float32) @ scores + spread @ told

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What `of_arrays` reads, by name."""
        values: list[NDArray[Any]] = []
        for table in self.tables:
            values += [table.keys, table.counts.data, table.counts.indices, table.counts.indptr]
        return dict(zip(self.keys_of_arrays(), values, strict=True))

    @staticmethod
    def keys_of_arrays() -> list[str]:
        """The names of `arrays`."""
        return [f"context{order}_{part}" for order in (2, 3) for part in _PARTS]

    @classmethod
    def of_arrays(cls, arrays: list[NDArray[Any]], n_items: int) -> Self:
        """Contexts out of the values of `arrays`."""
        tables = []
        for keys, data, indices, indptr in (arrays[:4], arrays[4:]):
            tables.append(Table(keys, sparse.csr_matrix((data, indices, indptr), shape=(len(keys), n_items))))
        return cls((tables[0], tables[1]))


NO_CONTEXTS = Contexts((Table(_NO_KEYS, EMPTY), Table(_NO_KEYS, EMPTY)))


def contexts_of(users: NDArray[np.int64], rows: Rows, n_items: int, order: int) -> Contexts:
    """What came next, at least twice, after each run of up to `order` items of one user; the first time is not counted.

    `users` and `rows` are (n,), user by user, oldest first. Catalogues of more than two million items have no
    runs of three: as one number these would not fit into 64 bits.
    """
    tables = [
        _table(users, rows, n_items, length)
        if length <= order and n_items**length < 2**63
        else Table(_NO_KEYS, _empty(n_items))
        for length in (2, 3)
    ]
    return Contexts((tables[0], tables[1]))


def _table(users: NDArray[np.int64], rows: Rows, n_items: int, length: int) -> Table:
    if len(rows) <= length:
        return Table(_NO_KEYS, _empty(n_items))
    same = users[:-length] == users[length:]
    runs = _keys([rows[start : len(rows) - length + start][same] for start in range(length)], n_items)
    keys, places = np.unique(runs, return_inverse=True)
    after = rows[length:][same]
    counts = sparse.csr_matrix((np.ones(len(after), np.float32), (places, after)), shape=(len(keys), n_items))
    counts.data -= 1
    counts.eliminate_zeros()
    again = np.diff(counts.indptr) > 0
    return Table(keys[again], counts[again])


def _empty(n_items: int) -> Any:
    return sparse.csr_matrix((0, n_items), dtype=np.float32)


def _keys(items: list[Rows], n_items: int) -> NDArray[np.int64]:
    """Items in a row, oldest first, as one number a run."""
    keys = np.zeros(len(items[0]), np.int64)
    for rows in items:
        keys = keys * n_items + rows
    return keys
