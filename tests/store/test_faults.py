"""PostgreSQL, its standbys and Redis are killed and paused: nothing acknowledged is lost, nobody hangs."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count

import psycopg
import pytest
from sqlalchemy import make_url

from aisle.errors import SettingsError, StoreError
from aisle.store import Profile, Store, open_store
from aisle.testing.servers import PostgresqlServer, RedisServer
from aisle.testing.store import event

ANSWER_S = 0.5
BOUND_S = 10.0
"""The wait of a request is 0.5 s; a busy machine may take longer to say so."""


@pytest.fixture
def store(lone_postgresql: PostgresqlServer) -> Iterator[Store]:
    with open_store(lone_postgresql.new_url(), answer_s=ANSWER_S) as store:
        yield store


def again(work: Callable[[], object]) -> None:
    """Try until it works: recovery needs nobody's help."""
    deadline = time.monotonic() + 20
    while True:
        try:
            work()
        except StoreError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return


def wait_until(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def seconds(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started


def refused(work: Callable[[], object]) -> None:
    with pytest.raises(StoreError, match=r"no connection|does not answer"):
        work()


def test_no_acknowledged_event_is_lost_when_the_server_is_killed(
    store: Store, lone_postgresql: PostgresqlServer
) -> None:
    acknowledged: list[int] = []

    def append(thread: int) -> None:
        for batch in count():
            first = 1_000_000 * thread + 10 * batch
            try:
                store.append_events([event(number, minute=0) for number in range(first, first + 10)])
            except StoreError:
                return
            acknowledged.append(first)

    with ThreadPoolExecutor(3) as threads:
        running = [threads.submit(append, thread) for thread in range(3)]
        wait_until(lambda: len(acknowledged) > 20)
        lone_postgresql.kill()
        for one in running:
            one.result(timeout=BOUND_S)
    lone_postgresql.start()
    again(lambda: store.append_events([event(9_999_999)]))
    kept = set(store.events_frame()["event_id"])
    assert {f"e{first + step}" for first in acknowledged for step in range(10)} <= kept
    assert len(kept) % 10 == 1, "a batch is kept whole or not at all"


def test_a_server_that_hangs_is_not_waited_for(store: Store, lone_postgresql: PostgresqlServer) -> None:
    store.append_events([event(1)])
    wait_until(lambda: store.profile("ann").fresh and not store.degraded)
    lone_postgresql.pause()
    try:
        assert seconds(lambda: refused(lambda: store.append_events([event(2)]))) < BOUND_S
        with ThreadPoolExecutor(8) as threads:
            waits = list(
                threads.map(lambda n: seconds(lambda: refused(lambda: store.append_events([event(n)]))), range(3, 11))
            )
        assert max(waits) < BOUND_S
        assert seconds(lambda: refused(lambda: store.append_events([event(2)]))) < 0.1, "it fails at once by now"
        wait_until(lambda: len(store.degraded) == 2)
        assert store.degraded[0].startswith("store: postgresql+psycopg://")
        assert store.profile("ann") == Profile((event(1),), fresh=False)
        refused(lambda: store.profile("bob"))
    finally:
        lone_postgresql.resume()
    again(lambda: store.append_events([event(100)]))
    wait_until(lambda: store.profile("ann").fresh and not store.degraded)
    assert store.profile("ann").events[0] == event(100)
    # What was not acknowledged may have been kept, each event whole and once.
    assert set(store.events_frame()["event_id"]) <= {f"e{number}" for number in (100, *range(1, 11))}


@pytest.mark.parametrize("fault", ["paused", "killed"])
def test_without_redis_profiles_come_from_the_database(
    lone_postgresql: PostgresqlServer, redis: RedisServer, fault: str
) -> None:
    url = lone_postgresql.new_url()
    with open_store(url, redis_url=redis.url) as store, open_store(url, redis_url=redis.url) as other:
        store.append_events([event(1)])
        assert other.profile("ann").events == (event(1),)
        redis.pause() if fault == "paused" else redis.kill()
        for number in (2, 3, 4):
            assert store.append_events([event(number)]) == 1
            assert seconds(partial(other.profile, "ann")) < BOUND_S
            assert other.profile("ann").events[0] == event(number)
        assert store.degraded == other.degraded == ("profiles: Redis is away, and the database is read instead",)
        redis.resume() if fault == "paused" else redis.start()
        time.sleep(1.1)
        assert store.profile("ann").events[0] == event(4), "its list lacks what was appended while Redis was away"
        wait_until(lambda: other.profile("ann").events[0] == event(4))
        assert not store.degraded and not other.degraded


def read_from(store: Store) -> str:
    """The server that answers a read."""
    return str(store._replicas.read(lambda connection: connection.exec_driver_sql("SHOW data_directory").scalar()))


def test_a_standby_answers_when_it_has_seen_enough(lone_postgresql: PostgresqlServer) -> None:
    url = lone_postgresql.new_url()
    with lone_postgresql.standby() as standby:
        there = standby.url(make_url(url).database or "")
        admin = psycopg.connect(there.replace("+psycopg", ""), autocommit=True)
        with open_store(url, answer_s=ANSWER_S, replica_urls=[there]) as store:
            wait_until(lambda: read_from(store) == str(standby.data))
            store.append_events([event(1)])
            wait_until(lambda: read_from(store) == str(standby.data))
            assert store.user_events("ann") == [event(1)] == list(store.profile("ann").events)
            admin.execute("SELECT pg_wal_replay_pause()")
            store.append_events([event(2)])
            assert read_from(store) == str(lone_postgresql.data)
            assert store.events_frame()["event_id"].to_list() == ["e1", "e2"]
            admin.execute("SELECT pg_wal_replay_resume()")
            wait_until(lambda: read_from(store) == str(standby.data))
            admin.close()
            standby.pause()
            assert seconds(partial(store.user_events, "ann")) < BOUND_S
            for _ in range(3):
                assert store.user_events("ann")[0] == event(2)
            assert store.degraded[0].startswith("replica: postgresql+psycopg://")
            standby.resume()
            wait_until(lambda: read_from(store) == str(standby.data) and not store.degraded)


def test_a_replica_that_is_no_standby_is_not_asked(lone_postgresql: PostgresqlServer) -> None:
    url, other = lone_postgresql.new_url(), lone_postgresql.new_url()
    with open_store(url, replica_urls=[other]) as store:
        store.append_events([event(1)])
        assert store.user_events("ann") == [event(1)]


def test_replicas_of_sqlite_are_refused() -> None:
    with pytest.raises(SettingsError, match="only PostgreSQL has replicas"):
        open_store("sqlite:///store.db", replica_urls=["postgresql://here/shop"])
