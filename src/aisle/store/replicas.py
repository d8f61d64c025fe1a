"""Reads on PostgreSQL's standbys, as long as they have seen what this process knows of."""

import logging
from collections.abc import Callable, Sequence
from itertools import count
from threading import Lock
from typing import TypeVar

from sqlalchemy import Connection, text

from aisle.errors import StoreError
from aisle.store.database import Database

logger = logging.getLogger("aisle.store")
T = TypeVar("T")

_SEEN = text("SELECT pg_last_wal_replay_lsn() >= CAST(:place AS pg_lsn)")
_WRITTEN = text("SELECT CAST(pg_current_wal_lsn() AS text)")
_NOWHERE = "FFFFFFFF/FFFFFFFF"
"""A place that no standby reaches: it is not known how far they must be."""


class Replicas:
    """Events and judgments are read from standbys by streaming, in turns; the catalogue, and all writes, go elsewhere.

    The rule: a standby answers only when it has replayed the log of the primary up to the place that this process
    knows of: what was committed before it opened the store, what it wrote itself, and changes of profiles that it
    heard of. So no reader sees less than that. A standby that is behind, away, or none, is skipped for the next, and
    the primary answers last.
    """

    def __init__(self, primary: Database, standbys: Sequence[Database]) -> None:
        self._primary, self._standbys = primary, standbys
        self._place = _NOWHERE
        self._turn = count()
        self._lock = Lock()
        self.note()

    @property
    def degraded(self) -> tuple[str, ...]:
        """The standbys that do not answer."""
        return tuple(f"replica: {standby.where} is away" for standby in self._standbys if standby.away)

    @property
    def dialect(self) -> str:
        """As of the Database."""
        return self._primary.dialect

    def note(self) -> None:
        """Remember how far the log of the primary is: from now on no reader sees less."""
        if not self._standbys:
            return
        with self._lock:
            # Asked under the lock, so that a later answer is not overtaken by an earlier one.
            try:
                self._place = self._primary.read(lambda connection: connection.scalar(_WRITTEN), quick=True) or _NOWHERE
            except StoreError:
                self._place = _NOWHERE

    def read(self, work: Callable[[Connection], T], *, quick: bool = False) -> T:
        """What `work` returns, as in Database."""
        first, n_standbys = next(self._turn), len(self._standbys)
        for place in range(n_standbys):
            standby = self._standbys[(first + place) % n_standbys]
            try:
                return standby.read(lambda connection: _checked(connection, self._place, work), quick=quick)
            except _BehindError:
                continue
            except StoreError as error:
                logger.warning("a replica is skipped: %s", error)
        return self._primary.read(work, quick=quick)

    def close(self) -> None:
        """Let go of the standbys."""
        for standby in self._standbys:
            standby.close()


class _BehindError(Exception):
    """The standby has not seen enough, or is no standby (any more)."""


def _checked(connection: Connection, place: str, work: Callable[[Connection], T]) -> T:
    if not connection.scalar(_SEEN, {"place": place}):
        raise _BehindError
    return work(connection)
