"""One column of a table, as texts."""

from pathlib import Path

import pytest

from aisle.errors import InputError
from aisle.sources import read_column
from aisle.types import Rejected


def test_bad_rows_are_quarantined_and_empty_ones_left_out(tmp_path: Path) -> None:
    (tmp_path / "texts.csv").write_text("id,text\n1,one\n2,\n3,a,b\n4,  two  words \n", "utf-8")
    bad: list[Rejected] = []
    assert list(read_column(str(tmp_path / "texts.csv"), "text", reject=bad.append)) == ["one", "two words"]
    assert [row.line for row in bad] == [4]


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    log = '1.2.3.4 - - [10/Oct/2025:13:55:36 +0000] "GET /a HTTP/1.1" 200 23\n'
    (tmp_path / "access.log").write_text(log, "utf-8")
    with pytest.raises(InputError, match="looks like a web access log; expected a table with the column 'text'"):
        list(read_column(str(tmp_path / "access.log"), "text", reject=lambda _: None))
