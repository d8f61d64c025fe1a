"""Items in and out. Every change counts the catalogue's version up, and the rows that it touched carry it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Select, delete, select, update

from aisle.store.database import Database
from aisle.store.rows import ITEM_COLUMNS, item_of, item_row
from aisle.store.tables import catalogue, deleted_items, items
from aisle.store.upsert import upsert
from aisle.types import Item

BATCH = 1_000
"""Items of one transaction."""

_ITEM = [items.c[name] for name in ITEM_COLUMNS]


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened to the catalogue since an earlier version."""

    version: int
    """Ask for the changes since this one next time."""
    upserted: list[Item]
    deleted: list[str]
    """Ids of items that are gone; none of them is among the upserted."""


def upsert_items(database: Database, given: Iterable[Item]) -> int:
    """Keep the items, 1,000 a transaction; the number that are new or differ from what was kept."""
    stream = iter(given)
    n_changed = 0
    while batch := {item.item_id: item for item in islice(stream, BATCH)}:
        n_changed += database.write(partial(_upsert, batch=list(batch.values())))
    return n_changed


def delete_items(database: Database, item_ids: Iterable[str]) -> int:
    """Forget the items, 1,000 a transaction; the number that were there."""
    stream = iter(item_ids)
    n_deleted = 0
    while batch := list(dict.fromkeys(islice(stream, BATCH))):
        n_deleted += database.write(partial(_delete, batch=batch))
    return n_deleted


def item(database: Database, item_id: str) -> Item | None:
    """The item of that id, or None."""
    query = select(*_ITEM).where(items.c.item_id == item_id)
    found = database.read(partial(_items, query=query), quick=True)
    return found[0] if found else None


def all_items(database: Database) -> Iterator[Item]:
    """Every item in the order of their ids, a page at a time: the database is free between two pages."""
    last: str | None = None
    while True:
        page = select(*_ITEM).order_by(items.c.item_id).limit(BATCH)
        if last is not None:
            page = page.where(items.c.item_id > last)
        found = database.read(partial(_items, query=page))
        yield from found
        if len(found) < BATCH:
            return
        last = found[-1].item_id


def item_ids(database: Database) -> list[str]:
    """Every id, in order."""
    return list(database.read(lambda connection: connection.scalars(select(items.c.item_id).order_by("item_id")).all()))


def version(database: Database) -> int:
    """The version of the catalogue: 0 when nothing was ever kept."""
    return database.read(_version, quick=True)


def changes_since(database: Database, version: int) -> Changes:
    """What changed after the catalogue was at `version`, all of one moment."""

    def read(connection: Connection) -> Changes:
        changed = select(*_ITEM).where(items.c.version > version).order_by(items.c.item_id)
        gone = select(deleted_items.c.item_id).where(deleted_items.c.version > version).order_by("item_id")
        return Changes(_version(connection), _items(connection, changed), list(connection.scalars(gone)))

    return database.read(read)


def _version(connection: Connection) -> int:
    return int(connection.scalar(select(catalogue.c.version)) or 0)


def _items(connection: Connection, query: Select[*tuple[Any, ...]]) -> list[Item]:
    return [item_of(row) for row in connection.execute(query)]


def _next_version(connection: Connection) -> int:
    # The row is locked until the transaction ends, so that versions become visible in their order.
    connection.execute(update(catalogue).values(version=catalogue.c.version + 1))
    return _version(connection)


def _upsert(connection: Connection, batch: Sequence[Item]) -> int:
    version = _next_version(connection)
    n_changed = upsert(connection, items, [item_row(item, version) for item in batch], stamp="version")
    if n_changed:
        connection.execute(delete(deleted_items).where(deleted_items.c.item_id.in_([item.item_id for item in batch])))
    else:
        connection.execute(update(catalogue).values(version=version - 1))
    return n_changed


def _delete(connection: Connection, batch: Sequence[str]) -> int:
    version = _next_version(connection)
    gone = list(connection.scalars(delete(items).where(items.c.item_id.in_(batch)).returning(items.c.item_id)))
    if gone:
        rows = [{"item_id": item_id, "version": version} for item_id in gone]
        connection.execute(deleted_items.insert(), rows)
    else:
        connection.execute(update(catalogue).values(version=version - 1))
    return len(gone)
