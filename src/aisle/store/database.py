"""The connection to SQLite or PostgreSQL: how transactions begin, wait for each other, and fail in clear words."""

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from aisle.errors import AwayError, SettingsError, StoreError
from aisle.remote import Remote
from aisle.store.failures import explain, is_away, may_retry
from aisle.store.postgresql import be_patient, be_quick, postgresql_engine

T = TypeVar("T")

DRIVERS = {
    "sqlite": "sqlite+pysqlite",
    "sqlite+pysqlite": "sqlite+pysqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
ATTEMPTS = 5
"""How often a transaction that PostgreSQL broke off for a deadlock is tried."""

SQLITE_PRAGMAS = {
    # FULL syncs the log at every commit: what was acknowledged survives a power cut. It costs up to
    # a third of the events per second of NORMAL, which would only survive the end of the process.
    "synchronous": "FULL",
    # KiB. The index of event ids stays in memory during a bulk load.
    "cache_size": "-32000",
    # Pages of 4 KiB. The index pages that every batch touches are copied to the file less often.
    "wal_autocheckpoint": "4000",
    "temp_store": "MEMORY",
}


class Database:
    """Transactions on one database, safe to use from many threads.

    `read` and `write` take what is to be done as a function of the connection, because a
    transaction may have to be done twice. Both raise StoreError when the database refuses, or does not answer.
    With `quick` PostgreSQL is waited for `answer_s` at most, and what is read is one statement; without, each
    statement may take minutes. While it is away, calls fail at once, and one in a while asks again.
    """

    def __init__(self, url: URL, timeout_s: float, answer_s: float = 2.0) -> None:
        self._answer_s = answer_s
        self.engine = _engine(url, timeout_s, answer_s)
        self.dialect = self.engine.dialect.name
        self.where = url.render_as_string(hide_password=True)
        # Threads of one process queue up here; SQLite's own wait polls, and may starve one of them.
        self._turn: AbstractContextManager[Any] = Lock() if self.dialect == "sqlite" else nullcontext()
        self._line = Remote(f"the store {self.where}", (_AwayFault,), deadline_s=answer_s, rest_s=answer_s)

    @property
    def away(self) -> bool:
        """Whether the server did not answer when last asked."""
        return self._line.failing

    def read(self, work: Callable[[Connection], T], *, quick: bool = False) -> T:
        """What `work` returns; everything that it reads is of one moment."""
        level = "AUTOCOMMIT" if quick else "REPEATABLE READ"
        options = {"isolation_level": level} if self.dialect == "postgresql" else {}
        return self._call(partial(self._transact, work, options, quick))

    def write(self, work: Callable[[Connection], T], *, quick: bool = False) -> T:
        """What `work` returns; what it wrote is durable, all of it or nothing.

        A transaction of which it is not known whether PostgreSQL kept it is done again: `work` is safe to repeat.
        """
        with self._turn:
            return self._call(partial(self._won, work, quick))

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    def _call(self, work: Callable[[], T]) -> T:
        def attempt() -> T:
            try:
                return work()
            except SQLAlchemyError as error:
                told = explain(error, self.where)
                raise (_AwayFault(told) if is_away(error) else told) from error

        try:
            return self._line.call(attempt)
        except AwayError as error:
            fault = error.__cause__
            raise (fault.told if isinstance(fault, _AwayFault) else StoreError(str(error))) from error

    def _won(self, work: Callable[[Connection], T], quick: bool) -> T:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._transact(work, {"aisle_writes": True}, quick)
            except SQLAlchemyError as error:
                if attempt == ATTEMPTS or not may_retry(error):
                    raise
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _transact(self, work: Callable[[Connection], T], options: dict[str, Any], quick: bool) -> T:
        patient = not quick and self.dialect == "postgresql"
        with self.engine.connect().execution_options(**options) as connection:
            try:
                with connection.begin():
                    if patient:
                        be_patient(connection)
                    return work(connection)
            finally:
                if patient:
                    be_quick(connection, self._answer_s)


class _AwayFault(Exception):
    """The database did not answer; `told` says so to the caller."""

    def __init__(self, told: StoreError) -> None:
        super().__init__(str(told))
        self.told = told


def parse_url(url: str, folder: Path | None) -> URL:
    """The address of a store; a relative SQLite file lies inside `folder`.

    Raises SettingsError when it is malformed, names another kind of database, or an SQLite
    database that would be in memory only.
    """
    expected = "expected sqlite:///store.db or postgresql+psycopg://user@host/name"
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise SettingsError(f"store.url = {url!r} is not an address; {expected}") from error
    driver = DRIVERS.get(parsed.drivername)
    if driver is None:
        raise SettingsError(f"store.url names the database {parsed.drivername!r}; {expected}")
    parsed = parsed.set(drivername=driver)
    if not driver.startswith("sqlite"):
        return parsed
    name = parsed.database or ""
    if name in ("", ":memory:") or parsed.query.get("mode") == "memory":
        raise SettingsError(f"store.url = {url!r} names no file, and a store in memory would be lost; {expected}")
    if folder is None or name.startswith("file:"):
        return parsed
    return parsed.set(database=str(folder / name))


def sqlite_file(url: str, folder: Path | None) -> Path | None:
    """The file of a store in SQLite, or None where it is another kind of database. Raises as `parse_url`."""
    parsed = parse_url(url, folder)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def parse_replica_urls(urls: Sequence[str], primary: Database) -> list[URL]:
    """The addresses of standbys. Raises SettingsError unless they, and the primary, are in PostgreSQL."""
    parsed = [parse_url(url, None) for url in urls]
    backends = {url.get_backend_name() for url in parsed} | ({primary.dialect} if urls else set())
    if backends - {"postgresql"}:
        raise SettingsError(
            f"store.replica_urls = {list(urls)}; only PostgreSQL has replicas: "
            "expected postgresql+psycopg://user@host/name there and in store.url"
        )
    return parsed


def _engine(url: URL, timeout_s: float, answer_s: float) -> Engine:
    if url.get_backend_name() != "sqlite":
        return postgresql_engine(url, timeout_s, answer_s)
    engine = create_engine(
        url,
        connect_args={"timeout": timeout_s, "check_same_thread": False},
        pool_size=8,
        max_overflow=32,
        pool_timeout=timeout_s,
    )
    event.listen(engine, "connect", lambda connection, _: _prepare_sqlite(connection, timeout_s))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, timeout_s: float) -> None:
    # The driver would begin transactions on its own, and always without the write lock.
    connection.isolation_level = None
    for name, value in SQLITE_PRAGMAS.items():
        connection.execute(f"PRAGMA {name} = {value}")
    _use_write_ahead_log(connection, timeout_s)


def _use_write_ahead_log(connection: sqlite3.Connection, timeout_s: float) -> None:
    """Let readers and the writer work side by side. The file remembers it, so this happens once."""
    deadline = time.monotonic() + timeout_s
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname.startswith("SQLITE_READONLY"):
                return
            # SQLite does not wait for this lock by itself.
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    # Taking the write lock first means that a transaction never finds it taken half way through.
    writes = connection.get_execution_options().get("aisle_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
