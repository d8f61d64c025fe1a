"""From what a user did to shelves of what they may like: SHELVES at the end names them all."""

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter

import numpy as np

from aisle.index.pairs import PATH_SEPARATOR
from aisle.pipelines.similar import similar
from aisle.pipelines.slate import DEPTH, for_sale, make_shelf
from aisle.recommenders import CategoryPopularity, History, history_of
from aisle.recommenders.item_features import NO_CATEGORY
from aisle.recommenders.protocol import NOTHING
from aisle.releases import Release
from aisle.types import Event, Reason, Rows, Shelf, ShelfName, no_candidates, union

REASONS = {"content": "taste", "user_text": "taste", "popularity": "popular", "rising": "rising"}
"""What the model that says most for an item stands for; the others learn from what shoppers do: "behaviour"."""
_DONE = ("purchase", "dislike", "return")
_INTEREST = ("view", "click", "cart", "favorite", "purchase")
NOBODY = History(np.empty(0, np.int64), np.empty(0, np.float32))
MakeShelf = Callable[[Release, Sequence[Event], int, Rows], Shelf]
"""A shelf of at most k items for a user whose latest events, newest first, are given.

What was bought, given back or disliked is left out, and so are sold-out items and the rows in the last argument. The
shelf is empty where there is nothing to put on it.
"""


def recommend(release: Release, events: Sequence[Event], k: int, name: ShelfName = "for_you") -> Shelf:
    """The shelf `name`; where there is nothing to say for "for_you", as for a user without a history, "popular"."""
    shelf = SHELVES[name](release, events, k, NOTHING)
    return popular(release, events, k) if name == "for_you" and not shelf.hits else shelf


def for_you(release: Release, events: Sequence[Event], k: int, shown: Rows = NOTHING) -> Shelf:
    """What all models together recommend."""
    started = perf_counter()
    history = _history(release, events)
    if not (history.weights > 0).any():
        return Shelf("for_you", (), release.release_id)
    proposed, leaders = release.for_you.explained(history, k * DEPTH, _excluded(release, events, shown))
    leader = dict(zip(proposed.rows.tolist(), leaders, strict=True))
    found = for_sale(release, proposed, k)
    return make_shelf(release, "for_you", found, lambda row: (Reason(REASONS.get(leader[row], "behaviour")),), started)


def because_viewed(release: Release, events: Sequence[Event], k: int, shown: Rows = NOTHING) -> Shelf:
    """Items like the one that the user looked at last."""
    for event in events:
        row = release.catalogue.row(event.item_id)
        if event.kind in _INTEREST and row is not None and release.index.holds(row):
            return similar(release, event.item_id, k, "because_viewed", _excluded(release, events, shown))
    return Shelf("because_viewed", (), release.release_id)


def in_your_categories(release: Release, events: Sequence[Event], k: int, shown: Rows = NOTHING) -> Shelf:
    """What most shoppers take in the categories that the user looks at, more of those looked at more."""
    started = perf_counter()
    model, history = release.shelves.category_popularity, _history(release, events)
    found = no_candidates("category_popularity")
    if model is not None and len(inside := _inside(model, history)):
        elsewhere = np.setdiff1d(np.arange(len(model.categories)), inside, assume_unique=True)
        excluded = union(_excluded(release, events, shown), elsewhere)
        found = for_sale(release, model.recommend([history], k * DEPTH, [excluded])[0], k)

    def explain(row: int) -> tuple[Reason, ...]:
        return (Reason("in_your_categories", PATH_SEPARATOR.join(release.catalogue.item(row).category)),)

    return make_shelf(release, "in_your_categories", found, explain, started)


def rising(release: Release, events: Sequence[Event], k: int, shown: Rows = NOTHING) -> Shelf:
    """What is chosen more than before, the fastest growth first."""
    started = perf_counter()
    model, excluded = release.shelves.rising, _excluded(release, events, shown)
    proposed = model.recommend([NOBODY], k * DEPTH, [excluded])[0] if model else no_candidates("rising")
    return make_shelf(release, "rising", for_sale(release, proposed, k), lambda _: (Reason("rising"),), started)


def popular(release: Release, events: Sequence[Event], k: int, shown: Rows = NOTHING) -> Shelf:
    """What most shoppers take now."""
    started = perf_counter()
    proposed = release.popularity.recommend([NOBODY], k * DEPTH, [_excluded(release, events, shown)])[0]
    return make_shelf(release, "popular", for_sale(release, proposed, k), lambda _: (Reason("popular"),), started)


SHELVES: Mapping[ShelfName, MakeShelf] = {
    "for_you": for_you,
    "because_viewed": because_viewed,
    "in_your_categories": in_your_categories,
    "rising": rising,
    "popular": popular,
}
"""Every shelf for a user, in the order of a home page: from what is about this user to what is about all."""


def _history(release: Release, events: Sequence[Event]) -> History:
    return history_of(events, release.catalogue.rows, release.settings.recommend)


def _inside(model: CategoryPopularity, history: History) -> Rows:
    """The rows of the categories that the history likes something of; what has no category is in none."""
    known = history.known(len(model.categories))
    liked = np.unique(model.categories[known.rows[known.weights > 0]])
    return np.flatnonzero(np.isin(model.categories, liked[liked != NO_CATEGORY]))


def _excluded(release: Release, events: Sequence[Event], shown: Rows) -> Rows:
    done = (release.catalogue.row(event.item_id) for event in events if event.kind in _DONE)
    return union(np.array([row for row in done if row is not None], np.int64), shown)
