"""Old events out: whole months are dropped from PostgreSQL, the rest is deleted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, delete, func, literal_column, select, table, text

from aisle.store.database import Database
from aisle.store.months import Month, alone, existing
from aisle.store.rows import microseconds
from aisle.store.tables import event_ids, events
from aisle.types import check_utc

CHUNK = 50_000
"""Events that SQLite deletes in one transaction: others may write between two."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was dropped."""

    before: datetime
    """Events of earlier times are gone."""
    n_events: int
    months: tuple[str, ...] = ()
    """Partitions that were dropped whole."""


def prune(database: Database, before: datetime) -> Pruned:
    """Drop the events before that time (UTC). It may be broken off and called again.

    An event that is sent again after it was dropped is new. Raises InputError for a time that is not in UTC.
    """
    check_utc("before", before)
    cut = microseconds(before)
    if database.dialect != "postgresql":
        return Pruned(before, sum(_deleted(database, cut)))
    old = [month for month in database.read(existing) if month.next.start <= cut]
    n_events = sum(database.write(partial(_drop, month=month)) for month in old)
    n_events += database.write(partial(_delete_rest, cut=cut))
    return Pruned(before, n_events, tuple(month.name for month in old))


def _deleted(database: Database, cut: int) -> Iterator[int]:
    old = select(events.c.event_no).where(events.c.timestamp < cut).limit(CHUNK)
    statement = delete(events).where(events.c.event_no.in_(old))
    while n_events := database.write(lambda connection: connection.execute(statement).rowcount):
        yield n_events


def _drop(connection: Connection, month: Month) -> int:
    alone(connection)
    if connection.scalar(text("SELECT to_regclass(:name)"), {"name": month.name}) is None:
        return 0  # another process was faster
    n_events = connection.scalar(select(func.count(literal_column("*"))).select_from(table(month.name)))
    connection.exec_driver_sql(f"DROP TABLE {month.name}")
    return n_events or 0


def _delete_rest(connection: Connection, cut: int) -> int:
    # Ids last: as long as they are there, their events are not taken in anew.
    n_events = connection.execute(delete(events).where(events.c.timestamp < cut)).rowcount
    connection.execute(delete(event_ids).where(event_ids.c.timestamp < cut))
    return n_events
