"""Profiles are the same in every process within 100 ms, in memory beside PostgreSQL and in Redis."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial
from textwrap import dedent

import pytest

from aisle.errors import MissingExtraError, SettingsError
from aisle.store import Profile, Store, open_store
from aisle.store import heard_profiles as heard
from aisle.store.heard_profiles import HeardProfiles
from aisle.store.redis_profiles import LENGTH, RedisProfiles
from aisle.testing.servers import RedisServer
from aisle.testing.store import event
from aisle.types import Event

Open = Callable[[], Store]
BOUND_S = 2.0
"""A generous bound, as the machine of a test may be busy; the median must be within the 100 ms promised."""


@pytest.fixture(params=["heard", "redis"])
def open_one(request: pytest.FixtureRequest, new_postgresql_url: Callable[[], str]) -> Iterator[Open]:
    """Opens the one store of the test anew at each call, with each way to keep profiles."""
    redis_url = request.getfixturevalue("redis").url if request.param == "redis" else ""
    url = new_postgresql_url()
    with ExitStack() as stores:
        yield lambda: stores.enter_context(open_store(url, redis_url=redis_url))


def ids(profile: Profile) -> list[str]:
    return [one.event_id for one in profile.events]


def seen(store: Store, limit: int = 50) -> list[str]:
    return ids(store.profile("ann", limit=limit))


def wait_for(found: Callable[[], object], expected: object) -> float:
    """Seconds until `found` gives what is expected."""
    started = time.perf_counter()
    while found() != expected:
        assert time.perf_counter() - started < BOUND_S, (found(), expected)
        time.sleep(0.002)
    return time.perf_counter() - started


def test_a_profile_is_what_the_database_says(open_one: Open) -> None:
    store, other = open_one(), open_one()
    events = [event(1), event(3), event(2), event(4, minute=3), event(5, "search"), event(6, user_id="bob")]
    assert store.profile("ann") == Profile()
    store.append_events(events)
    for reader in (store, other, store):
        wait_for(partial(seen, reader), ["e4", "e3", "e2", "e1"])
        assert ids(reader.profile("ann", limit=2)) == ["e4", "e3"]
        assert reader.profile("ann").events == tuple(store.user_events("ann"))
    assert store.profile() == Profile()
    assert store.profile("nobody") == store.profile("nobody") == Profile()


def test_a_session_without_a_user_has_a_profile(open_one: Open) -> None:
    store = open_one()
    mine = replace(event(1, user_id=""), session_id="ann")
    store.append_events([event(2, user_id="ann")])
    assert store.profile(session_id="ann").events == ()
    store.append_events([mine])
    assert store.profile(session_id="ann").events == (mine,)
    assert ids(store.profile("ann")) == ["e2"]


def test_late_known_and_many_events_find_their_place(open_one: Open) -> None:
    store = open_one()
    store.append_events([event(50)])
    assert ids(store.profile("ann")) == ["e50"]
    store.append_events([event(10), event(60)])
    assert ids(store.profile("ann")) == ["e60", "e50", "e10"]
    # e50 is known: what it is said to be now changes nothing.
    store.append_events([replace(event(50), timestamp=event(70).timestamp), event(55)])
    assert ids(store.profile("ann")) == ["e60", "e55", "e50", "e10"]
    store.append_events([event(number, minute=5) for number in range(1_000, 1_000 + 2 * LENGTH)])
    assert ids(store.profile("ann", limit=5)) == ["e60", "e55", "e50", "e10", f"e{999 + 2 * LENGTH}"]
    assert len(store.profile("ann", limit=2 * LENGTH).events) == 2 * LENGTH


def test_one_process_sees_what_another_appends_within_100_ms(open_one: Open) -> None:
    reader, writer = open_one(), open_one()
    reader.profile("ann")
    time.sleep(0.1)  # it begins to listen
    reader.profile("ann")
    seconds = []
    for number in range(1, 21):
        writer.append_events([event(number)])
        seconds.append(wait_for(partial(seen, reader, 1), [f"e{number}"]))
    assert sorted(seconds)[10] < 0.1


APPEND = dedent("""
    import sys, time
    from datetime import UTC, datetime
    from aisle.store import open_store
    from aisle.types import Event

    stores = [open_store(sys.argv[1], redis_url=url) for url in ("", sys.argv[2])]
    print("ready", flush=True)
    for line in sys.stdin:
        store, number = stores[int(line) % 2], int(line)
        store.append_events([Event(f"e{number}", "click", datetime.fromtimestamp(number, UTC), "ann", item_id="i")])
        print(time.time(), flush=True)
""")


def test_another_process_is_heard_of_within_100_ms(new_postgresql_url: Callable[[], str], redis: RedisServer) -> None:
    url = new_postgresql_url()
    command = [sys.executable, "-c", APPEND, url, redis.url]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other,
        open_store(url) as hearing,
        open_store(url, redis_url=redis.url) as asking,
    ):
        assert other.stdin is not None and other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        late: tuple[list[float], list[float]] = ([], [])
        for number in range(1, 21):
            reader = (hearing, asking)[number % 2]
            seen(reader)
            other.stdin.write(f"{number}\n")
            other.stdin.flush()
            wait_for(partial(seen, reader, 1), [f"e{number}"])
            late[number % 2].append(time.time() - float(other.stdout.readline()))
        other.stdin.close()
    assert [sorted(one)[5] < 0.1 for one in late] == [True, True]


def test_what_is_at_hand_is_not_asked_of_the_database(open_one: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_one()
    store.append_events([event(1)])
    store.profile("ann")
    wait_for(lambda: store.degraded, ())
    time.sleep(0.1)
    store.profile("ann")
    monkeypatch.setattr(store._profiles, "_read", None)
    assert ids(store.profile("ann")) == ["e1"]


def test_a_profile_that_changes_while_it_is_read_is_not_kept(open_one: Open) -> None:
    store, writer = open_one(), open_one()
    store.profile("ann")
    time.sleep(0.1)
    store.append_events([event(1)])
    kept = store._profiles
    assert isinstance(kept, HeardProfiles | RedisProfiles)
    read = kept._read

    def slow(who: object, limit: int) -> list[Event]:
        found = list(read(who, limit))  # type: ignore[arg-type]
        writer.append_events([event(2)])
        time.sleep(0.1)
        return found

    if isinstance(kept, RedisProfiles):
        kept._drop_all()
    kept._read = slow
    assert ids(store.profile("ann")) == ["e1"]
    kept._read = read
    assert ids(store.profile("ann")) == ["e2", "e1"]


def test_a_message_names_all_shoppers_or_everybody() -> None:
    few = [event(number, user_id=f"{number}" * 200) for number in range(100)]
    messages = list(heard._messages(few))
    assert all(len(message.encode()) < 8_000 for message in messages)
    assert sum(message.count("user") for message in messages) == 100
    many = [event(number, user_id=f"u{number}") for number in range(heard.MOST_NAMED + 1)]
    assert list(heard._messages(many)) == [heard.EVERYBODY] == list(heard._messages(None))


def test_only_so_many_profiles_are_kept(new_postgresql_url: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heard, "MOST_KEPT", 2)
    with open_store(new_postgresql_url()) as store:
        for user in "abca":
            store.profile(user)
        assert isinstance(store._profiles, HeardProfiles)
        assert [who.name for who in store._profiles._kept] == ["c", "a"]


def test_profiles_in_redis_work_beside_sqlite(redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> None:
    opened = partial(open_store, "sqlite:///store.db", tmp_path_factory.mktemp("shop"), redis_url=redis.url)
    with opened() as store, opened() as other:
        assert other.profile("ann") == Profile()
        store.append_events([event(1)])
        assert ids(other.profile("ann")) == ["e1"]
        store.prune(event(1).timestamp + timedelta(days=1))
        assert other.profile("ann") == Profile()


def test_an_address_that_is_none_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match=r"store\.redis_url = 'nowhere' is no address"):
        RedisProfiles("nowhere", lambda who, limit: [], 0.1)
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(MissingExtraError, match=r'pip install "aisle\[redis\]"'):
        RedisProfiles("redis://here", lambda who, limit: [], 0.1)
