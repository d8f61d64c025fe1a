"""Reads TREC relevance judgments (qrels) and topics: columns parted by white space, no header."""

import re
from collections.abc import Iterator

from aisle.sources.feed import Feed, Record, Table, peeked
from aisle.sources.files import decoded, lines

LINE = re.compile(
    r"\s*(?P<query>\S.*?)\s+(?P<iteration>Q?[0-9]+)\s+(?P<item>\S+)\s+(?P<grade>-?[0-9]+(?:\.[0-9]+)?)\s*"
)
TABBED = re.compile(r"(?P<query>[^\t]+)\t(?P<iteration>[^\t]*)\t(?P<item>[^\t]+)\t(?P<grade>[^\t]+?)\s*")
MAX_LINE = 2_000
_NUMBERED = re.compile(r"(?:q|query|topic)?[-_:]?[0-9]+", re.IGNORECASE)


def is_qrels(line: str) -> bool:
    """True for a line of qrels, and not the header of a table."""
    form = TABBED if line.count("\t") == 3 else LINE
    return len(line) < MAX_LINE and bool(form.fullmatch(line)) and line.rstrip()[-1].isdigit()


def read(feed: Feed) -> Table:
    """The table of a qrels file: query, iteration (not used), item, grade.

    The query may be an id or the text itself: in lines parted by tabs the first value, else everything before the last
    three words. Where the first 100 queries all look like numbers they are the column "query_id", else "query". A
    line of another form is quarantined.
    """
    first, records = peeked(_records(feed))
    numbered = bool(first) and all(_NUMBERED.fullmatch(str(record.values["query"])) for record in first)
    if not numbered:
        return Table(("query", "item_id", "grade"), records)
    renamed = (Record(one.line, {"query_id": one.values["query"], **one.values}, one.text) for one in records)
    return Table(("query_id", "item_id", "grade"), renamed)


def read_topics(feed: Feed) -> Table:
    """The table of a topics file without a header: query id, a tab, query text."""
    return Table(("query_id", "query"), _topics(feed))


def _records(feed: Feed) -> Iterator[Record]:
    for number, line in lines(feed):
        text, fault = decoded(line)
        if not text.strip():
            continue
        found = (TABBED if text.count("\t") == 3 else LINE).fullmatch(text.rstrip("\r\n"))
        if fault or not found:
            feed.bad(number, fault or "not a line of qrels; expected: query 0 item grade", text)
            continue
        yield Record(number, {"query": found["query"].strip(), "item_id": found["item"], "grade": found["grade"]}, text)


def _topics(feed: Feed) -> Iterator[Record]:
    for number, line in lines(feed):
        text, fault = decoded(line)
        if not text.strip():
            continue
        query_id, _, query = text.strip().partition("\t")
        if fault or not query.strip():
            feed.bad(number, fault or "not a line of topics; expected: query_id, a tab, the query", text)
            continue
        yield Record(number, {"query_id": query_id, "query": query.strip()}, text)
