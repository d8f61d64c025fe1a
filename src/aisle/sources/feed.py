"""What every reader takes and gives: a feed to read, a table of records, and how both are described."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from types import MappingProxyType
from typing import Literal, TypeVar, get_args

import orjson

from aisle.errors import InputError
from aisle.types import Rejected

T = TypeVar("T")

Kind = Literal["items", "events", "judgments"]
"""What a feed is asked for."""

Format = Literal[
    "csv",
    "tsv",
    "jsonl",
    "parquet",
    "google_merchant_xml",
    "google_merchant_tsv",
    "shopify",
    "sql",
    "access_log",
    "ubi",
    "qrels",
]
FORMATS: tuple[Format, ...] = get_args(Format)

NO_MAPPING: Mapping[str, str] = MappingProxyType({})
MAX_ROW_LENGTH = 2_000
PEEKED = 100
"""Records looked at before reading, where the format has no header: later ones may bring further columns."""


def ignore_progress(_: int) -> None:
    """Shows nothing."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One location to read, and whom to tell about bad rows and progress."""

    location: str
    reject: Callable[[Rejected], None]
    progress: Callable[[int], None] = ignore_progress
    """Called now and then with the bytes read so far, of `FeedInfo.n_bytes`; for SQL with the rows read."""

    def bad(self, line: int, reason: str, row: str = "", *, replaces: bool = False) -> None:
        """Quarantine the row that starts at `line` (from 1), or report that it replaces an earlier one."""
        self.reject(Rejected(self.location, line, reason, row.rstrip("\r\n")[:MAX_ROW_LENGTH], replaces))


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a table: where it starts, and its values by column."""

    line: int
    values: Mapping[str, object]
    text: str = ""
    """The row as it stood in the file, where it was text."""

    def as_text(self) -> str:
        """The row for a person to look at: as it was, or else as JSON."""
        try:
            return self.text or orjson.dumps(self.values, default=str).decode()
        except orjson.JSONEncodeError:
            # Integers over 64 bits.
            return str(self.values)


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a feed, and its records one after the other."""

    columns: tuple[str, ...]
    records: Iterator[Record]
    typed: bool = True
    """False where every value is text (CSV), so that numbers have to be recognised."""


def peeked(records: Iterable[Record], n: int = PEEKED) -> tuple[list[Record], Iterator[Record]]:
    """The first `n` records, and all of them again."""
    rest = iter(records)
    head = list(islice(rest, n))
    return head, chain(head, rest)


def seen_columns(records: Iterable[Record]) -> tuple[str, ...]:
    """The columns of `records`, in the order of their first appearance."""
    return tuple(dict.fromkeys(column for record in records for column in record.values))


Values = Mapping[str, object]


def built(feed: Feed, records: Iterable[Record], build: Callable[[Values], T]) -> Iterator[tuple[Record, T]]:
    """Each record with what `build` makes of its values; quarantines those where it raises InputError."""
    for record in records:
        try:
            value = build(record.values)
        except InputError as error:
            feed.bad(record.line, str(error), record.as_text())
            continue
        yield record, value


def once_each(feed: Feed, pairs: Iterable[tuple[Record, T]], key: Callable[[T], object]) -> Iterator[T]:
    """Every value, reporting those whose key came before: they replace what came before.

    Remembers eight bytes of each key: about 70 MB a million.
    """
    seen: set[int] = set()
    for record, value in pairs:
        digest = hash(key(value))
        if digest in seen:
            reason = f"duplicate: {key(value)!r} came before in this feed; this row replaces it"
            feed.bad(record.line, reason, record.as_text(), replaces=True)
        seen.add(digest)
        yield value


@dataclass(frozen=True, slots=True)
class FeedInfo:
    """What Aisle makes of a feed, to be shown before it is read."""

    location: str
    """Without the password, where an address holds one."""
    kind: Kind
    format: Format
    n_bytes: int
    """Size of the file as it lies on disk; 0 for SQL, where it is not known."""
    columns: tuple[str, ...]
    mapping: Mapping[str, str]
    """Field = column. Columns of items that are not named here become attributes."""
