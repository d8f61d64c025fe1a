"""From what a user did to all shelves of a home page."""

from collections.abc import Sequence

import numpy as np

from aisle.pipelines.recommend import SHELVES, popular
from aisle.recommenders.protocol import NOTHING
from aisle.releases import Release
from aisle.types import Event, Rows, Shelf, union

MIN_SHELF = 4
"""Items that a shelf has at least: fewer look like a mistake."""


def home_shelves(release: Release, events: Sequence[Event], k: int) -> tuple[Shelf, ...]:
    """The shelves of a home page for a user whose latest `events`, newest first, are given; no product twice.

    Each shelf takes what those above it left. One of less than 4 items (or than `k`) makes room for the next; in a
    shop so small that none is left, "popular" shows what there is. Where there is not enough for all, shelves are
    shorter than `k`, so that the first does not take everything.
    """
    length = min(k, max(MIN_SHELF, int(release.index.columns.alive.sum()) // len(SHELVES)))
    shown = NOTHING
    shelves: list[Shelf] = []
    for make in SHELVES.values():
        shelf = make(release, events, length, shown)
        if len(shelf.hits) >= min(MIN_SHELF, k):
            shelves.append(shelf)
            shown = union(shown, _products(release, shelf))
    return tuple(shelves) or (popular(release, events, k),)


def _products(release: Release, shelf: Shelf) -> Rows:
    """The rows of the shelf's items and of all their variants, ascending."""
    rows = np.array(sorted(release.catalogue.rows[hit.item_id] for hit in shelf.hits), np.int64)
    groups = release.traits.groups
    return union(rows, np.flatnonzero(np.isin(groups, groups[rows][groups[rows] >= 0])))
