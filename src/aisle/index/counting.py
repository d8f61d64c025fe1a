"""How many of some items have each value: exactly, by the shorter of two ways."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from aisle.index.columns import Columns
from aisle.types import Rows

Counts = NDArray[np.int64]
"""(n_slots,) int64: items by slot."""
FEW = 8
"""Up to a share of 1 in 8 of all items, their values are read; above, the items of each value."""


def count_values(columns: Columns, rows: Rows, fields: Iterable[int]) -> tuple[Counts, Counts]:
    """How many of `rows`, each given once, have each value of `fields` (field numbers), and the sums by field.

    The slots of other fields may stay 0. Returns (n_slots,) and (n_fields,) int64.
    """
    n_items = int(np.count_nonzero(columns.alive))
    if len(rows) == n_items:
        return columns.totals, columns.field_totals
    if len(rows) * FEW <= n_items:
        slots = columns.slots_of(rows)
        sums = np.bincount(columns.known.slot_fields[slots], minlength=len(columns.known.field_names))
        return np.bincount(slots, minlength=columns.known.n_slots), sums
    among = np.zeros(len(columns.alive), np.int32)
    among[rows] = 1
    counts = np.zeros(columns.known.n_slots, np.int64)
    sums = np.zeros(len(columns.known.field_names), np.int64)
    for field in fields:
        first, last = columns.known.field_starts[field : field + 2]
        counts[first:last] = _count_field(columns, among, field)
        sums[field] = counts[first:last].sum()
    return counts, sums


def _count_field(columns: Columns, among: NDArray[np.int32], field: int) -> Counts:
    """The counts of one field. `among` is (n_rows,) int32: 1 for the rows to count."""
    holders, starts = columns.rows_of_field(field)
    until = np.zeros(len(holders) + 1, np.int64)
    np.cumsum(among[holders], out=until[1:])
    return np.diff(until[starts])
