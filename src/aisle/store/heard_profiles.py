"""Profiles kept in the process until PostgreSQL says that they changed (LISTEN and NOTIFY)."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Event as Signal
from threading import Lock, Thread
from typing import Any

import orjson
from sqlalchemy import Connection, text

from aisle.errors import StoreError
from aisle.store.database import Database
from aisle.store.profiles import Profile, Read, Who, by_shopper, who_of
from aisle.types import Event

logger = logging.getLogger("aisle.store")

CHANNEL = "aisle_profiles"
EVERYBODY = "*"
MOST_KEPT = 10_000
"""Profiles that a process keeps; those not asked for the longest go first."""
MOST_NAMED = 1_000
"""Shoppers that one transaction names; of more, everybody's profile is read anew."""
_MESSAGE_BYTES = 7_000
"""PostgreSQL takes less than 8,000 bytes in one message."""
_BEAT_S = 1.0
"""The listening connection shows this often that it lives."""
_STALE = -1


def announce(connection: Connection, events: Sequence[Event] | None) -> None:
    """Let every process know, once this transaction is committed, whose profiles changed; None: everybody's."""
    for message in _messages(events):
        connection.execute(text(f"SELECT pg_notify('{CHANNEL}', :message)"), {"message": message})


def _messages(events: Sequence[Event] | None) -> Iterator[str]:
    whos = None if events is None else {who for event in events if (who := who_of(event))}
    if whos is None or len(whos) > MOST_NAMED:
        yield EVERYBODY
        return
    part: list[bytes] = []
    for who in sorted(whos):
        named = orjson.dumps(list(who))
        if part and sum(map(len, part)) + len(part) + len(named) > _MESSAGE_BYTES:
            yield _joined(part)
            part = []
        part.append(named)
    if part:
        yield _joined(part)


def _joined(part: Sequence[bytes]) -> str:
    return f"[{b','.join(part).decode()}]"


@dataclass(frozen=True, slots=True)
class _Kept:
    events: tuple[Event, ...]
    limit: int
    spell: int
    """During which spell of listening it was read; _STALE when it changed since."""


class HeardProfiles:
    """Profiles in memory: read once, and again after PostgreSQL has announced a change of theirs.

    What was read counts as fresh only while this process listens without a break; else the database is asked. Where
    it is away, the last known profile answers, and says that it is not fresh. A connection that died unnoticed is
    found out within about a second.
    """

    def __init__(self, database: Database, read: Read, before_change: Callable[[], None] = lambda: None) -> None:
        """`before_change` is called when a change is heard of, before anybody reads anew."""
        self._database, self._read, self._before_change = database, read, before_change
        self._kept: OrderedDict[Who, _Kept] = OrderedDict()
        self._reading: dict[Who, object] = {}
        """Who is being read, by whom: an announcement in between takes the name away, and what was read is not kept."""
        self._spell, self._hears = 0, False
        self._lock = Lock()
        self._closed = Signal()
        self._thread = Thread(target=self._listen, name="aisle-profiles", daemon=True)
        self._begun = False

    @property
    def degraded(self) -> tuple[str, ...]:
        """As in Profiles."""
        return (
            ()
            if self._hears or not self._begun
            else ("profiles: every one is read from the database, which announces no changes",)
        )

    def latest(self, who: Who, limit: int) -> Profile:
        """As in Profiles."""
        mine = object()
        with self._lock:
            if not self._begun:
                self._begun = True
                self._thread.start()
            known = self._kept.get(who)
            if known and self._hears and known.spell == self._spell and known.limit >= limit:
                self._kept.move_to_end(who)
                return Profile(known.events[:limit])
            self._reading[who] = mine
            spell = self._spell
        try:
            events = tuple(self._read(who, limit))
        except StoreError:
            if known is None:
                raise
            return Profile(known.events[:limit], fresh=False)
        with self._lock:
            unchanged = self._reading.get(who) is mine and self._hears and spell == self._spell
            if self._reading.get(who) is mine:
                del self._reading[who]
            self._keep(who, _Kept(events, limit, spell if unchanged else _STALE))
        return Profile(events)

    def appended(self, events: Sequence[Event], n_new: int) -> None:
        """As in Profiles: this process need not wait for the announcement."""
        with self._lock:
            self._changed(by_shopper(events) if len(events) <= MOST_NAMED else None)

    def forget(self) -> None:
        """As in Profiles."""
        with self._lock:
            self._kept.clear()
            self._reading.clear()

    def close(self) -> None:
        """As in Profiles."""
        self._closed.set()
        if self._begun:
            self._thread.join()

    def _keep(self, who: Who, kept: _Kept) -> None:
        self._kept[who] = kept
        self._kept.move_to_end(who)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    def _changed(self, whos: Any) -> None:
        for who in list(self._kept) if whos is None else whos:
            self._reading.pop(who, None)
            if known := self._kept.get(who):
                self._kept[who] = replace(known, spell=_STALE)
        if whos is None:
            self._reading.clear()

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                self._spell_of_listening()
            except Exception as error:  # noqa: BLE001  whatever ended it, it must begin again
                if self._hears:
                    logger.warning("profiles are read from the database, as it announces no changes: %s", error)
                self._hears = False
                self._closed.wait(_BEAT_S)

    def _spell_of_listening(self) -> None:
        with self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"LISTEN {CHANNEL}")
            driver: Any = connection.connection.driver_connection
            with self._lock:
                self._spell += 1
                self._hears = True
            try:
                while not self._closed.is_set():
                    for told in driver.notifies(timeout=_BEAT_S / 4):
                        self._hear(told)
                    connection.exec_driver_sql("SELECT 1")
            finally:
                self._hears = False
                connection.invalidate()  # nobody else shall get what it still hears

    def _hear(self, told: Any) -> None:
        self._before_change()
        whos = None if told.payload == EVERYBODY else [Who(*named) for named in orjson.loads(told.payload)]
        with self._lock:
            self._changed(whos)
