"""Reads items, events and judgments from any feed, and says beforehand what it makes of it."""

from collections.abc import Callable, Iterator, Mapping

from aisle.errors import InputError, nearest
from aisle.sources import (
    access_log,
    delimited,
    google_merchant,
    jsonl,
    parquet,
    qrels,
    shopify,
    sql,
    ubi,
)
from aisle.sources.detect import NAMES, check_readable, detect
from aisle.sources.events import events
from aisle.sources.feed import NO_MAPPING, Feed, FeedInfo, Format, Kind, Table, built, ignore_progress
from aisle.sources.files import n_bytes
from aisle.sources.items import items
from aisle.sources.judgments import judgments, query_texts
from aisle.sources.mapping import guess_mapping, resolve_mapping
from aisle.sources.texts import plain_text
from aisle.types import Event, Item, Judgment, Rejected

Reject = Callable[[Rejected], None]
Progress = Callable[[int], None]

TABLES: Mapping[Format, Callable[[Feed], Table]] = {
    "csv": delimited.read,
    "tsv": delimited.read,
    "jsonl": jsonl.read,
    "parquet": parquet.read,
    "google_merchant_xml": google_merchant.read_xml,
    "google_merchant_tsv": google_merchant.read_tsv,
    "shopify": shopify.read,
    "qrels": qrels.read,
}
"""The formats that are tables with columns to map, beside SQL."""


def describe(location: str, kind: Kind, mapping: Mapping[str, str] = NO_MAPPING) -> FeedInfo:
    """What Aisle makes of a feed: its format, size, columns and which of them it takes for which field.

    Reads the first rows only. Raises InputError as the reading functions do.
    """
    found = detect(location)
    check_readable(location, found, kind)
    if found == "sql":
        table = _table(location, found, _feed(location, found, _ignore, ignore_progress))
        resolved = resolve_mapping(kind, table.columns, mapping, sql.shown(location))
        return FeedInfo(sql.shown(location), kind, found, 0, table.columns, resolved)
    size = n_bytes(location)
    if found == "access_log":
        access_log.pages(mapping)
        return FeedInfo(location, kind, found, size, (), {**access_log.MAPPING, **mapping})
    if found == "ubi":
        _check_no_mapping(location, mapping)
        return FeedInfo(location, kind, found, size, (), ubi.MAPPING)
    columns = TABLES[found](Feed(location, _ignore)).columns
    return FeedInfo(location, kind, found, size, columns, resolve_mapping(kind, columns, mapping, location))


def read_items(
    location: str,
    mapping: Mapping[str, str] = NO_MAPPING,
    *,
    reject: Reject,
    currency: str = "",
    progress: Progress = ignore_progress,
) -> Iterator[Item]:
    """The items of a feed, one after the other, with memory that does not grow with the feed (but for its ids).

    `location` is a file (CSV, TSV, JSON Lines, Parquet, Google Merchant XML or TSV, Shopify CSV; text may be gzip) or
    a database address with a query (see `aisle.sources.sql`). `mapping` is field = column, where the guess is not
    right: the fields of Item, price_cents, and translations such as title_zh. `currency` (ISO 4217) is that of
    prices that name none.

    `reject` gets every row that is no Item, with its line and reason; an id that comes again is reported too, and
    its later row is yielded after the earlier one. `progress` gets the bytes read so far (rows for SQL).

    Raises InputError at once when the feed cannot be read, is no item feed, or the mapping does not fit.
    """
    table, resolved, feed = _opened(location, "items", mapping, reject, progress)
    return items(feed, table, resolved, currency)


def read_events(
    location: str,
    mapping: Mapping[str, str] = NO_MAPPING,
    *,
    reject: Reject,
    progress: Progress = ignore_progress,
) -> Iterator[Event]:
    """The events of a feed, one after the other, with memory that does not grow with the feed.

    `location` is a file (CSV, TSV, JSON Lines, Parquet, UBI, access log; text may be gzip) or a database address with
    a query. `mapping` is field = column; for an access log field = place in the path (see `aisle.sources.access_log`).
    Events without an id get one that follows from what they say, so reading a log again gives the same ids.

    `reject`, `progress` and InputError are as for `read_items`.
    """
    found = detect(location)
    if found == "access_log":
        return access_log.read(Feed(location, reject, progress), access_log.pages(mapping))
    if found == "ubi":
        _check_no_mapping(location, mapping)
        return ubi.read(Feed(location, reject, progress))
    table, resolved, feed = _opened(location, "events", mapping, reject, progress)
    return events(feed, table, resolved)


def read_judgments(
    location: str,
    mapping: Mapping[str, str] = NO_MAPPING,
    *,
    reject: Reject,
    queries: str | None = None,
    progress: Progress = ignore_progress,
) -> Iterator[Judgment]:
    """The judgments of a feed, one after the other.

    `location` is a file (CSV, TSV, JSON Lines, Parquet, TREC qrels) or a database address with a query. A feed that
    holds query ids without their text needs `queries`: a table with query_id and query, or TREC topics (id, tab, text).

    `reject`, `progress` and InputError are as for `read_items`.
    """
    table, resolved, feed = _opened(location, "judgments", mapping, reject, progress)
    if queries is not None and table.columns and "query_id" not in resolved:
        raise InputError(f"{location} has no column of query ids to look up in {queries}; leave them out")
    if queries is None and table.columns and "query" not in resolved:
        raise InputError(
            f"{location} has query ids ({resolved['query_id']}), but no text of the queries; "
            "give the file of queries too (query_id, query), or a column with the text"
        )
    return judgments(feed, table, resolved, None if queries is None else _query_texts(queries, reject))


def read_column(location: str, column: str, *, reject: Reject) -> Iterator[str]:
    """The texts of one column of a table (CSV, TSV, JSON Lines, Parquet), one after the other, empty ones left out.

    Bad rows are quarantined. Raises InputError when the file cannot be read or has no such column.
    """
    found = detect(location)
    if found not in TABLES:
        raise InputError(f"{location} looks like {NAMES[found]}; expected a table with the column {column!r}")
    feed = _feed(location, found, reject, ignore_progress)
    table = _table(location, found, feed)
    if column not in table.columns:
        raise InputError(f"{location} has no column {column!r}; {nearest(column, table.columns)}")
    for _, text in built(feed, table.records, lambda values: plain_text(column, values.get(column) or "")):
        if text:
            yield text


def _query_texts(location: str, reject: Reject) -> dict[str, str]:
    """Query text by query id, from a table or from topics without a header."""
    found = detect(location)
    feed = _feed(location, found, reject, ignore_progress)
    table = _table(location, found, feed)
    mapping = guess_mapping("judgments", table.columns)
    if "query_id" not in mapping and "id" in table.columns:
        mapping["query_id"] = "id"
    if {"query", "query_id"} <= mapping.keys():
        return query_texts(feed, table, mapping)
    if found == "tsv" and len(table.columns) == 2:
        return query_texts(feed, qrels.read_topics(feed), {"query_id": "query_id", "query": "query"})
    raise InputError(
        f"{feed.location} holds no queries: its columns are {', '.join(table.columns)}; expected query_id and query"
    )


def _opened(
    location: str, kind: Kind, mapping: Mapping[str, str], reject: Reject, progress: Progress
) -> tuple[Table, dict[str, str], Feed]:
    found = detect(location)
    check_readable(location, found, kind)
    feed = _feed(location, found, reject, progress)
    table = _table(location, found, feed)
    return table, resolve_mapping(kind, table.columns, mapping, feed.location), feed


def _feed(location: str, found: Format, reject: Reject, progress: Progress) -> Feed:
    return Feed(sql.shown(location) if found == "sql" else location, reject, progress)


def _table(location: str, found: Format, feed: Feed) -> Table:
    return sql.read(feed, location) if found == "sql" else TABLES[found](feed)


def _check_no_mapping(location: str, mapping: Mapping[str, str]) -> None:
    if mapping:
        raise InputError(
            f"{location} is UBI, whose fields are fixed, but a mapping names {sorted(mapping)}; leave it out"
        )


def _ignore(_: Rejected) -> None:
    """Nobody to tell."""
