"""Tables as Polars frames, with the same columns and types when they are empty."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import polars as pl
from sqlalchemy import Connection, Select, select

from aisle.errors import InputError, nearest
from aisle.store.database import Database
from aisle.store.replicas import Replicas
from aisle.store.rows import EVENT_COLUMNS, ITEM_COLUMNS, microseconds
from aisle.store.tables import events, items, judgments
from aisle.types import EVENT_KINDS, EventKind, check_utc

PAGE = 20_000
"""Rows fetched at once."""
BLOCK_BYTES = 32_000_000
"""Text of PostgreSQL that is read at once."""
Schema = dict[str, pl.DataType]
_UTC_TIME = pl.Datetime("us", "UTC")

EVENTS_SCHEMA: dict[str, pl.DataType] = {
    "event_id": pl.String(),
    "kind": pl.String(),
    "timestamp": _UTC_TIME,
    "user_id": pl.String(),
    "session_id": pl.String(),
    "item_id": pl.String(),
    "query": pl.String(),
    "query_id": pl.String(),
    "rank": pl.Int64(),
    "value": pl.Float64(),
    "surface": pl.String(),
}
ITEMS_SCHEMA: dict[str, pl.DataType] = {
    "item_id": pl.String(),
    "title": pl.String(),
    "description": pl.String(),
    "brand": pl.String(),
    "category": pl.List(pl.String()),
    "price": pl.Float64(),
    "currency": pl.String(),
    "stock": pl.Int64(),
    "rating": pl.Float64(),
    "rating_count": pl.Int64(),
    "url": pl.String(),
    "image_url": pl.String(),
    "gtin": pl.String(),
    "group_id": pl.String(),
    "released_at": _UTC_TIME,
    "attributes": pl.String(),
    "translations": pl.String(),
}
JUDGMENTS_SCHEMA: dict[str, pl.DataType] = {"query": pl.String(), "item_id": pl.String(), "grade": pl.Int64()}


def events_frame(
    replicas: Replicas, kinds: Sequence[EventKind] | None = None, since: datetime | None = None
) -> pl.DataFrame:
    """The events of these kinds at or after `since` (None: all), oldest first, with the columns of EVENTS_SCHEMA.

    Events of the same time stand in the order of their arrival. Raises InputError for a kind that
    does not exist or a `since` that is not in UTC.
    """
    query = select(*(events.c[name] for name in (*EVENT_COLUMNS, "event_no")))
    if kinds is not None:
        for kind in kinds:
            if kind not in EVENT_KINDS:
                raise InputError(f"kind={kind!r} is not an event kind; {nearest(str(kind), EVENT_KINDS)}")
        query = query.where(events.c.kind.in_(kinds))
    if since is not None:
        check_utc("since", since)
        query = query.where(events.c.timestamp >= microseconds(since))
    told = _frame(replicas, query, EVENTS_SCHEMA | {"event_no": pl.Int64()})
    # Here and not in the database: PostgreSQL would sort on its disk, or gather them from the partitions one by one.
    return told.sort("timestamp", "event_no").drop("event_no")


def items_frame(database: Database) -> pl.DataFrame:
    """Every item, by id, with the columns of ITEMS_SCHEMA; `attributes` and `translations` are JSON."""
    query = select(*(items.c[name] for name in ITEM_COLUMNS)).order_by(items.c.item_id)
    stored = ITEMS_SCHEMA | {"category": pl.String()}
    frame = _frame(database, query, stored)
    return frame.with_columns(pl.col("category").str.json_decode(ITEMS_SCHEMA["category"]))


def judgments_frame(replicas: Replicas) -> pl.DataFrame:
    """Every judgment, by query and item: query, item_id (String), grade (Int64)."""
    query = select(judgments.c.query, judgments.c.item_id, judgments.c.grade)
    return _frame(replicas, query, JUDGMENTS_SCHEMA).sort("query", "item_id")


def _frame(
    database: Database | Replicas, query: Select[*tuple[Any, ...]], schema: dict[str, pl.DataType]
) -> pl.DataFrame:
    stored = {name: pl.Int64() if kind == _UTC_TIME else kind for name, kind in schema.items()}

    def read(connection: Connection) -> list[pl.DataFrame]:
        pages = _copied if connection.dialect.name == "postgresql" else _fetched
        return list(pages(connection, query, stored))

    return pl.concat([pl.DataFrame(schema=stored), *database.read(read)]).cast(pl.Schema(schema))


def _fetched(connection: Connection, query: Select[*tuple[Any, ...]], schema: Schema) -> Iterator[pl.DataFrame]:
    for page in connection.execution_options(yield_per=PAGE).execute(query).partitions():
        yield pl.DataFrame(list(zip(*page, strict=True)), schema=schema, orient="col")


def _copied(connection: Connection, query: Select[*tuple[Any, ...]], schema: Schema) -> Iterator[pl.DataFrame]:
    # As text, which Polars reads ten times as fast as Python makes objects of rows. Null is nothing there, "" is "".
    statement = query.compile(connection, compile_kwargs={"literal_binds": True})
    read = partial(pl.read_csv, has_header=False, schema=schema)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT csv)") as copy:
        block = bytearray()
        for line in copy:
            block += line
            if len(block) > BLOCK_BYTES:
                yield read(bytes(block))
                block.clear()
        if block:
            yield read(bytes(block))
