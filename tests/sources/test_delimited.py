import csv
import io
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle.errors import InputError
from aisle.sources import read_items
from aisle.sources.delimited import header, read
from aisle.sources.feed import Feed, Record
from aisle.types import Rejected

Write = Callable[[str, str | bytes], str]


def records(location: str, rejected: list[Rejected]) -> list[Record]:
    return list(read(Feed(location, rejected.append)).records)


def lines_and_values(location: str, rejected: list[Rejected]) -> list[tuple[int, list[object]]]:
    return [(record.line, list(record.values.values())) for record in records(location, rejected)]


def test_lines_are_true_with_quoted_line_ends(write: Write, rejected: list[Rejected]) -> None:
    location = write("a.csv", 'id,title\r\n1,"two\r\nlines"\r\n\r\n2,one\r\n3\r\n4,"a ""quote"""\r\n')
    assert lines_and_values(location, rejected) == [
        (2, ["1", "two\r\nlines"]),
        (5, ["2", "one"]),
        (7, ["4", 'a "quote"']),
    ]
    assert rejected == [Rejected(location, 6, "1 values, but 2 columns in the header; give each column one value", "3")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str, write: Write, rejected: list[Rejected]) -> None:
    location = write("a.csv", "id,title,price\n1,a,2\n".replace(",", delimiter))
    assert lines_and_values(location, rejected) == [(2, ["1", "a", "2"])]


def test_a_byte_order_mark_is_no_part_of_the_first_column(write: Write, rejected: list[Rejected]) -> None:
    found = records(write("a.csv", b"\xef\xbb\xbfid,title\n1,a\n"), rejected)
    assert found[0].values == {"id": "1", "title": "a"}


def test_columns_of_one_name_and_of_none_are_told_apart() -> None:
    assert header("a.csv", b"id,price,price,\n1,2,3,4\n") == (",", ("id", "price", "price_2", "column_4"))


def test_gzip_is_unpacked(write: Write, rejected: list[Rejected]) -> None:
    assert lines_and_values(write("a.csv.gz", "id,title\n1,a\n"), rejected) == [(2, ["1", "a"])]


def test_broken_gzip_keeps_the_rows_before(write: Write, rejected: list[Rejected], tmp_path: Path) -> None:
    whole = Path(
        write("a.csv.gz", "id,title\n" + "".join(f"{i},title {i * 7919}\n" for i in range(50_000)))
    ).read_bytes()
    location = write("cut.csv", whole[: len(whole) // 2])
    found = records(location, rejected)
    assert 1_000 < len(found) < 50_000
    assert "gzip data breaks off" in rejected[-1].reason
    assert rejected[-1].line > len(found)


def test_a_quote_that_is_never_closed_costs_its_own_line_only(write: Write, rejected: list[Rejected]) -> None:
    location = write("a.csv", 'id,title,price\n1,"open,5\n2,plain,6\n3,"quoted",7\n4,"last,8\n5,fine,9\n')
    assert [record.values["id"] for record in records(location, rejected)] == ["2", "3", "5"]
    assert [(row.line, row.row) for row in rejected] == [(2, '1,"open,5'), (5, '4,"last,8')]
    assert "broken quotes" in rejected[0].reason


def test_a_value_over_the_limit_is_quarantined(write: Write, rejected: list[Rejected]) -> None:
    location = write("a.csv", f"id,title\n1,{'x' * 140_000}\n2,b\n")
    assert lines_and_values(location, rejected) == [(3, ["2", "b"])]
    assert rejected[0].line == 2
    assert len(rejected[0].row) == 2_000


def test_rows_that_are_not_utf8_are_quarantined_with_advice(write: Write, rejected: list[Rejected]) -> None:
    location = write("a.csv", b"id,title\n1,caf\xe9\n2,caf\xc3\xa9\n")
    assert lines_and_values(location, rejected) == [(3, ["2", "café"])]
    assert rejected[0].line == 2
    assert rejected[0].row == "1,caf\ufffd"
    assert rejected[0].reason.startswith("not UTF-8: byte 0xe9 at position 6 of the line; save the file as UTF-8")


def test_a_header_that_is_not_utf8_is_an_error() -> None:
    with pytest.raises(InputError, match="the header is not UTF-8: byte 0xe9"):
        header("a.csv", b"id,pr\xe9nom\n1,a\n")


def test_tabs_part_values_even_where_quotes_are_loose(write: Write, rejected: list[Rejected]) -> None:
    location = write("a.tsv", 'id\ttitle\n1\t"Best" hat\n2\t27" screen\n')
    assert lines_and_values(location, rejected) == [(2, ["1", '"Best" hat']), (3, ["2", '27" screen'])]
    assert rejected == []


def test_empty_values_beyond_the_header_are_no_fault(write: Write, rejected: list[Rejected]) -> None:
    assert lines_and_values(write("a.csv", "id,title\n1,a,,\n"), rejected) == [(2, ["1", "a"])]


def test_progress_ends_at_the_size_of_the_file(write: Write, rejected: list[Rejected]) -> None:
    location = write("a.csv", "id,title\n" + "1,a\n" * 5_000)
    seen: list[int] = []
    list(read(Feed(location, rejected.append, seen.append)).records)
    assert seen == sorted(seen)
    assert len(seen) >= 5
    assert seen[-1] == Path(location).stat().st_size


def test_memory_does_not_grow_with_the_file(tmp_path: Path, rejected: list[Rejected]) -> None:
    path = tmp_path / "large.csv"
    filler = "x" * 2_000
    with path.open("w") as file:
        file.write("id,title,description\n")
        file.writelines(f'{number},Item {number},"{filler}\n{filler}"\n' for number in range(5_000))
    tracemalloc.start()
    n_items = sum(1 for _ in read_items(str(path), reject=rejected.append))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert n_items == 5_000
    assert path.stat().st_size > 20_000_000
    assert peak < 4_000_000


CELL = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(deadline=None, max_examples=50)
@given(rows=st.lists(st.tuples(CELL, CELL, CELL), max_size=8))
def test_what_a_csv_writer_wrote_is_read_back(
    rows: list[tuple[str, ...]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    target = io.StringIO(newline="")
    csv.writer(target, quoting=csv.QUOTE_ALL).writerows([("a", "b", "c"), *rows])
    path.write_bytes(target.getvalue().encode())
    rejected: list[Rejected] = []
    found = records(str(path), rejected)
    assert [tuple(record.values.values()) for record in found] == rows
    assert rejected == []
    line = 2
    for record in found:
        assert record.line == line
        line += 1 + "".join(map(str, record.values.values())).count("\n")


@settings(deadline=None, max_examples=50)
@given(content=st.binary(max_size=300))
def test_any_bytes_are_rows_or_rejected_or_an_input_error(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes(b"id,title\n" + content)
    rejected: list[Rejected] = []
    try:
        list(read_items(str(path), reject=rejected.append))
    except InputError:
        return
    assert all(row.line >= 1 for row in rejected)
