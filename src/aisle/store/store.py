"""The store: what is known about a shop, kept safe and handed back."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl
from sqlalchemy import Connection, distinct, func, literal_column, select

from aisle.store import catalogue, frames
from aisle.store.catalogue import Changes
from aisle.store.copying import copy_database
from aisle.store.database import Database, parse_replica_urls, parse_url
from aisle.store.events import EventLog, latest_events
from aisle.store.grades import upsert_judgments
from aisle.store.heard_profiles import HeardProfiles
from aisle.store.migrations import migrate
from aisle.store.profiles import Profile, Profiles, Who
from aisle.store.redis_profiles import RedisProfiles
from aisle.store.replicas import Replicas
from aisle.store.retention import Pruned, prune
from aisle.store.tables import events, items, judgments
from aisle.types import Event, EventKind, Item, Judgment

REDIS_S = 0.25
"""Longest wait for Redis: the database answers a profile sooner."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the store holds."""

    n_items: int
    n_events: int
    n_users: int
    """Different users among the events."""
    n_judgments: int


def open_store(
    url: str,
    folder: Path | None = None,
    *,
    timeout_s: float = 30.0,
    answer_s: float = 2.0,
    replica_urls: Sequence[str] = (),
    redis_url: str = "",
) -> "Store":
    """The store at `url`, its tables brought up to date; a relative SQLite file lies inside `folder`.

    `timeout_s` is how long a lock that another process holds is waited for, `answer_s` how long a shopper waits for
    PostgreSQL. `replica_urls` are its standbys, `redis_url` keeps profiles. Several processes may
    have the same store open. Raises SettingsError for an unusable address, MissingExtraError when
    the packages for PostgreSQL or Redis are absent, and StoreError when the database refuses or was made by a
    newer Aisle.
    """
    with ExitStack() as opened:
        database = Database(parse_url(url, folder), timeout_s, answer_s)
        opened.callback(database.close)
        migrate(database)
        standbys = [Database(standby, timeout_s, answer_s) for standby in parse_replica_urls(replica_urls, database)]
        replicas = Replicas(database, standbys)
        opened.callback(replicas.close)
        store = Store(database, replicas, open_profiles(database, replicas, redis_url, answer_s))
        opened.pop_all()
        return store


def open_profiles(database: Database, replicas: Replicas, redis_url: str, answer_s: float) -> Profiles | None:
    """Where profiles are kept at hand: in Redis, in memory beside PostgreSQL, or, with SQLite, nowhere."""
    read = partial(latest_events, replicas)
    if redis_url:
        return RedisProfiles(redis_url, read, min(answer_s, REDIS_S))
    return HeardProfiles(database, read, replicas.note) if database.dialect == "postgresql" else None


class Store:
    """Items, events and judgments of a shop. Safe to use from many threads.

    Every method raises StoreError when the database refuses: it is full, read-only, locked for
    too long or away. What a method has acknowledged by returning is on disk.
    """

    def __init__(self, database: Database, replicas: Replicas | None = None, profiles: Profiles | None = None) -> None:
        """`profiles` None: they are read from the database each time."""
        self._database = database
        self._replicas = replicas or Replicas(database, ())
        self._profiles = profiles
        self._log = EventLog(database, announces=isinstance(profiles, HeardProfiles), after=self._appended)

    def upsert_items(self, items: Iterable[Item]) -> int:
        """Keep the items, 1,000 a transaction; returns how many are new or differ from what was kept.

        Of items with the same id the last one wins.
        """
        return catalogue.upsert_items(self._database, items)

    def delete_items(self, item_ids: Iterable[str]) -> int:
        """Forget the items; returns how many were there."""
        return catalogue.delete_items(self._database, item_ids)

    def item(self, item_id: str) -> Item | None:
        """The item of that id, or None."""
        return catalogue.item(self._database, item_id)

    def items(self) -> Iterator[Item]:
        """Every item in the order of their ids, 1,000 at a time.

        Items that change meanwhile may be the old or the new ones; ask `version` before and
        `changes_since` after to be exact.
        """
        return catalogue.all_items(self._database)

    def item_ids(self) -> list[str]:
        """Every item's id, in order."""
        return catalogue.item_ids(self._database)

    def items_frame(self) -> pl.DataFrame:
        """Every item, by id: a column a field; `category` is a list, `attributes` and `translations` are JSON."""
        return frames.items_frame(self._database)

    def version(self) -> int:
        """A number that grows with every change of items, and only then."""
        return catalogue.version(self._database)

    def changes_since(self, version: int) -> Changes:
        """Items that were changed or deleted after the catalogue was at `version`."""
        return catalogue.changes_since(self._database, version)

    def append_events(self, events: Iterable[Event]) -> int:
        """Keep the events; returns how many are new. They are durable when this returns.

        An event whose `event_id` is kept already changes nothing, so that a batch may be sent
        again. Threads that append at the same time share a transaction. More than 50,000 events
        become several; when one of those fails, the ones before it are kept.
        """
        return self._log.append(events)

    def events_frame(self, kinds: Sequence[EventKind] | None = None, since: datetime | None = None) -> pl.DataFrame:
        """The events of these kinds at or after `since` (UTC), oldest first: a column a field, as Event has them.

        `rank` and `value` are null where an event has none. Raises InputError for an unknown kind.
        """
        return frames.events_frame(self._replicas, kinds, since)

    def user_events(self, user_id: str, limit: int = 50) -> list[Event]:
        """The user's latest events with an item (no searches), newest first; none for an unknown user."""
        return latest_events(self._replicas, Who("user", user_id), limit)

    def session_events(self, session_id: str, limit: int = 50) -> list[Event]:
        """The latest events with an item of a session that has no user, newest first; none for an unknown session."""
        return latest_events(self._replicas, Who("session", session_id), limit)

    def profile(self, user_id: str = "", session_id: str = "", limit: int = 50) -> Profile:
        """What `user_events` gives, or without a user `session_events`, from memory or Redis where it is at hand there.

        Every process sees an append of any within 100 ms. Where the database is away, the last known profile
        answers, not `fresh`; raises StoreError when none is known.
        """
        who = Who("user", user_id) if user_id else Who("session", session_id)
        if not who.name:
            return Profile()
        if self._profiles:
            return self._profiles.latest(who, limit)
        return Profile(tuple(latest_events(self._replicas, who, limit)))

    def prune(self, before: datetime) -> Pruned:
        """Drop the events before that time (UTC), in PostgreSQL whole months at once. Raises InputError without UTC."""
        pruned = prune(self._database, before)
        self._replicas.note()
        if self._profiles:
            self._profiles.forget()
        return pruned

    @property
    def degraded(self) -> tuple[str, ...]:
        """What does not answer now and is done without; empty when all is well."""
        away = (f"store: {self._database.where} is away",) if self._database.away else ()
        return away + self._replicas.degraded + (self._profiles.degraded if self._profiles else ())

    def upsert_judgments(self, judgments: Iterable[Judgment]) -> int:
        """Keep the judgments; returns how many are new or have another grade. The last of a pair wins."""
        return upsert_judgments(self._database, judgments)

    def judgments_frame(self) -> pl.DataFrame:
        """Every judgment, by query and item: query, item_id (String), grade (Int64)."""
        return frames.judgments_frame(self._replicas)

    def counts(self) -> Counts:
        """How many items, events, users and judgments there are, all of one moment."""
        return self._database.read(_counts)

    def copy(self, path: Path) -> None:
        """Write all that the store holds at this moment into a new SQLite file at `path`."""
        copy_database(self._database, path)

    def close(self) -> None:
        """Let go of the database."""
        if self._profiles:
            self._profiles.close()
        self._replicas.close()
        self._database.close()

    def _appended(self, events: Sequence[Event], n_new: int) -> None:
        self._replicas.note()
        if self._profiles:
            self._profiles.appended(events, n_new)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _counts(connection: Connection) -> Counts:
    users = select(func.count(distinct(events.c.user_id))).where(events.c.user_id != literal_column("''"))
    return Counts(
        n_items=connection.scalar(select(func.count()).select_from(items)) or 0,
        n_events=connection.scalar(select(func.count()).select_from(events)) or 0,
        n_users=connection.scalar(users) or 0,
        n_judgments=connection.scalar(select(func.count()).select_from(judgments)) or 0,
    )
