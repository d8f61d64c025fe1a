"""Results as tables for a person."""

from collections.abc import Iterable, Iterator, Mapping
from shlex import quote
from typing import TYPE_CHECKING

from rich.table import Table

from aisle.cli.console import table

if TYPE_CHECKING:
    from aisle.types import Constraint, EventKind, Facet, Hit, Item, Reason, SearchResponse


def hits_table(hits: "Iterable[Hit]", title: str) -> Table:
    """The slate: rank, title, price, score and why each item is there."""
    rows = (
        (
            str(hit.rank),
            hit.item.title,
            price_text(hit.item),
            f"{hit.score:.3f}",
            reasons_text(hit.reasons),
            hit.item_id,
        )
        for hit in hits
    )
    return table(
        ("rank", "title", "price", "score", "reasons", "item"), rows, title=title, right=("rank", "price", "score")
    )


def search_notes(found: "SearchResponse") -> Iterator[str]:
    """What was made of a query, a line each: the mended spelling, what was understood, what was left out."""
    if found.corrected:
        yield f'Showing results for "{found.corrected}". Search instead for "{found.query}": --no-spelling'
    for one in found.constraints:
        yield f"Understood {constraint_text(one)}"
    if found.relaxed == ("*",):
        yield "Nothing matches these words; these come nearest in meaning."
    elif found.relaxed:
        yield f"Nothing matches all words; without: {', '.join(found.relaxed)}"
    for part in found.degraded:
        yield f"An engine on another machine is away; answered without it: {part}"
    for way in found.unfilters:
        yield f"{way.n_hits:,} items without {way.removed}"


def next_act_text(shares: "Mapping[EventKind, float]") -> str:
    """How likely each kind of act is, for a person.

    >>> next_act_text({"view": 0.62, "purchase": 0.38})
    'view 62%, purchase 38%'
    """
    return ", ".join(f"{kind} {share:.0%}" for kind, share in shares.items())


def constraint_text(one: "Constraint") -> str:
    """What was understood, how much it counts, and how to take it back, in shell quotes."""
    way = "filters" if one.sure else "preferred"
    meaning = f'"{one.label}" as {one.filter} ({way}, {one.confidence:.0%} sure)'
    return f"{meaning}; take it back: --without {quote(one.filter)}"


def facets_table(facets: "Iterable[Facet]") -> Table:
    """How many of the results carry each value, with the filter that keeps them."""
    rows = (
        (facet.field, value.label or value.value, f"{value.count:,}", value.filter)
        for facet in facets
        for value in facet.values
    )
    return table(("facet", "value", "items", "--filter"), rows, right=("items",))


def price_text(item: "Item") -> str:
    """The price as shops print it, empty when there is none: 1,249.00 EUR."""
    return "" if item.price is None else f"{item.price:,.2f} {item.currency}".rstrip()


def reasons_text(reasons: "Iterable[Reason]") -> str:
    """Why an item is shown, in a few words: words: usb c; meaning: 0.71."""
    return "; ".join(f"{reason.kind}: {reason.detail}" if reason.detail else reason.kind for reason in reasons)
