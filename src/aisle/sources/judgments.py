"""Turns the records of a table into Judgments, by a mapping, with the query texts joined in where they lie apart."""

from collections.abc import Iterator, Mapping

from aisle.errors import InputError
from aisle.sources.feed import Feed, Table, Values, built, once_each
from aisle.sources.texts import identifier
from aisle.sources.values import is_empty, parse_whole
from aisle.types import Judgment


def judgments(
    feed: Feed, table: Table, mapping: Mapping[str, str], texts: Mapping[str, str] | None = None
) -> Iterator[Judgment]:
    """The judgments of `table`; rows that make no Judgment are quarantined.

    `texts` is query text by query id, for tables that hold the id only. A grade must be whole: 2.33, the mean of three
    raters, is quarantined rather than rounded. A pair that comes again replaces the earlier one and is reported.
    """
    pairs = built(feed, table.records, lambda values: build_judgment(values, mapping, texts))
    yield from once_each(feed, pairs, lambda judgment: (judgment.query, judgment.item_id))


def build_judgment(values: Values, mapping: Mapping[str, str], texts: Mapping[str, str] | None) -> Judgment:
    """The Judgment that one record means. Raises InputError when a value cannot be right."""
    if texts is None or "query_id" not in mapping:
        query = _field("query", values, mapping)
    else:
        query_id = _field("query_id", values, mapping)
        if query_id not in texts:
            raise InputError(f"query_id={query_id!r} is not among the queries; add its text to them")
        query = texts[query_id]
    grade = values.get(mapping["grade"])
    if is_empty(grade):
        raise InputError("grade is missing; expected a whole number from 0")
    return Judgment(query, _field("item_id", values, mapping), parse_whole("grade", grade))


def query_texts(feed: Feed, table: Table, mapping: Mapping[str, str]) -> dict[str, str]:
    """Query text by query id, from a table of queries; rows without either are quarantined."""
    texts: dict[str, str] = {}
    for record in table.records:
        query_id, query = (identifier(name, values_of(record.values, mapping, name)) for name in ("query_id", "query"))
        if query_id and query:
            texts[query_id] = query
        else:
            feed.bad(record.line, "query_id or query is missing; each query needs both", record.as_text())
    return texts


def values_of(values: Values, mapping: Mapping[str, str], field: str) -> object:
    """The value of `field`, "" where there is none."""
    value = values.get(mapping[field])
    return "" if is_empty(value) else value


def _field(name: str, values: Values, mapping: Mapping[str, str]) -> str:
    return identifier(name, values_of(values, mapping, name))
