"""Reads OpenSearch User Behavior Insights (UBI): queries.jsonl and events.jsonl, apart or mixed.

The schema, versions 1.0 to 1.3: https://github.com/o19s/ubi. Documents may be bare, or wrapped as an export of
an index ("_source"), or follow the action lines of a bulk request.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from aisle.errors import InputError, nearest
from aisle.sources.events import derived_id
from aisle.sources.feed import Feed
from aisle.sources.jsonl import objects
from aisle.sources.kinds import known_kind
from aisle.sources.texts import identifier
from aisle.sources.times import parse_timestamp
from aisle.sources.values import is_empty, parse_number, parse_whole
from aisle.types import EVENT_KINDS, Event, EventKind

Document = Mapping[str, Any]

MAPPING = {
    "kind": "action_name",
    "timestamp": "timestamp",
    "user_id": "user_id or client_id",
    "session_id": "session_id",
    "item_id": "event_attributes.object.object_id, query_response_hit_ids",
    "query": "user_query or message",
    "query_id": "query_id",
    "rank": "event_attributes.position.ordinal",
}
"""Where each field comes from, for a person to see; it cannot be changed."""
_BULK_ACTIONS = frozenset({"index", "create"})


def is_ubi(value: object) -> bool:
    """True for a JSON value that is a UBI query or event."""
    document = _unwrapped(value) if isinstance(value, Mapping) else {}
    return "action_name" in document or ("user_query" in document and bool({"query_id", "client_id"} & document.keys()))


def read(feed: Feed) -> Iterator[Event]:
    """The events of a UBI file; documents that cannot be right are quarantined.

    A query becomes a "search", and each of its hits an "impression" with its rank. An event becomes what its action
    name means; actions on no object (login, filters, page exits) say nothing about an item and are passed over, unknown
    actions on an object are quarantined. Ids of searches and impressions follow from the query id (and the item), so
    that the same one in queries.jsonl and in events.jsonl counts once.
    """
    for record in objects(feed):
        if len(record.values) == 1 and record.values.keys() <= _BULK_ACTIONS:
            continue
        document = _unwrapped(record.values)
        try:
            found = list(_of_event(document) if "action_name" in document else _of_query(document))
        except InputError as error:
            feed.bad(record.line, str(error), record.as_text())
            continue
        yield from found


def _of_query(document: Document) -> Iterator[Event]:
    common = _common(document)
    query = _text(document, "user_query")
    if not query and not common["query_id"]:
        raise InputError("neither a UBI query (user_query) nor an event (action_name); each line must be one of them")
    if query:
        yield _event("search", common, query=query)
    hits = document.get("query_response_hit_ids") or document.get("query_response_object_ids") or []
    for rank, hit in enumerate(hits, 1):
        yield _event("impression", common, query=query, item_id=identifier("item_id", hit), rank=rank)


def _of_event(document: Document) -> Iterator[Event]:
    attributes = _object(document, "event_attributes")
    common = _common(document)
    common["session_id"] = common["session_id"] or _text(attributes, "session_id")
    common["user_id"] = _text(document, "user_id") or _text(attributes, "user_id") or common["user_id"]
    action = _text(document, "action_name")
    kind = known_kind(action)
    item_id = _text(_object(attributes, "object"), "object_id")
    if kind == "search":
        query = _text(document, "user_query") or _text(document, "message")
        yield _event(kind, common, query=query)
    elif item_id:
        if not kind:
            raise InputError(f"action_name={action!r} is not a known kind of event; {nearest(action, EVENT_KINDS)}")
        given = [attributes[name] for name in ("value", "rating", "quantity") if not is_empty(attributes.get(name))]
        value = parse_number("value", given[0]) if given else None
        query = _text(document, "user_query")
        yield _event(kind, common, query=query, item_id=item_id, rank=_rank(attributes), value=value)
    elif kind:
        raise InputError(f"action {action!r} names no item; expected event_attributes.object.object_id")


def _common(document: Document) -> dict[str, Any]:
    if is_empty(document.get("timestamp")):
        raise InputError("timestamp is missing; expected ISO 8601 or milliseconds since 1970")
    return {
        "timestamp": parse_timestamp(document["timestamp"]),
        "user_id": _text(document, "user_id") or _text(document, "client_id"),
        "session_id": _text(document, "session_id"),
        "query_id": _text(document, "query_id"),
    }


def _event(kind: EventKind, common: Document, **rest: Any) -> Event:
    if kind in ("search", "impression") and common["query_id"]:
        event_id = derived_id(kind, "", common["query_id"], rest.get("item_id", ""))
    else:
        event_id = derived_id(kind, common["timestamp"], *common.values(), *(rest[name] for name in sorted(rest)))
    return Event(event_id, kind, **common, surface="search" if common["query_id"] else "", **rest)


def _rank(attributes: Document) -> int | None:
    ordinal = _object(attributes, "position").get("ordinal")
    if isinstance(ordinal, Mapping):
        # Before version 1.0 of the schema.
        ordinal = ordinal.get("index")
    return None if is_empty(ordinal) else parse_whole("event_attributes.position.ordinal", ordinal)


def _unwrapped(document: Document) -> Document:
    inner = document.get("_source")
    return inner if isinstance(inner, Mapping) else document


def _object(document: Document, name: str) -> Document:
    value = document.get(name)
    return value if isinstance(value, Mapping) else {}


def _text(document: Document, name: str) -> str:
    value = document.get(name)
    return "" if is_empty(value) else identifier(name, value)
