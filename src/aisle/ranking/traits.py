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
    price_places: NDArray[np.float32]
    """(n_rows,) by row: the place among the prices of its category, 0 the cheapest, 1 the dearest; 0.5 without either.
    """


def read_traits(columns: Columns) -> Traits:
    """The traits of every row of an index: some milliseconds for 50,000 items, so keep them while the columns last."""

    def of(field: str) -> Codes:
        found = np.full(len(columns.alive), -1, np.int64)
        number = columns.known.field_ids.get(field)
        if number is not None:
            rows, starts = columns.rows_of_field(number)
            slots = np.repeat(np.arange(len(starts) - 1), np.diff(starts)) + columns.known.span(field).start
            found[rows] = slots  # the last one stays: of a category path the narrowest, which begins as the wider do
        return found

    categories = of("category")
    return Traits(
        of("group_id"),
        of("brand"),
        categories,
        columns.alive & (columns.numbers["stock"] <= 0),
        price_places(columns.numbers["price"], categories),
    )


def price_places(prices: NDArray[np.float64], categories: Codes) -> NDArray[np.float32]:
    """(n,) float32: where each price is among those of its category, from 0 to 1; equal ones in the order of rows.

    >>> price_places(np.array([9.0, 1.0, 5.0, np.nan]), np.array([3, 3, 3, 3])).tolist()
    [1.0, 0.0, 0.5, 0.5]
    """
    places = np.full(len(prices), 0.5, np.float32)
    known = np.flatnonzero(~np.isnan(prices) & (categories >= 0))
    order = known[np.lexsort((prices[known], categories[known]))]
    _, first, inverse, sizes = np.unique(categories[order], return_index=True, return_inverse=True, return_counts=True)
    several = sizes[inverse] > 1
    places[order[several]] = ((np.arange(len(order)) - first[inverse]) / np.maximum(sizes[inverse] - 1, 1))[several]
    return places


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
