from collections.abc import Callable

from aisle.sources.feed import Feed
from aisle.sources.jsonl import read
from aisle.types import Rejected

Write = Callable[[str, str | bytes], str]


def test_bad_lines_are_quarantined_and_good_ones_read(write: Write, rejected: list[Rejected]) -> None:
    content = (
        b'\xef\xbb\xbf{"id": 1, "title": "a"}\n\n{broken\n[1]\n{"id": 2, "title": "caf\xe9"}\n{"id": 3, "brand": "b"}\n'
    )
    location = write("a.jsonl", content)
    table = read(Feed(location, rejected.append))
    assert table.columns == ("id", "title", "brand")
    assert [(record.line, record.values) for record in table.records] == [
        (1, {"id": 1, "title": "a"}),
        (6, {"id": 3, "brand": "b"}),
    ]
    assert [(row.line, row.row) for row in rejected] == [
        (3, "{broken"),
        (4, "[1]"),
        (5, '{"id": 2, "title": "caf\ufffd"}'),
    ]
    assert rejected[0].reason.startswith("not JSON: ")
    assert rejected[1].reason == "expected a JSON object, found a list: put {...} on each line"
    assert rejected[2].reason.startswith("not UTF-8: byte 0xe9")


def test_gzip_is_unpacked(write: Write, rejected: list[Rejected]) -> None:
    table = read(Feed(write("a.jsonl.gz", '{"id": 1}\n'), rejected.append))
    assert [record.values for record in table.records] == [{"id": 1}]
