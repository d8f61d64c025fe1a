"""Records as rows of the tables, and back. Times become microseconds since 1970, nested values become JSON."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

import orjson

from aisle.records import item_to_dict, restore_item
from aisle.store.tables import events, items
from aisle.types import Event, Item, Judgment

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

ITEM_COLUMNS = [column.name for column in items.c if column.name != "version"]
EVENT_COLUMNS = [column.name for column in events.c if column.name != "event_no"]

_EMPTY_ITEM: dict[str, Any] = {
    column.name: None if column.nullable else "" for column in items.c if column.name != "version"
} | {"category": "[]", "attributes": "{}", "translations": "{}"}


def item_row(item: Item, version: int) -> dict[str, Any]:
    """The row of an item; `version` is that of the catalogue after the change."""
    row = {**_EMPTY_ITEM, **item_to_dict(item), "version": version}
    if item.released_at is not None:
        row["released_at"] = microseconds(item.released_at)
    for name in ("category", "attributes", "translations"):
        if not isinstance(row[name], str):
            row[name] = orjson.dumps(row[name]).decode()
    return row


def item_of(row: Sequence[Any]) -> Item:
    """The item of a row in the order of ITEM_COLUMNS, equal in every field to the one that was stored."""
    data = dict(zip(ITEM_COLUMNS, row, strict=True))
    for name in ("category", "attributes", "translations"):
        data[name] = orjson.loads(data[name])
    if data["released_at"] is not None:
        data["released_at"] = moment(data["released_at"]).isoformat()
    return restore_item(data)


def event_row(event: Event) -> tuple[Any, ...]:
    """The row of an event, in the order of EVENT_COLUMNS."""
    return (
        event.event_id,
        event.kind,
        microseconds(event.timestamp),
        event.user_id,
        event.session_id,
        event.item_id,
        event.query,
        event.query_id,
        event.rank,
        event.value,
        event.surface,
    )


def event_of(row: Sequence[Any]) -> Event:
    """The event of a row in the order of EVENT_COLUMNS."""
    event_id, kind, timestamp, *rest = row
    return Event(event_id, kind, moment(timestamp), *rest)


def judgment_row(judgment: Judgment) -> dict[str, Any]:
    """The row of a judgment."""
    key = f"{judgment.query}\0{judgment.item_id}".encode()
    return {
        "judgment_id": blake2b(key, digest_size=16).hexdigest(),
        "query": judgment.query,
        "item_id": judgment.item_id,
        "grade": judgment.grade,
    }


def microseconds(time: datetime) -> int:
    """Microseconds since 1970 of a UTC time, exact for every year.

    >>> microseconds(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    return (time - EPOCH) // MICROSECOND


def moment(microseconds: int) -> datetime:
    """The UTC time that is so many microseconds after 1970."""
    return EPOCH + timedelta(microseconds=microseconds)
