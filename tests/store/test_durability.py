"""What was acknowledged is there: after a kill, on a full disk, and with two processes at work."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from textwrap import dedent

import pytest
from sqlalchemy import event as engine_event

from aisle.errors import StoreError
from aisle.store import Store, open_store
from aisle.store.database import Database, parse_url
from aisle.store.migrations import migrate
from aisle.testing.store import event
from aisle.types import Item

APPEND_FOREVER = dedent(r"""
    import os
    import sys
    from itertools import count
    from threading import Thread
    from aisle.store import open_store
    from aisle.testing.store import event

    store = open_store(sys.argv[1])

    def append(thread):
        for batch in count():
            first = 1_000_000 * thread + 10 * batch
            store.append_events([event(number, minute=0) for number in range(first, first + 10)])
            os.write(1, b"%d\n" % first)

    for thread in range(3):
        Thread(target=append, args=[thread]).start()
""")
APPEND_SHARED = dedent("""
    import sys
    from aisle.store import open_store
    from aisle.testing.store import event
    from aisle.types import Item

    store, writer, n_new = open_store(sys.argv[1]), int(sys.argv[2]), 0
    print("ready", flush=True)
    sys.stdin.readline()
    for step in range(30):
        n_new += store.append_events([event(step, minute=0), event(1_000 * writer + step, minute=0)])
        store.upsert_items([Item(f"{writer}-{step}", "Title")])
    print(n_new)
""")


def test_every_acknowledged_event_survives_a_kill(store_url: str) -> None:
    command = [sys.executable, "-c", APPEND_FOREVER, store_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        acknowledged = [child.stdout.readline() for _ in range(60)]
        child.kill()
        acknowledged += child.stdout
    assert child.returncode == -signal.SIGKILL

    with open_store(store_url) as store:
        kept = set(store.events_frame()["event_id"])
        assert {f"e{int(first) + step}" for first in acknowledged for step in range(10)} <= kept
        assert len(kept) % 10 == 0, "a batch is kept whole or not at all"
        assert store.append_events([event(1)]) == 0, "the store can be written again"


def test_two_processes_write_one_store_and_lose_nothing(store_url: str) -> None:
    children = [
        subprocess.Popen(
            [sys.executable, "-c", APPEND_SHARED, store_url, str(writer)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for writer in (1, 2)
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    # Both are open now; let them go at the same time.
    n_new = [int(child.communicate("go\n")[0]) for child in children]
    with open_store(store_url) as store:
        counts = store.counts()
        # 30 of each writer's own, and 30 that both write but only one of them writes first.
        assert (sum(n_new), counts.n_events, counts.n_items, store.version()) == (90, 90, 60, 60)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Store]:
    """A store whose file may not grow beyond 60 pages of 4 KiB, which SQLite reports as a full disk."""
    database = Database(parse_url(f"sqlite:///{tmp_path / 'store.db'}", None), timeout_s=1)
    engine_event.listen(database.engine, "connect", lambda raw, _: raw.execute("PRAGMA max_page_count = 60"))
    migrate(database)
    yield Store(database)
    database.close()


def test_a_full_disk_is_explained_and_loses_nothing_acknowledged(small_disk: Store, tmp_path: Path) -> None:
    acknowledged: list[str] = []
    with pytest.raises(StoreError, match=r"disk is full; free some space and try again: everything acknowledged"):
        for first in count(step=100):
            batch = [event(number, minute=0) for number in range(first, first + 100)]
            small_disk.append_events(batch)
            acknowledged += [event.event_id for event in batch]
    assert acknowledged
    assert small_disk.events_frame()["event_id"].to_list() == acknowledged

    with open_store("sqlite:///store.db", tmp_path) as roomy:
        assert roomy.events_frame()["event_id"].to_list() == acknowledged
        assert roomy.append_events([event(number, minute=0) for number in range(first, first + 100)]) == 100


def test_items_that_do_not_fit_leave_the_catalogue_as_it_was(small_disk: Store) -> None:
    store = small_disk
    store.upsert_items([Item("mug", "Mug")])
    version = store.version()
    with pytest.raises(StoreError, match="disk is full"):
        store.upsert_items(Item(f"i{number}", "Title", "Long text. " * 100) for number in range(1_000))
    assert list(store.items()) == [Item("mug", "Mug")]
    assert store.version() == version
