"""How rows of events get into the database: each id once, its first row."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection

from aisle.store.rows import EVENT_COLUMNS

Rows = Sequence[tuple[Any, ...]]
COPY_FROM = 1_000
"""PostgreSQL takes this many rows or more by COPY, which is faster, and fewer in one statement."""


def insert_sqlite(connection: Connection, rows: Rows) -> int:
    """Keep the rows; the number of new ids."""
    # Tuples straight to the driver: building a dictionary a row would halve the rate.
    return connection.exec_driver_sql(_SQLITE_INSERT, list(rows)).rowcount


def insert_postgresql(connection: Connection, rows: Rows) -> int:
    """Keep the rows; the number of new ids."""
    first: dict[str, tuple[Any, ...]] = {}
    for row in rows:
        first.setdefault(row[0], row)
    kept = list(first.values())
    return (_copy if len(kept) >= COPY_FROM else _send)(connection, kept)


def _send(connection: Connection, rows: Rows) -> int:
    # One statement with an array a column: an insert a row would wait for the server a row.
    columns = dict(zip(EVENT_COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
    return connection.exec_driver_sql(_SEND, columns).rowcount


def _copy(connection: Connection, rows: Rows) -> int:
    # A table of this connection alone, which is not logged and empties itself at the end of the transaction.
    connection.exec_driver_sql(_STAGE)
    connection.exec_driver_sql("SET LOCAL work_mem = '64MB'")
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        for place, row in enumerate(rows):
            copy.write_row((*row, place))
    return connection.exec_driver_sql(_TAKE).rowcount


_NAMES = ", ".join(EVENT_COLUMNS)
_SQLITE_INSERT = (
    f"INSERT INTO events ({_NAMES}) VALUES ({', '.join('?' * len(EVENT_COLUMNS))}) ON CONFLICT (event_id) DO NOTHING"
)
_TYPES = {"timestamp": "bigint", "rank": "bigint", "value": "double precision"}
# Ids go in by their order, so that two who send the same ones wait for each other instead of locking each other out.
_KEEP = f"""
    fresh AS (
        INSERT INTO event_ids (event_id, timestamp) SELECT event_id, timestamp FROM given ORDER BY event_id COLLATE "C"
        ON CONFLICT DO NOTHING RETURNING event_id)
    INSERT INTO events ({_NAMES}) SELECT {_NAMES}
    FROM given JOIN fresh USING (event_id) ORDER BY place
"""
_TEXT = 'text COLLATE "C"'  # as in the table
_ARRAYS = ", ".join(f"%({name})s::{_TYPES.get(name, 'text')}[]" for name in EVENT_COLUMNS)
_SEND = f"WITH given AS (SELECT * FROM unnest({_ARRAYS}) WITH ORDINALITY AS given ({_NAMES}, place)), {_KEEP}"
_COLUMNS = ", ".join(f"{name} {_TYPES.get(name, _TEXT)}" for name in EVENT_COLUMNS)
_STAGE = f"CREATE TEMPORARY TABLE IF NOT EXISTS given ({_COLUMNS}, place bigint) ON COMMIT DELETE ROWS"
_COPY = f"COPY given ({_NAMES}, place) FROM STDIN"
_TAKE = f"WITH {_KEEP}"

INSERT: dict[str, Callable[[Connection, Rows], int]] = {
    "sqlite": insert_sqlite,
    "postgresql": insert_postgresql,
}
"""By kind of database."""
