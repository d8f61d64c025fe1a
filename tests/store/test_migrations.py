from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import insert, inspect, select

from aisle.errors import StoreError
from aisle.store import open_store
from aisle.store.database import Database, parse_url
from aisle.store.migrations import STEPS, migrate
from aisle.store.tables import metadata, migrations, postgresql_metadata


@pytest.fixture
def database(store_url: str) -> Database:
    return Database(parse_url(store_url, None), timeout_s=10)


def test_steps_are_applied_once_and_recorded(database: Database) -> None:
    migrate(database)
    migrate(database)
    names = database.read(lambda connection: connection.scalars(select(migrations.c.name).order_by("name")).all())
    assert (
        list(names)
        == [step.__name__ for step in STEPS]
        == [
            "m001_items",
            "m002_events",
            "m003_judgments",
            "m004_months",
        ]
    )
    database.close()


def test_tables_are_what_the_steps_made(database: Database) -> None:
    migrate(database)
    postgresql = database.dialect == "postgresql"
    expected = {**metadata.tables, **(postgresql_metadata.tables if postgresql else {})}
    made = inspect(database.engine)
    assert {name for name in made.get_table_names() if name != "events_other"} == set(expected)
    for name, table in expected.items():
        columns = made.get_columns(name)
        assert [column["name"] for column in columns] == table.c.keys()
        if not (postgresql and name == "events"):  # it is in partitions, and ids are unique in event_ids
            assert made.get_pk_constraint(name)["constrained_columns"] == table.primary_key.columns.keys()
        values = [column for column in columns if column["name"] not in table.primary_key.columns]
        assert {(column["name"], column["nullable"]) for column in values} == {
            (column.name, column.nullable) for column in table.c if not column.primary_key
        }
    database.close()


def test_many_may_open_a_new_store_at_once(store_url: str) -> None:
    with ThreadPoolExecutor(6) as threads:
        stores = list(threads.map(lambda _: open_store(store_url), range(6)))
    assert [store.version() for store in stores] == [0] * 6
    for store in stores:
        store.close()


def test_a_store_of_a_newer_aisle_is_refused(database: Database, store_url: str) -> None:
    migrate(database)
    future = insert(migrations).values(name="m999_wings", applied_at="2030-01-01")
    database.write(lambda connection: connection.execute(future))
    database.close()
    with pytest.raises(StoreError, match=r"newer Aisle: it has the step m999_wings.*pip install --upgrade"):
        open_store(store_url)
