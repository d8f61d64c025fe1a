"""Reads JSON Lines: one JSON object a line."""

from collections.abc import Iterator

import orjson

from aisle.sources.feed import Feed, Record, Table, peeked, seen_columns
from aisle.sources.files import decoded, lines


def read(feed: Feed) -> Table:
    """The table of a JSON Lines file; its columns are the keys of the first 100 objects.

    A line that is not UTF-8, not JSON or not an object is quarantined; blank lines are skipped.
    """
    first, records = peeked(objects(feed))
    return Table(seen_columns(first), records)


def objects(feed: Feed) -> Iterator[Record]:
    """Every object of the file, with the line it stands on."""
    for number, line in lines(feed):
        text, fault = decoded(line)
        if not text.strip():
            continue
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            feed.bad(number, fault or f"not JSON: {error}; expected one object on one line", text)
            continue
        if fault or not isinstance(value, dict):
            feed.bad(number, fault or f"expected a JSON object, found {_kind(value)}: put {{...}} on each line", text)
            continue
        yield Record(number, value, text)


def _kind(value: object) -> str:
    return {list: "a list", str: "a string", bool: "true or false", type(None): "null"}.get(type(value), "a number")
