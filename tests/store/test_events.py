from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event as Signal
from typing import Any

import pytest
from sqlalchemy import Connection

from aisle.errors import StoreError
from aisle.store.database import Database, parse_url
from aisle.store.events import _USER_EVENTS, EventLog
from aisle.store.migrations import migrate
from aisle.testing.store import event


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(parse_url(f"sqlite:///{tmp_path / 'store.db'}", None), timeout_s=10)
    migrate(database)
    yield database
    database.close()


class SlowDatabase:
    """The database, but its first transaction waits for a signal, and all are counted."""

    dialect = "sqlite"

    def __init__(self, database: Database) -> None:
        self._database = database
        self.entered = Signal()
        self.go_on = Signal()
        self.n_transactions = 0
        self.failing = False

    def write(self, work: Any, *, quick: bool) -> Any:
        self.n_transactions += 1
        self.entered.set()
        assert self.go_on.wait(10)
        if self.failing and self.n_transactions == 2:
            raise StoreError("the store refused")
        return self._database.write(work)


def _append_one_then_three(slow: SlowDatabase) -> list[Any]:
    """What becomes of one caller and of three more that come while the first one's transaction runs."""
    log = EventLog(slow)  # type: ignore[arg-type]
    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(log.append, [event(0)])
        assert slow.entered.wait(10)
        others = [threads.submit(log.append, [event(0), event(number), event(9)]) for number in (1, 2, 3)]
        while len(log._waiting) < 3:
            pass
        slow.go_on.set()
        return [future.exception() or future.result() for future in [first, *others]]


def test_callers_that_come_while_a_transaction_runs_share_the_next_one(database: Database) -> None:
    slow = SlowDatabase(database)
    counts = _append_one_then_three(slow)
    # e9 is new to one of the three only; e0 to none of them.
    assert (counts[0], sorted(counts[1:])) == (1, [1, 1, 2])
    assert slow.n_transactions == 2


def test_every_caller_of_a_transaction_that_failed_hears_of_it(database: Database) -> None:
    slow = SlowDatabase(database)
    slow.failing = True
    first, *others = _append_one_then_three(slow)
    assert first == 1
    assert [str(error) for error in others] == ["the store refused"] * 3
    assert EventLog(database).append([event(1), event(2)]) == 2


def test_an_unexpected_failure_does_not_stop_the_log(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    log = EventLog(database)
    with monkeypatch.context() as patch:
        patch.setattr(database, "write", lambda work, quick: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            log.append([event(1)])
    assert log.append([event(1)]) == 1


def test_events_before_a_bad_one_are_kept_by_the_chunk(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aisle.store.events.CHUNK", 2)

    def three_events_then_a_failure() -> Iterator[Any]:
        yield from [event(1), event(2), event(3)]
        raise ValueError("the log is broken here")

    with pytest.raises(ValueError, match="the log is broken here"):
        EventLog(database).append(three_events_then_a_failure())
    assert EventLog(database).append([event(1), event(2), event(3)]) == 1


def test_a_users_events_are_found_by_the_index_alone(database: Database) -> None:
    statement = str(_USER_EVENTS.compile(database.engine))

    def plan(connection: Connection) -> str:
        rows = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, ("ann", 50, 0)).all()
        return "; ".join(row[-1] for row in rows)

    assert database.read(plan) == "SEARCH events USING INDEX events_by_user (user_id=?)"
