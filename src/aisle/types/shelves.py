"""What is recommended and completed."""

from dataclasses import dataclass
from typing import Literal, get_args

from aisle.types.searching import Hit

ShelfName = Literal["for_you", "because_viewed", "in_your_categories", "rising", "popular"]
"""The shelves for a user, in the order of a home page."""
SHELF_NAMES: tuple[ShelfName, ...] = get_args(ShelfName)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A recommended slate with its name: one of SHELF_NAMES, or of an item "similar" or "bought_together"."""

    name: str
    hits: tuple[Hit, ...]
    release_id: str = ""
    latency_ms: float = 0.0
    degraded: tuple[str, ...] = ()
    """What it had to do without: "profile" when it is not known what the shopper did last."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One completion of what was typed so far."""

    text: str
    kind: Literal["query", "item", "category", "brand"]
    item_id: str = ""
    """For the kind "item": which one."""
    filter: str = ""
    """For the kinds "category" and "brand": the filter expression that keeps its items."""
    path: tuple[str, ...] = ()
    """For the kind "category": where it is, the widest first, itself last, in the language of `text`."""
