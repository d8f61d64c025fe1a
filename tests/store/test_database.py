import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection

from aisle.errors import MissingExtraError, SettingsError, StoreError
from aisle.store import open_store
from aisle.store.database import Database, parse_url
from aisle.testing.store import event
from aisle.types import Item


def test_a_relative_file_lies_in_the_folder(tmp_path: Path) -> None:
    open_store("sqlite:///store.db", tmp_path).close()
    assert (tmp_path / "store.db").exists()


def test_an_absolute_file_stays_where_it_is(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path / 'own.db'}", tmp_path / "shop").close()
    assert (tmp_path / "own.db").exists()


@pytest.mark.parametrize("url", ["postgres://a@b/c", "postgresql://a@b/c", "postgresql+psycopg://a@b/c"])
def test_postgresql_is_reached_by_psycopg(url: str) -> None:
    assert parse_url(url, Path("shop")).render_as_string() == "postgresql+psycopg://a@b/c"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("store.db", "store.url = 'store.db' is not an address; expected sqlite:///store.db or"),
        ("mysql://a@b/c", "names the database 'mysql'; expected sqlite:///store.db or"),
        ("postgresql+asyncpg://a@b/c", r"names the database 'postgresql\+asyncpg'"),
        ("sqlite://", "names no file, and a store in memory would be lost"),
        ("sqlite:///:memory:", "names no file, and a store in memory would be lost"),
    ],
)
def test_an_unusable_address_is_explained(url: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        open_store(url)


def test_without_psycopg_the_pip_line_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r'pip install "aisle\[postgresql\]"'):
        open_store("postgresql://user@localhost/shop")


def test_a_server_that_is_away_is_explained_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no connection; check the address") as failure:
        open_store(f"postgresql://user:secret@/shop?host={tmp_path}")
    assert "secret" not in str(failure.value)


def test_a_database_that_is_not_there_is_explained(postgresql_folder: Path) -> None:
    with pytest.raises(StoreError, match=r'database "nowhere" does not exist'):
        open_store(f"postgresql://aisle@/nowhere?host={postgresql_folder}")


def test_a_folder_that_is_not_there_is_explained(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="check that its folder exists"):
        open_store("sqlite:///store.db", tmp_path / "nowhere")


def test_a_file_of_something_else_is_explained(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("item_id,title\n" * 1_000)
    with pytest.raises(StoreError, match="not an SQLite database"):
        open_store("sqlite:///store.db", tmp_path)


def test_a_read_only_store_is_read_and_refuses_to_write(tmp_path: Path) -> None:
    with open_store("sqlite:///store.db", tmp_path) as store:
        store.append_events([event(1)])
    with open_store(f"sqlite:///file:{tmp_path / 'store.db'}?mode=ro&uri=true") as store:
        assert store.user_events("ann") == [event(1)]
        with pytest.raises(StoreError, match="read-only; make both writable"):
            store.append_events([event(2)])


def test_a_lock_held_for_long_is_explained_and_readers_go_on(tmp_path: Path) -> None:
    with open_store("sqlite:///store.db", tmp_path, timeout_s=0.1) as store:
        store.append_events([event(1)])
        other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another process has kept it locked for too long"):
            store.append_events([event(2)])
        with pytest.raises(StoreError, match="another process has kept it locked for too long"):
            store.upsert_items([Item("mug", "Mug")])
        assert store.user_events("ann") == [event(1)]
        other.execute("ROLLBACK")
        other.close()
        assert store.append_events([event(2)]) == 1


def test_a_lock_held_for_long_in_postgresql_is_explained(new_postgresql_url: Callable[[], str]) -> None:
    url = new_postgresql_url()
    with open_store(url, timeout_s=0.1) as store, psycopg.connect(url.replace("+psycopg", "")) as other:
        other.execute("LOCK TABLE events")
        with pytest.raises(StoreError, match="another connection has kept a lock for too long"):
            store.append_events([event(1)])
        other.rollback()
        assert store.append_events([event(1)]) == 1


def test_a_transaction_that_postgresql_broke_off_for_a_deadlock_is_tried_again(
    new_postgresql_url: Callable[[], str],
) -> None:
    database = Database(parse_url(new_postgresql_url(), None), timeout_s=10)
    tries: list[int] = []

    def work(connection: Connection) -> int:
        tries.append(1)
        if len(tries) < 3:
            connection.exec_driver_sql("DO $$ BEGIN RAISE EXCEPTION SQLSTATE '40P01'; END $$")
        return len(tries)

    assert database.write(work) == 3
    database.close()


def test_the_log_is_synced_at_every_commit(tmp_path: Path) -> None:
    database = Database(parse_url(f"sqlite:///{tmp_path / 'store.db'}", None), timeout_s=10)
    pragmas = ["synchronous", "journal_mode"]
    found = [database.read(lambda c, name=name: c.exec_driver_sql(f"PRAGMA {name}").scalar()) for name in pragmas]  # type: ignore[misc]
    assert found == [2, "wal"]  # 2 is FULL
    database.close()
