"""Judgments in: people's grades of items for queries."""

from collections.abc import Iterable
from functools import partial
from itertools import islice

from aisle.store.database import Database
from aisle.store.rows import judgment_row
from aisle.store.tables import judgments
from aisle.store.upsert import upsert
from aisle.types import Judgment

BATCH = 1_000
"""Judgments of one transaction."""


def upsert_judgments(database: Database, given: Iterable[Judgment]) -> int:
    """Keep the judgments, the last one of a pair; the number that are new or have another grade."""
    stream = iter(given)
    n_changed = 0
    while batch := {row["judgment_id"]: row for row in map(judgment_row, islice(stream, BATCH))}:
        n_changed += database.write(partial(upsert, table=judgments, rows=list(batch.values())))
    return n_changed
