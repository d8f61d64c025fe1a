import sqlite3
from pathlib import Path

import pytest

from aisle.errors import InputError
from aisle.sources import describe, read_events, read_items
from aisle.types import Item, Rejected


@pytest.fixture
def database(tmp_path: Path) -> str:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE product (sku TEXT, name TEXT, price_cents INTEGER, weight REAL)")
        rows = [("A1", "Lamp 100%", 1995, 1.5), ("A2", "Chair", -5, None), (None, "Nothing", 1, None)]
        connection.executemany("INSERT INTO product VALUES (?, ?, ?, ?)", rows)
    connection.close()
    return f"sqlite:///{path}"


def test_rows_of_a_query_become_items(database: str, rejected: list[Rejected]) -> None:
    location = f"{database}#SELECT * FROM product WHERE name NOT LIKE '%:x%' ORDER BY sku DESC;"
    assert list(read_items(location, reject=rejected.append, currency="EUR")) == [
        Item("A1", "Lamp 100%", price=19.95, currency="EUR", attributes={"weight": 1.5})
    ]
    assert [(row.line, row.reason.partition(";")[0]) for row in rejected] == [
        (1, "price=-0.05"),
        (3, "item_id is missing or empty: ''"),
    ]
    assert rejected[0].row == '{"sku":"A2","name":"Chair","price_cents":-5,"weight":null}'


def test_description_knows_the_columns(database: str) -> None:
    info = describe(f"{database}#SELECT sku, name FROM product", "items")
    assert (info.format, info.n_bytes, info.columns) == ("sql", 0, ("sku", "name"))
    assert info.mapping == {"item_id": "sku", "title": "name"}


def test_large_results_are_streamed_with_progress(tmp_path: Path, rejected: list[Rejected]) -> None:
    path = tmp_path / "log.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE log (user_id TEXT, item_id TEXT, timestamp INTEGER)")
        connection.executemany("INSERT INTO log VALUES (?, ?, ?)", (("u", str(i), i) for i in range(2_500)))
    connection.close()
    seen: list[int] = []
    found = read_events(f"sqlite:///{path}#SELECT * FROM log", reject=rejected.append, progress=seen.append)
    assert sum(1 for _ in found) == 2_500
    assert seen == [1_000, 2_000]


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("sqlite:///shop.db", "comes with no query; add a SELECT after #"),
        ("sqlite:///shop.db#DROP TABLE product", "comes with the query 'DROP TABLE product'; add a SELECT"),
        ("sqlite:///no/such.db#SELECT 1", "no/such.db does not exist"),
        (
            "https://shop.example/feed.xml",
            "an address that starts with https:// cannot be read; expected a file or a database",
        ),
        ("s3://bucket/items.csv", "an address that starts with s3:// cannot be read"),
    ],
)
def test_wrong_addresses_are_an_error(location: str, message: str, rejected: list[Rejected]) -> None:
    with pytest.raises(InputError, match=message):
        read_items(location, reject=rejected.append)


def test_a_failing_query_is_an_error(database: str, rejected: list[Rejected]) -> None:
    with pytest.raises(InputError, match="cannot be read: no such table: absent; check the address and the query"):
        read_items(f"{database}#SELECT * FROM absent", reject=rejected.append)


def test_passwords_are_not_shown(rejected: list[Rejected]) -> None:
    location = "postgresql+psycopg://reader:secret@127.0.0.1:1/shop#SELECT * FROM product"
    with pytest.raises(InputError, match=r"reader:\*\*\*@127") as caught:
        read_items(location, reject=rejected.append)
    assert "secret" not in str(caught.value)
