"""From the first letters to what may be meant."""

from collections.abc import Mapping, Sequence

from aisle.index import parse_filter
from aisle.index.pairs import PATH_SEPARATOR
from aisle.releases import Release
from aisle.types import MAX_QUERY_LENGTH, Event, Suggestion, check_page, check_text

LOOKED_AT = 10
"""Latest events that tell what a shopper likes."""
LIKED = 0.2
"""Boost of a brand or category for each of them."""


def complete(
    release: Release, prefix: str, k: int, locale: str, events: Sequence[Event] = ()
) -> tuple[Suggestion, ...]:
    """At most `k` queries, categories, brands and items with a word that begins with `prefix`, or nearly so.

    An empty prefix gets the most frequent queries. What the shopper did lately, `events` newest
    first, lifts the brands and categories of it. Nothing that leads nowhere is suggested. Raises
    InputError for a prefix of more than 1,000 characters or a `k` out of range.
    """
    check_text("prefix", prefix, MAX_QUERY_LENGTH)
    check_page(k)

    def alive(one: Suggestion) -> bool:
        if one.kind == "item":
            row = release.catalogue.row(one.item_id)
            return row is not None and release.index.holds(row)
        return not one.filter or len(release.index.browse(parse_filter(one.filter))) > 0

    return release.completions.suggest(prefix, k, locale, alive=alive, affinity=_affinity(release, events))


def _affinity(release: Release, events: Sequence[Event]) -> Mapping[str, float]:
    liked: dict[str, float] = {}
    for event in events[:LOOKED_AT]:
        row = release.catalogue.row(event.item_id)
        if row is not None and event.kind not in ("dislike", "return"):
            item = release.catalogue.item(row)
            for name in (item.brand, PATH_SEPARATOR.join(item.category)):
                liked[name] = liked.get(name, 0.0) + LIKED
    return liked
