"""Turns the records of a table into Events, by a mapping."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from aisle.errors import InputError
from aisle.sources.feed import Feed, Table, Values, built
from aisle.sources.kinds import parse_kind
from aisle.sources.texts import identifier
from aisle.sources.times import parse_timestamp
from aisle.sources.values import is_blank, is_empty, parse_number, parse_whole
from aisle.types import Event, EventKind

TEXTS = ("user_id", "session_id", "item_id", "query", "query_id", "surface")
OTHERS = ("event_id", "kind", "timestamp", "rank", "value")
_RATINGS = frozenset({"rating", "stars"})


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column of a table holds which field of an Event; "" where none does."""

    texts: tuple[tuple[str, str], ...]
    """(field, column)"""
    event_id: str
    kind: str
    timestamp: str
    rank: str
    value: str
    default_kind: EventKind
    """Of every event, where no column says."""


def layout(mapping: Mapping[str, str]) -> Layout:
    """The layout that `mapping` (field = column) means.

    Where no column holds the kind, every event is a "rate" if the column of its value is called rating or stars, a
    "search" if there is no item, and else a "view".
    """
    default: EventKind = "view"
    if mapping.get("value", "").lower() in _RATINGS:
        default = "rate"
    elif "item_id" not in mapping:
        default = "search"
    texts = tuple((field, mapping[field]) for field in TEXTS if field in mapping)
    event_id, kind, timestamp, rank, value = (mapping.get(field, "") for field in OTHERS)
    return Layout(texts, event_id, kind, timestamp, rank, value, default)


def events(feed: Feed, table: Table, mapping: Mapping[str, str]) -> Iterator[Event]:
    """The events of `table`; rows that make no Event are quarantined."""
    plan = layout(mapping)
    for _, event in built(feed, table.records, lambda values: build_event(values, plan)):
        yield event


def build_event(values: Values, layout: Layout) -> Event:
    """The Event that one record means; without an id of its own it gets `derived_id`.

    Raises InputError when a value cannot be right.
    """
    texts = {
        field: identifier(field, value) for field, column in layout.texts if not is_empty(value := values.get(column))
    }
    kind = layout.default_kind
    if layout.kind:
        if is_blank(named := values.get(layout.kind)):
            raise InputError("kind is missing; expected view, click, cart, purchase or another kind of event")
        kind = parse_kind(identifier("kind", named))
    if is_blank(when := values.get(layout.timestamp)):
        raise InputError("timestamp is missing; expected ISO 8601, or seconds or milliseconds since 1970")
    timestamp = parse_timestamp(when)
    rank = None if is_blank(place := values.get(layout.rank)) else parse_whole("rank", place)
    value = None if is_blank(number := values.get(layout.value)) else parse_number("value", number)
    own_id = "" if is_empty(given := values.get(layout.event_id)) else identifier("event_id", given)
    event_id = own_id or derived_id(kind, timestamp, *(texts.get(field, "") for field in TEXTS), rank, value)
    return Event(event_id, kind, timestamp, rank=rank, value=value, **texts)


def derived_id(kind: EventKind, timestamp: datetime | str, *rest: object) -> str:
    """An id that follows from what the event says, so that reading a log twice gives the same ids.

    Two rows that say the same in every field are one event: a log whose clock is coarse needs ids of its own.

    >>> derived_id("view", "2024-01-31", "u1")
    'e-394b202ab78343f6aa5b84efcf2880a6'
    """
    when = timestamp if isinstance(timestamp, str) else timestamp.isoformat()
    parts = (kind, when, *("" if part is None else str(part) for part in rest))
    return "e-" + blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
