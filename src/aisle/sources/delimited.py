"""Reads a table whose values are separated by a character: CSV, TSV, semicolons, bars."""

import csv
import io
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from aisle.errors import InputError
from aisle.sources.feed import Feed, Record, Table
from aisle.sources.files import decoded, head, lines

DELIMITERS = ",\t;|"


class _Line(NamedTuple):
    number: int
    text: str
    fault: str


class Row(NamedTuple):
    """The cells of one row, the line it starts on, and its text."""

    line: int
    cells: list[str]
    text: str


def read(feed: Feed) -> Table:
    """The table of a delimited file with a header line.

    Quoted values may hold delimiters and line ends (RFC 4180). Quarantined: rows with another number of cells than the
    header, broken quotes, a value over 131,072 characters or bytes that are not UTF-8; a quote that is never closed
    costs its own line only. Raises InputError as `header` does.
    """
    delimiter, columns = header(feed.location, head(feed.location))
    return Table(columns, _records(feed, delimiter, columns), typed=False)


def header(location: str, start: bytes) -> tuple[str, tuple[str, ...]]:
    """The delimiter and the columns of a file that starts with `start`.

    The delimiter is the one that splits the first line most often. A name that comes twice gets "_2", an empty one
    becomes "column_3". Raises InputError when the header is not UTF-8 or its quotes are broken, and when lines end as
    on old Macs.
    """
    text, fault = decoded(start.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n").partition(b"\n")[0])
    if fault:
        raise InputError(f"{location}: the header is {fault}")
    if b"\r" in start and b"\n" not in start:
        raise InputError(f"{location} ends its lines with \\r alone, as old Macs did; save it with \\n line ends")
    text = start.decode("utf-8-sig", "replace").lstrip("\r\n")
    found = {delimiter: _first_row(text, delimiter) for delimiter in DELIMITERS}
    delimiter = max(found, key=lambda one: len(found[one]))
    if not found[delimiter]:
        raise InputError(f"{location}: the quotes of the header are broken; expected the names of the columns")
    return delimiter, _unique(found[delimiter])


def rows(feed: Feed, delimiter: str) -> Iterator[Row]:
    """Every row that is not blank, the header too; rows with broken quotes or encoding are quarantined."""
    pending: deque[_Line] = deque()
    taken: list[_Line] = []
    numbered = lines(feed)

    def supply() -> Iterator[str]:
        while True:
            if pending:
                line = pending.popleft()
            elif (following := next(numbered, None)) is not None:
                line = _Line(following[0], *decoded(following[1]))
            else:
                return
            taken.append(line)
            yield line.text

    reader = csv.reader(supply(), delimiter=delimiter, strict=True)
    while True:
        taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # The quote may have swallowed good rows: give all lines but the first back to a fresh reader.
            first, *swallowed = taken
            pending.extendleft(reversed(swallowed))
            reader = csv.reader(supply(), delimiter=delimiter, strict=True)
            if delimiter == "\t" and not first.fault:
                # Google's TSV knows no quoting; a tab cannot stand inside a value there.
                yield Row(first.number, first.text.rstrip("\r\n").split("\t"), first.text)
                continue
            feed.bad(first.number, first.fault or _broken_quotes(error), first.text)
            continue
        text = "".join(line.text for line in taken)
        if fault := next((line.fault for line in taken if line.fault), ""):
            feed.bad(taken[0].number, fault, text)
        elif cells:
            yield Row(taken[0].number, cells, text)


def _records(feed: Feed, delimiter: str, columns: tuple[str, ...]) -> Iterator[Record]:
    found = rows(feed, delimiter)
    next(found, None)
    n_columns = len(columns)
    for line, cells, text in found:
        while len(cells) > n_columns and not cells[-1]:
            cells.pop()
        if len(cells) == n_columns:
            yield Record(line, dict(zip(columns, cells, strict=True)), text)
        else:
            feed.bad(
                line, f"{len(cells)} values, but {n_columns} columns in the header; give each column one value", text
            )


def _first_row(text: str, delimiter: str) -> list[str]:
    """The cells that `delimiter` makes of the first row; none where it leaves broken quotes."""
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def _broken_quotes(error: csv.Error) -> str:
    return f"broken quotes ({error}); close the quoted value, and write a quote inside it twice"


def _unique(names: list[str]) -> tuple[str, ...]:
    seen: dict[str, int] = {}
    unique = []
    for position, name in enumerate((name.strip() for name in names), 1):
        name = name or f"column_{position}"
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return tuple(unique)
