"""Events of PostgreSQL lie in a partition a month: old ones are dropped whole, and indexes stay small.

Partitions make themselves: this month's and the next ones ahead, another when its first event comes. Events of dates
far off, which are most often mistakes, lie in the default partition, and so does what comes while a partition cannot
be made.
"""

import logging
import time
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection, text

from aisle.errors import StoreError
from aisle.store.database import Database

logger = logging.getLogger("aisle.store")

REST = "events_other"
"""The default partition."""
AHEAD, BEHIND = 2, 120
"""Months after and before this one that have, or get, a partition of their own."""
_LOCK = 0x4D4F4E5448
"""Key of the advisory lock that lets one connection make or drop partitions at a time ("MONTH" in hexadecimal)."""
_WAIT = "1s"
"""How long the readers of the default partition are waited for: those that come meanwhile stand in line behind."""
_AGAIN_S = 60.0


class Month(NamedTuple):
    """A month, as years * 12 + months."""

    number: int

    @property
    def name(self) -> str:
        """The partition of its events."""
        year, month = divmod(self.number, 12)
        return f"events_{year:04}_{month + 1:02}"

    @property
    def start(self) -> int:
        """Its first moment, in microseconds since 1970."""
        return int(np.datetime64(self.number - 1970 * 12, "M").astype("datetime64[us]").astype(np.int64))

    @property
    def next(self) -> "Month":
        """The month after it."""
        return Month(self.number + 1)


def month_of(name: str) -> Month:
    """The month whose partition is `name`.

    >>> month_of("events_2026_01").name
    'events_2026_01'
    """
    _, year, month = name.split("_")
    return Month(int(year) * 12 + int(month) - 1)


def months_of(timestamps: Iterable[int]) -> set[Month]:
    """The months of times in microseconds since 1970.

    >>> sorted(month.name for month in months_of([0, 2_678_400_000_000]))
    ['events_1970_01', 'events_1970_02']
    """
    times = np.fromiter(timestamps, np.int64).view("datetime64[us]").astype("datetime64[M]")
    return {Month(number + 1970 * 12) for number in np.unique(times.astype(np.int64)).tolist()}


def this_month() -> Month:
    """The month that it is now, in UTC."""
    now = datetime.now(UTC)
    return Month(now.year * 12 + now.month - 1)


def near(months: Iterable[Month]) -> set[Month]:
    """Those of `months` that are worth a partition."""
    now = this_month().number
    return {month for month in months if -BEHIND <= month.number - now <= AHEAD}


class Months:
    """Makes the partitions that are needed, as far as this process knows. Safe to use from many threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: frozenset[Month] = frozenset()
        self._again_at = 0.0

    def prepare(self, timestamps: Iterable[int] = ()) -> None:
        """Make the partitions for events of these times, and those ahead. Never fails: the default one is there."""
        now = this_month()
        ahead = {Month(now.number + step) for step in range(AHEAD + 1)}
        missing = (ahead | near(months_of(timestamps))) - self._known
        if not missing or time.monotonic() < self._again_at:
            return
        try:
            self._database.write(partial(make, months=missing), quick=True)
            self._known |= missing
        except StoreError as error:
            logger.warning("no partition for %s yet: %s", ", ".join(sorted(month.name for month in missing)), error)
            self._again_at = time.monotonic() + _AGAIN_S


def make(connection: Connection, months: Collection[Month]) -> None:
    """Make the partitions of `months` that are not there; events of theirs that lie in the default one move."""
    if set(months) <= set(existing(connection)):
        return
    alone(connection)
    for month in sorted(set(months) - set(existing(connection))):
        _make(connection, month)


def existing(connection: Connection) -> Sequence[Month]:
    """The months that have a partition, the oldest first."""
    parts = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'events'::regclass"
    return sorted(month_of(name) for name in connection.scalars(text(parts)) if name != REST)


def alone(connection: Connection) -> None:
    """Be the only one that makes or drops partitions until the transaction ends."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_WAIT}'")


def _make(connection: Connection, month: Month) -> None:
    start, end = month.start, month.next.start
    for statement in (
        # First of all: nobody may add to what is being moved.
        f"LOCK TABLE {REST} IN ACCESS EXCLUSIVE MODE",
        f"CREATE TABLE {month.name} (LIKE events INCLUDING ALL)",
        f"""
        WITH moved AS (DELETE FROM {REST} WHERE timestamp >= {start} AND timestamp < {end} RETURNING *)
        INSERT INTO {month.name} SELECT * FROM moved
        """,
        f"ALTER TABLE events ATTACH PARTITION {month.name} FOR VALUES FROM ({start}) TO ({end})",
    ):
        connection.exec_driver_sql(statement)
