"""Insert rows, or replace the ones that are there, in the words of either database."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, or_
from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]], *, stamp: str = "") -> int:
    """Keep the rows by their primary key; the number that are new or differ from what was kept.

    A row that differs in nothing but the column `stamp` is left as it was.
    """
    postgres = connection.dialect.name == "postgresql"
    insert: postgresql.Insert | sqlite.Insert = postgresql.insert(table) if postgres else sqlite.insert(table)
    values = [column.name for column in table.c if not column.primary_key]
    statement = insert.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={name: insert.excluded[name] for name in values},
        where=or_(*(table.c[name].is_distinct_from(insert.excluded[name]) for name in values if name != stamp)),
    )
    return connection.execute(statement, rows, execution_options={"preserve_rowcount": True}).rowcount
