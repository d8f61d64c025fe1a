from pathlib import Path

import polars as pl
import pytest

from aisle.errors import InputError
from aisle.sources.feed import Feed
from aisle.sources.parquet import read
from aisle.types import Rejected


def test_records_are_numbered_and_typed(tmp_path: Path, rejected: list[Rejected]) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"id": [1, 2], "ean": [["x", "y"], None], "price": [1.5, None]}).write_parquet(path)
    seen: list[int] = []
    table = read(Feed(str(path), rejected.append, seen.append))
    assert table.columns == ("id", "ean", "price")
    assert [(record.line, record.values) for record in table.records] == [
        (1, {"id": 1, "ean": ["x", "y"], "price": 1.5}),
        (2, {"id": 2, "ean": None, "price": None}),
    ]
    assert seen == [path.stat().st_size]


def test_a_cut_file_is_an_error(tmp_path: Path, rejected: list[Rejected]) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"id": range(1000)}).write_parquet(path)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(InputError, match="is not a readable Parquet file"):
        read(Feed(str(path), rejected.append))


def test_broken_data_keeps_the_rows_before(tmp_path: Path, rejected: list[Rejected]) -> None:
    path = tmp_path / "a.parquet"
    frame = pl.DataFrame({"id": [f"{number * 7919 % 10007:x}" for number in range(40_000)]})
    frame.write_parquet(path, row_group_size=10_000)
    data = bytearray(path.read_bytes())
    middle = len(data) * 7 // 8
    data[middle : middle + 200] = bytes(200)
    path.write_bytes(data)
    found = list(read(Feed(str(path), rejected.append)).records)
    assert len(found) < 40_000
    assert rejected[-1].line == len(found) + 1
    assert rejected[-1].reason.startswith("the data is broken from here on")
