"""From what a user did to shelves of what they may like."""

from collections.abc import Sequence
from time import perf_counter

import numpy as np

from aisle.pipelines.similar import DEPTH, similar
from aisle.pipelines.slate import Explain, in_stock, make_hits
from aisle.recommenders import History, history_of
from aisle.releases import Release
from aisle.types import Candidates, Event, Reason, Rows, Shelf

REASONS = {"content": "taste", "popularity": "popular", "rising": "popular"}
"""What the model that says most for an item stands for; the others learn from what shoppers do: "behaviour"."""
_DONE = ("purchase", "dislike", "return")
_INTEREST = ("view", "click", "cart", "favorite", "purchase")
NOBODY = History(np.empty(0, np.int64), np.empty(0, np.float32))


def recommend(release: Release, events: Sequence[Event], k: int) -> Shelf:
    """The shelf "for_you" of a user whose latest `events`, newest first, are given.

    What was bought or disliked, and what is sold out, is left out. A user without a history
    gets the shelf "popular".
    """
    started = perf_counter()
    history = history_of(events, release.catalogue.rows, release.settings.recommend)
    excluded = [_rows(release, [event for event in events if event.kind in _DONE])]
    if not (history.weights > 0).any():
        return popular(release, k)
    proposed, leaders = release.for_you.explained(history, k * DEPTH, excluded[0])
    alive = [place for place, row in enumerate(proposed.rows.tolist()) if release.index.holds(row)]
    proposed = Candidates(proposed.rows[alive], proposed.scores[alive], proposed.source)
    found = in_stock(release.catalogue, proposed, k)
    if not len(found):
        return popular(release, k)
    leader = dict(zip(proposed.rows.tolist(), (leaders[place] for place in alive), strict=True))
    return _shelf(release, "for_you", found, lambda row: (Reason(REASONS.get(leader[row], "behaviour")),), started)


def popular(release: Release, k: int, events: Sequence[Event] = ()) -> Shelf:
    """The shelf "popular": what most shoppers take now, without what this one bought or disliked."""
    started = perf_counter()
    excluded = [_rows(release, [event for event in events if event.kind in _DONE])]
    proposed = release.popularity.recommend([NOBODY], k * DEPTH, excluded)[0]
    alive = [release.index.holds(int(row)) for row in proposed.rows]
    proposed = Candidates(proposed.rows[alive], proposed.scores[alive], proposed.source)
    return _shelf(release, "popular", in_stock(release.catalogue, proposed, k), lambda _: (Reason("popular"),), started)


def because_viewed(release: Release, events: Sequence[Event], k: int) -> Shelf | None:
    """Items like the one that the user looked at last, or None when there is none."""
    for event in events:
        row = release.catalogue.row(event.item_id)
        if event.kind in _INTEREST and row is not None and release.index.holds(row):
            return similar(release, event.item_id, k, "because_viewed")
    return None


def _shelf(release: Release, name: str, found: Candidates, explain: Explain, started: float) -> Shelf:
    scores = dict(zip(found.rows.tolist(), found.scores.tolist(), strict=True))
    hits = make_hits(release.catalogue, found.rows, scores, explain)
    return Shelf(name, hits, release.release_id, round((perf_counter() - started) * 1_000, 3))


def _rows(release: Release, events: Sequence[Event]) -> Rows:
    rows = {row for event in events if (row := release.catalogue.row(event.item_id)) is not None}
    return np.array(sorted(rows), np.int64)
