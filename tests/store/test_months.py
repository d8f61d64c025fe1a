"""Events of PostgreSQL by month: where they lie, that ids stay unique, and that partitions come by themselves."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import psycopg
import pytest

from aisle.store import migrations, open_store
from aisle.store.database import Database, parse_url
from aisle.store.months import Month, make, this_month
from aisle.store.rows import EVENT_COLUMNS, event_row
from aisle.testing.store import event
from aisle.types import Event

NOW = datetime.now(UTC).replace(day=1, hour=12, minute=0, second=0, microsecond=0)


def at(number: int, time: datetime) -> Event:
    return replace(event(number), timestamp=time)


def partitions(url: str) -> dict[str, list[str]]:
    """The ids of the events in each partition that holds any."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        rows = connection.execute("SELECT tableoid::regclass::text, event_id FROM events ORDER BY event_no").fetchall()
    return {name: [event_id for other, event_id in rows if other == name] for name, _ in rows}


@pytest.fixture
def url(new_postgresql_url: Callable[[], str]) -> str:
    return new_postgresql_url()


def test_each_month_has_a_partition_and_odd_dates_the_default_one(url: str) -> None:
    late, odd = NOW - timedelta(days=400), datetime(1970, 1, 1, tzinfo=UTC)
    with open_store(url) as store:
        store.append_events([at(1, NOW), at(2, late), at(3, odd), at(4, NOW.replace(year=NOW.year + 30))])
        assert store.user_events("ann", 2) == [at(4, NOW.replace(year=NOW.year + 30)), at(1, NOW)]
    assert partitions(url) == {
        f"events_{NOW:%Y_%m}": ["e1"],
        f"events_{late:%Y_%m}": ["e2"],
        "events_other": ["e3", "e4"],
    }


@pytest.mark.parametrize("n_others", [0, 2_000])
def test_an_id_counts_once_whatever_its_time(url: str, n_others: int) -> None:
    others = [at(10 + number, NOW) for number in range(n_others)]
    with open_store(url) as store:
        assert store.append_events([at(1, NOW), at(1, NOW - timedelta(days=70)), *others, *others]) == 1 + n_others
        assert store.append_events([at(2, NOW), at(1, NOW - timedelta(days=40)), *others]) == 1
        assert store.append_events([at(2, NOW), at(1, NOW - timedelta(days=40)), *others]) == 0
        ids = store.events_frame()["event_id"].to_list()
    assert ids == ["e1", *(other.event_id for other in others), "e2"]


def test_many_events_come_back_equal_in_every_field(url: str) -> None:
    odd = ["", "a\tb", "c\nd\r\\N", "\\.", '"quoted", with commas', "灯 ü"]
    rates = {0: None, 1: 4.5, 2: 0.1 + 0.2}
    given = [
        replace(at(number, NOW + timedelta(microseconds=number)), query=odd[number % len(odd)], value=rates[number % 3])
        for number in range(1_200)
    ]
    with open_store(url) as store:
        assert store.append_events(given) == 1_200
        assert [Event(**row) for row in store.events_frame().rows(named=True)] == given


def test_what_lay_in_the_default_partition_moves_when_its_month_comes(url: str) -> None:
    month = Month(this_month().number + 3)
    time = datetime.fromtimestamp(month.start / 1e6, UTC)
    with open_store(url) as store:
        store.append_events([at(1, time), at(2, time - timedelta(microseconds=1))])
        assert partitions(url)["events_other"] == ["e1"]
        store._database.write(partial(make, months=[month]))
        assert partitions(url)[month.name] == ["e1"]
        assert store.append_events([at(1, time), at(3, time)]) == 1
    assert partitions(url)[month.name] == ["e1", "e3"]


def test_while_a_partition_cannot_be_made_events_are_kept_all_the_same(
    url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("aisle.store.months._WAIT", "50ms")
    late = NOW - timedelta(days=200)
    with open_store(url) as store, psycopg.connect(url.replace("+psycopg", "")) as reader:
        reader.execute("SELECT count(*) FROM events")
        assert store.append_events([at(1, late)]) == 1
        assert f"no partition for events_{late:%Y_%m} yet" in caplog.text
    assert partitions(url) == {"events_other": ["e1"]}


OPEN = "import sys; from aisle.store import open_store; sys.stdin.readline(); open_store(sys.argv[1]).close()"


def test_two_processes_may_bring_the_events_of_an_older_aisle_up_to_date(url: str) -> None:
    given = [at(number, NOW - timedelta(days=20 * number)) for number in range(50)]
    keep_in_one_table(url, given)
    command = [sys.executable, "-c", OPEN, url]
    both = [subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate(timeout=60)[1] for process in both] == ["", ""]
    with open_store(url) as store:
        assert [Event(**row) for row in store.events_frame().rows(named=True)] == sorted(
            given, key=lambda one: one.timestamp
        )
        assert store.append_events([*given, at(100, NOW)]) == 1
        assert store.user_events("ann", 3) == [at(100, NOW), *given[:2]]
    found = partitions(url)
    assert "events_other" not in found
    assert sorted(found) == sorted({f"events_{one.timestamp:%Y_%m}" for one in given})


def keep_in_one_table(url: str, events: Sequence[Event]) -> None:
    """A store as Aisle had it before events lay in months, with these events."""
    database = Database(parse_url(url, None), timeout_s=10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "STEPS", migrations.STEPS[:3])
        migrations.migrate(database)
    marks = ", ".join(["%s"] * len(EVENT_COLUMNS))
    insert = f"INSERT INTO events ({', '.join(EVENT_COLUMNS)}) VALUES ({marks})"
    database.write(lambda connection: connection.exec_driver_sql(insert, [event_row(one) for one in events]))
    database.close()
