from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from aisle.errors import InputError
from aisle.sources import describe, read_events
from aisle.types import Event, Rejected

Write = Callable[[str, str | bytes], str]

QUERIES = """\
{"query_id": "q1", "client_id": "c1", "user_query": "usb cable", "timestamp": "2024-05-16T12:34:56.789Z", \
"query_response_id": "r1", "query_response_hit_ids": ["A1", "B2"]}
{"query_id": "q2", "user_query": "", "timestamp": "2024-05-16T12:34:56Z", "query_response_object_ids": ["C3"]}
{"query_id": "q3", "user_query": "lamp", "timestamp": "yesterday"}
"""
EVENTS = """\
{"action_name": "on_search", "query_id": "q1", "client_id": "c1", "timestamp": "2024-05-16T12:34:57Z", \
"message_type": "QUERY", "message": "usb cable", "event_attributes": {}}
{"action_name": "impression", "query_id": "q1", "client_id": "c1", "timestamp": "2024-05-16T12:34:58Z", \
"event_attributes": {"object": {"object_id": "A1"}, "position": {"ordinal": 1}}}
{"action_name": "click_through", "query_id": "q1", "client_id": "c1", "user_id": "u7", "session_id": "s1", \
"timestamp": "2024-05-16T12:35:00Z", "event_attributes": {"object": {"object_id": 42}, "position": {"ordinal": 2}}}
{"action_name": "page_exit", "timestamp": "2024-05-16T12:36:00Z", "event_attributes": {"object": {}}}
{"action_name": "product_hover", "timestamp": "2024-05-16T12:36:00Z", \
"event_attributes": {"object": {"object_id": "A1"}}}
{"action_name": "purchase", "timestamp": "2024-05-16T12:36:00Z", "event_attributes": {}}
{"action_name": "click", "event_attributes": {"object": {"object_id": "A1"}}}
{"_index": "ubi_events", "_source": {"action_name": "add_to_cart", "client_id": "c1", \
"timestamp": "2024-05-16T12:37:00Z", "event_attributes": {"object": {"object_id": "A1"}, "quantity": 2}}}
"""


def without_ids(events: list[Event]) -> list[tuple[object, ...]]:
    return [
        (e.kind, e.user_id, e.session_id, e.item_id, e.query, e.query_id, e.rank, e.value, e.surface) for e in events
    ]


def test_queries_become_searches_and_impressions(write: Write, rejected: list[Rejected]) -> None:
    found = list(read_events(write("queries.jsonl", QUERIES), reject=rejected.append))
    assert without_ids(found) == [
        ("search", "c1", "", "", "usb cable", "q1", None, None, "search"),
        ("impression", "c1", "", "A1", "usb cable", "q1", 1, None, "search"),
        ("impression", "c1", "", "B2", "usb cable", "q1", 2, None, "search"),
        ("impression", "", "", "C3", "", "q2", 1, None, "search"),
    ]
    assert found[0].timestamp == datetime(2024, 5, 16, 12, 34, 56, 789000, tzinfo=UTC)
    assert [(row.line, row.reason.partition(";")[0]) for row in rejected] == [
        (3, "timestamp='yesterday' is not a time")
    ]


def test_actions_become_events(write: Write, rejected: list[Rejected]) -> None:
    found = list(read_events(write("events.jsonl", EVENTS), reject=rejected.append))
    assert without_ids(found) == [
        ("search", "c1", "", "", "usb cable", "q1", None, None, "search"),
        ("impression", "c1", "", "A1", "", "q1", 1, None, "search"),
        ("click", "u7", "s1", "42", "", "q1", 2, None, "search"),
        ("cart", "c1", "", "A1", "", "", None, 2.0, ""),
    ]
    assert [(row.line, row.reason.partition(";")[0]) for row in rejected] == [
        (5, "action_name='product_hover' is not a known kind of event"),
        (6, "action 'purchase' names no item"),
        (7, "timestamp is missing"),
    ]


def test_searches_and_impressions_have_the_same_ids_in_both_files(write: Write, rejected: list[Rejected]) -> None:
    queries = list(read_events(write("queries.jsonl", QUERIES), reject=rejected.append))
    events = list(read_events(write("events.jsonl", EVENTS), reject=rejected.append))
    assert [event.event_id for event in events[:2]] == [event.event_id for event in queries[:2]]
    assert len({event.event_id for event in queries + events}) == 6


def test_bulk_requests_are_understood(write: Write, rejected: list[Rejected]) -> None:
    lines = '{"index": {"_index": "ubi_events"}}\n' + EVENTS.splitlines(keepends=True)[0]
    location = write("bulk.ndjson", lines)
    assert describe(location, "events").format == "ubi"
    assert [event.kind for event in read_events(location, reject=rejected.append)] == ["search"]
    assert rejected == []


def test_fields_are_fixed(write: Write, rejected: list[Rejected]) -> None:
    with pytest.raises(InputError, match="is UBI, whose fields are fixed, but a mapping names"):
        read_events(write("events.jsonl", EVENTS), {"user_id": "client_id"}, reject=rejected.append)
