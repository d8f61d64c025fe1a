"""A copy of a store in one file, for work on a machine that does not see the database."""

from pathlib import Path

from sqlalchemy import Connection, Table, delete, select

from aisle.store.database import Database, parse_url
from aisle.store.migrations import migrate
from aisle.store.tables import catalogue, deleted_items, events, items, judgments

ROWS = 10_000
"""Copied at once."""


def copy_database(source: Database, path: Path) -> None:
    """Write all that `source` holds at this moment into a new SQLite file at `path`."""
    target = Database(parse_url(f"sqlite:///{path.resolve()}", None), timeout_s=30.0)
    try:
        migrate(target)
        source.read(lambda reading: target.write(lambda writing: _copy(reading, writing)))
    finally:
        target.close()


def _copy(source: Connection, target: Connection) -> None:
    for table in (items, deleted_items, catalogue, events, judgments):
        target.execute(delete(table))  # a new catalogue has its first version
        _copy_table(source, target, table)


def _copy_table(source: Connection, target: Connection, table: Table) -> None:
    rows = source.execution_options(yield_per=ROWS).execute(select(table))
    for part in rows.mappings().partitions():
        target.execute(table.insert(), [dict(row) for row in part])
