"""What the late stage asks of each item: its product, brand, category, and whether it can be bought."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aisle.index.columns import Columns
from aisle.ranking.variants import Codes


@dataclass(frozen=True, slots=True)
class Traits:
    """Traits by row. Items with the same number share the value; -1 says that the item has none."""

    groups: Codes
    """The product whose variant an item is."""
    brands: Codes
    categories: Codes
    """The narrowest category."""
    sold_out: NDArray[np.bool_]


def read_traits(columns: Columns) -> Traits:
    """The traits of every row of an index: some milliseconds for 50,000 items, so keep them while the columns last."""
    rows = np.repeat(np.arange(len(columns.alive)), np.diff(columns.starts))
    slots = columns.known.slots[columns.codes]

    def of(field: str) -> Codes:
        span = columns.known.span(field)
        mine = (slots >= span.start) & (slots < span.stop)
        found = np.full(len(columns.alive), -1, np.int64)
        found[rows[mine]] = slots[mine]  # the last one stays: of a category path the narrowest
        return found

    return Traits(of("group_id"), of("brand"), of("category"), columns.alive & (columns.numbers["stock"] <= 0))


class LatestTraits:
    """Traits of an index that changes: read anew only when its columns are others. Thread-safe."""

    def __init__(self) -> None:
        self._latest: tuple[Columns, Traits] | None = None

    def of(self, columns: Columns) -> Traits:
        """The traits of `columns`."""
        latest = self._latest
        if latest is None or latest[0] is not columns:
            latest = self._latest = (columns, read_traits(columns))
        return latest[1]
