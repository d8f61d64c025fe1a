from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from aisle.errors import InputError
from aisle.sources import describe, read_events
from aisle.types import Rejected

Write = Callable[[str, str | bytes], str]

AGENT = '"https://shop.example/" "Mozilla/5.0 (X11; Linux x86_64) \\"quoted\\""'
LOG = f"""\
203.0.113.7 - - [10/Oct/2024:13:55:36 -0700] "GET /product/A%201?ref=home HTTP/1.1" 200 2326 {AGENT}
203.0.113.7 - - [10/Oct/2024:13:56:00 -0700] "GET /search?q=usb+c%20cable&page=2 HTTP/1.1" 200 512 {AGENT}
203.0.113.7 - ana [10/Oct/2024:21:00:00 +0000] "GET /products/B2/ HTTP/2.0" 304 0 {AGENT}
203.0.113.7 - - [10/Oct/2024:21:00:00 +0000] "GET /static/app.js HTTP/1.1" 200 100 {AGENT}
203.0.113.7 - - [10/Oct/2024:21:00:00 +0000] "POST /product/A1 HTTP/1.1" 200 100 {AGENT}
203.0.113.7 - - [10/Oct/2024:21:00:00 +0000] "GET /product/gone HTTP/1.1" 404 100 {AGENT}
203.0.113.9 - - [10/Oct/2024:21:00:00 +0000] "GET /product/A1 HTTP/1.1" 200 9 "-" "Googlebot/2.1 (+http://www.google.com/bot.html)"
this is no log line
203.0.113.7 - - [32/Foo/2024:21:00:00 +0000] "GET /product/A1 HTTP/1.1" 200 100 {AGENT}
2001:db8::1 - - [10/Oct/2024:21:00:01 +0000] "GET /product/C3 HTTP/1.1" 200 100 "-" "Mozilla/5.0 (Linux; CUBOT X18)"
203.0.113.7 - - [10/Oct/2024:21:00:00 +0000] "GET /search?q= HTTP/1.1" 200 100 {AGENT}
"""


def test_views_and_searches_of_people_become_events(write: Write, rejected: list[Rejected]) -> None:
    found = list(read_events(write("access.log", LOG), reject=rejected.append))
    assert [(event.kind, event.item_id, event.query, event.surface) for event in found] == [
        ("view", "A 1", "", "item"),
        ("search", "", "usb c cable", "search"),
        ("view", "B2", "", "item"),
        ("view", "C3", "", "item"),
    ]
    assert found[0].timestamp == datetime(2024, 10, 10, 20, 55, 36, tzinfo=UTC)
    assert found[0].user_id == found[1].user_id
    assert found[0].user_id.startswith("visitor-")
    assert "203" not in found[0].user_id.removeprefix("visitor-")[:3]
    assert found[2].user_id == "ana"
    assert found[3].user_id not in (found[0].user_id, "ana")


def test_lines_of_another_format_are_quarantined(write: Write, rejected: list[Rejected]) -> None:
    list(read_events(write("access.log", LOG), reject=rejected.append))
    assert [(row.line, row.row[:8]) for row in rejected] == [(8, "this is "), (9, "203.0.11")]
    assert rejected[0].reason.startswith("not combined log format; expected: host - user [time]")


def test_reading_again_gives_the_same_ids(write: Write, rejected: list[Rejected]) -> None:
    location = write("access.log.gz", LOG)
    first, second = (list(read_events(location, reject=rejected.append)) for _ in range(2))
    assert first == second
    assert len({event.event_id for event in first}) == 4


def test_pages_are_where_the_mapping_says(write: Write, rejected: list[Rejected]) -> None:
    log = LOG.replace("/product/A%201", "/en/dp/X9.html").replace("/search?q=", "/s?k=")
    location = write("access.log", log)
    mapping = {"item_id": r"/(?:en|zh)/dp/{item_id}\.html", "query": "/s?k={query}"}
    assert describe(location, "events", mapping).mapping == mapping
    found = list(read_events(location, mapping, reject=rejected.append))
    assert [(event.item_id, event.query) for event in found] == [("X9", ""), ("", "usb c cable")]


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"item_id": "/product"}, "has no {item_id}; expected a path such as"),
        ({"query": "/search"}, "is no search page; expected one such as"),
        ({"item_id": "/(product/{item_id}"}, "is no regular expression"),
        ({"user_id": "x"}, r"an access log has no place for \['user_id'\]"),
    ],
)
def test_mappings_that_make_no_sense_are_an_error(
    mapping: dict[str, str], message: str, write: Write, rejected: list[Rejected]
) -> None:
    with pytest.raises(InputError, match=message):
        read_events(write("access.log", LOG), mapping, reject=rejected.append)
