"""Reads Parquet with Polars, batch by batch."""

from collections.abc import Iterator

import polars as pl
from polars.exceptions import PolarsError

from aisle.errors import InputError
from aisle.sources.feed import Feed, Record, Table
from aisle.sources.files import n_bytes

ROWS_A_BATCH = 1_000


def read(feed: Feed) -> Table:
    """The table of a Parquet file; the line of a record is its number, from 1.

    One row group of the file is held in memory at a time. Where the data breaks off, that is quarantined and nothing
    follows. Raises InputError when the file's footer cannot be read.
    """
    try:
        frame = pl.scan_parquet(feed.location, glob=False)
        columns = tuple(frame.collect_schema().names())
        n_rows = frame.select(pl.len()).collect().item()
    except (PolarsError, OSError) as error:
        raise InputError(f"{feed.location} is not a readable Parquet file ({error}); write it again") from error
    return Table(columns, _records(feed, frame, columns, n_rows))


def _records(feed: Feed, frame: pl.LazyFrame, columns: tuple[str, ...], n_rows: int) -> Iterator[Record]:
    number, size = 0, n_bytes(feed.location)
    try:
        for batch in frame.collect_batches(chunk_size=ROWS_A_BATCH, maintain_order=True, lazy=True):
            for values in batch.iter_rows():
                number += 1
                yield Record(number, dict(zip(columns, values, strict=True)))
            feed.progress(size * number // max(n_rows, 1))
    except PolarsError as error:
        feed.bad(
            number + 1, f"the data is broken from here on ({error}); rows before it were read; write the file again"
        )
