"""What happened, what people judged, and what could not be read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from aisle.errors import InputError, nearest
from aisle.types.checks import MAX_COUNT, MAX_QUERY_LENGTH, check_id, check_number, check_text, check_utc

EventKind = Literal[
    "impression", "search", "view", "click", "cart", "purchase", "favorite", "rate", "dislike", "return"
]
EVENT_KINDS: tuple[EventKind, ...] = get_args(EventKind)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, at a UTC time. Raises InputError when a value cannot be right.

    Fields follow OpenSearch's User Behavior Insights where it has one: `query_id` ties what was
    done to the search it came from, `rank` is the position (from 1) at which the item was shown.
    """

    event_id: str
    kind: EventKind
    timestamp: datetime
    user_id: str = ""
    session_id: str = ""
    item_id: str = ""
    """Empty only for the kind "search"."""
    query: str = ""
    query_id: str = ""
    rank: int | None = None
    value: float | None = None
    """Stars for "rate", pieces for "cart" and "purchase"."""
    surface: str = ""
    """Where it happened: "search", "popular", "rising", "similar", "bought_together", "item", ..."""

    def __post_init__(self) -> None:
        check_id("event_id", self.event_id)
        if self.kind not in EVENT_KINDS:
            raise InputError(f"kind={self.kind!r} is not an event kind; {nearest(str(self.kind), EVENT_KINDS)}")
        check_utc("timestamp", self.timestamp)
        if self.kind == "search":
            if not self.query.strip():
                raise InputError("an event of kind 'search' needs a query")
        else:
            check_id("item_id", self.item_id)
        for name in ("user_id", "session_id", "query_id", "surface"):
            if value := getattr(self, name):
                check_id(name, value)
        check_text("query", self.query, MAX_QUERY_LENGTH)
        check_number("rank", self.rank, 1, MAX_COUNT)
        check_number("value", self.value)


@dataclass(frozen=True, slots=True)
class Judgment:
    """A person's grade of an item for a query: 0 is irrelevant, higher is better."""

    query: str
    item_id: str
    grade: int

    def __post_init__(self) -> None:
        check_id("item_id", self.item_id)
        if not self.query.strip():
            raise InputError("query of a judgment is empty; give the text that was searched for")
        check_text("query", self.query, MAX_QUERY_LENGTH)
        check_number("grade", self.grade, 0, MAX_COUNT)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row of a feed that could not be read, and why."""

    source: str
    """The file or address it came from."""
    line: int
    """From 1; for formats without lines, the number of the record."""
    reason: str
    row: str
    """The row as it was, cut to 2,000 characters."""
    replaces: bool = False
    """True for a repeated id: the row went in, in place of the one before."""
