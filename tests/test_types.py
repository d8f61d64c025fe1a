import math
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.errors import InputError
from aisle.types import (
    EVENT_KINDS,
    Candidates,
    Event,
    Item,
    Judgment,
    SearchRequest,
    Translation,
    best_first,
    check_page,
    check_utc,
    no_candidates,
)

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def item(**changes: Any) -> Item:
    return Item(**{"item_id": "i", "title": "Mug", **changes})


def event(**changes: Any) -> Event:
    return Event(**{"event_id": "e", "kind": "click", "timestamp": NOON, "item_id": "i", **changes})


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"item_id": ""}, "item_id is missing or empty: ''"),
        ({"item_id": "  "}, "item_id is missing or empty"),
        ({"item_id": None}, "item_id is missing or empty: None"),
        ({"item_id": 5}, "item_id is missing or empty: 5; give a non-empty string"),
        ({"item_id": "x" * 513}, "item_id has 513 characters; at most 512"),
        ({"item_id": "a\x00b"}, "item_id holds a control character"),
        ({"item_id": "a\nb"}, "item_id holds a control character"),
        ({"item_id": "a\ud800"}, "item_id holds a control character"),
        ({"title": ""}, "title of item 'i' is empty"),
        ({"title": " \t"}, "title of item 'i' is empty"),
        ({"title": "a\x07b"}, r"title holds the control character '\x07'"),
        ({"title": "x" * 100_001}, "title has 100,001 characters; at most 100,000"),
        ({"description": "a\x1bb"}, "description holds the control character"),
        ({"brand": "\x7f"}, "brand holds the control character"),
        ({"category": ("A", "B\x00")}, "category holds the control character"),
        ({"url": "http://\x01"}, "url holds the control character"),
        ({"price": -1.0}, "price=-1.0; expected a finite number, at least 0"),
        ({"price": math.nan}, "price=nan; expected a finite number"),
        ({"price": math.inf}, "price=inf; expected a finite number"),
        ({"stock": -1}, "stock=-1; expected a finite number"),
        ({"stock": 2**53 + 1}, "stock=9007199254740993; expected a finite number"),
        ({"rating": 5.1}, "rating=5.1; expected a finite number, between 0 and 5"),
        ({"rating_count": -1}, "rating_count=-1"),
        ({"released_at": datetime(2026, 1, 1)}, "released_at=2026-01-01T00:00:00 is not in UTC"),
        (
            {"released_at": NOON.astimezone(timezone(timedelta(hours=1)))},
            "released_at=2026-01-31T13:00:00+01:00 is not",
        ),
        ({"attributes": {"size": math.nan}}, "size=nan; expected text, a finite number"),
        ({"attributes": {"size": None}}, "size=None; expected text"),
        ({"attributes": {"size": ["a"]}}, "size=['a']; expected text"),
        ({"attributes": {"size": 2**53 + 1}}, "size=9007199254740993; whole numbers beyond 2**53"),
        ({"attributes": {"size": "a\x00"}}, "size holds the control character"),
        ({"attributes": {"size": ("a", "b\x00")}}, "size holds the control character"),
        ({"attributes": {"si\x00ze": "a"}}, "the name of an attribute holds the control character"),
    ],
)
def test_an_item_that_cannot_be_right_is_refused(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(InputError) as caught:
        item(**changes)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [{"title": "\x00"}, {"description": "\x00"}, {"category": ("\x00",)}, {"attributes": {"size": math.inf}}],
)
def test_a_translation_that_cannot_be_right_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Translation(**changes)


def test_an_item_may_hold_anything_that_people_write() -> None:
    made = item(
        item_id="ü/1 灯 \u00ad",
        title="Two\nlines\t\u200b",
        description="x" * 100_000,
        price=0.0,
        rating=5.0,
        stock=2**53,
        released_at=datetime(1, 1, 1, tzinfo=timezone(timedelta(0))),
        attributes={"": "", "n": 1, "t": ("a",), "b": True},
    )
    assert made.title == "Two\nlines\t\u200b"


@pytest.mark.parametrize(("stock", "expected"), [(None, True), (1, True), (0, False)])
def test_an_item_is_in_stock_unless_none_is_left(stock: int | None, expected: bool) -> None:
    assert item(stock=stock).in_stock is expected


def test_values_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        item().price = 1.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"event_id": ""}, "event_id is missing or empty"),
        ({"kind": "clik"}, "kind='clik' is not an event kind; did you mean \"click\"?"),
        ({"kind": None}, "kind=None is not an event kind"),
        ({"timestamp": datetime(2026, 1, 31)}, "timestamp=2026-01-31T00:00:00 is not in UTC; convert it"),
        ({"item_id": ""}, "item_id is missing or empty"),
        ({"kind": "search", "query": " "}, "an event of kind 'search' needs a query"),
        ({"user_id": "u\x00"}, "user_id holds a control character"),
        ({"session_id": "s" * 513}, "session_id has 513 characters"),
        ({"query_id": "q\n"}, "query_id holds a control character"),
        ({"surface": "\x01"}, "surface holds a control character"),
        ({"query": "x" * 1_001}, "query has 1,001 characters; at most 1,000"),
        ({"rank": 0}, "rank=0; expected a finite number, between 1"),
        ({"value": -1.0}, "value=-1.0; expected a finite number, at least 0"),
        ({"value": math.nan}, "value=nan"),
    ],
)
def test_an_event_that_cannot_be_right_is_refused(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(InputError) as caught:
        event(**changes)
    assert problem in str(caught.value)


@pytest.mark.parametrize("kind", EVENT_KINDS)
def test_every_kind_of_event_can_be_logged(kind: str) -> None:
    assert event(kind=kind, query="mug").kind == kind


def test_a_search_needs_no_item() -> None:
    assert event(kind="search", item_id="", query="mug").item_id == ""


@pytest.mark.parametrize(
    ("query", "item_id", "grade"),
    [("", "i", 1), ("mug", "", 1), ("mug", "i", -1), ("x" * 1_001, "i", 1), ("\x00m", "i", 1)],
)
def test_a_judgment_that_cannot_be_right_is_refused(query: str, item_id: str, grade: int) -> None:
    with pytest.raises(InputError):
        Judgment(query, item_id, grade)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"query": "x" * 10_000}, "query has 10,000 characters; at most 1,000 are allowed; shorten it"),
        ({"query": "mug\x00"}, r"query holds the control character '\x00'; remove it"),
        ({"k": 0}, "k=0; expected 1 <= k <= 1000"),
        ({"k": 1_001}, "k=1001; expected 1 <= k <= 1000"),
        ({"offset": -1}, "offset=-1; expected 0 <= offset <= 10000"),
        ({"offset": 10_001}, "offset=10001; expected 0 <= offset <= 10000"),
        ({"filters": "x" * 4_001}, "filters has 4,001 characters"),
        ({"sort": "cheapest"}, "sort='cheapest' is not a sort order"),
        ({"sort": "price"}, 'did you mean "price_asc"?'),
    ],
)
def test_a_request_out_of_range_is_refused(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(InputError) as caught:
        SearchRequest(**changes)
    assert problem in str(caught.value)


def test_a_request_may_be_empty_or_as_large_as_is_allowed() -> None:
    assert SearchRequest().query == ""
    SearchRequest("x" * 1_000, k=1_000, offset=10_000, filters="x" * 4_000)
    check_page(1)


@pytest.mark.parametrize("hours", [-12, -1, 1, 14])
def test_only_utc_is_utc(hours: int) -> None:
    check_utc("time", NOON.astimezone(timezone(timedelta(0))))
    with pytest.raises(InputError, match=r"convert it: value.astimezone\(UTC\)"):
        check_utc("time", NOON.astimezone(timezone(timedelta(hours=hours))))


def scores(*values: float) -> Any:
    return np.array(values, np.float32)


def test_the_highest_come_first_and_ties_by_position() -> None:
    found = best_first(scores(1, 3, 2, 3, 2), 4, "x")
    assert (found.rows.tolist(), found.scores.tolist(), found.source) == ([1, 3, 2, 4], [3, 3, 2, 2], "x")


@pytest.mark.parametrize(("k", "expected"), [(1, [0]), (2, [0, 1]), (3, [0, 1, 2]), (9, [0, 1, 2, 3])])
def test_at_the_cut_ties_go_to_the_lower_position(k: int, expected: list[int]) -> None:
    assert best_first(scores(5, 5, 5, 5), k, "x").rows.tolist() == expected


def test_what_has_no_finite_score_is_left_out() -> None:
    assert best_first(scores(-math.inf, 1, math.nan, 0), 9, "x").rows.tolist() == [1, 3]
    assert len(best_first(scores(-math.inf), 9, "x")) == len(best_first(scores(), 9, "x")) == 0


def test_positions_may_have_names() -> None:
    assert best_first(scores(1, 3, 3), 2, "x", np.array([9, 8, 7])).rows.tolist() == [8, 7]


@given(st.lists(st.sampled_from([-math.inf, -1.0, 0.0, 0.5, 2.0]), max_size=30), st.integers(1, 35))
def test_the_best_are_those_of_a_full_sort(values: list[float], k: int) -> None:
    finite = [place for place, value in enumerate(values) if math.isfinite(value)]
    found = best_first(scores(*values), k, "x")
    assert found.rows.tolist() == sorted(finite, key=lambda place: (-values[place], place))[:k]
    assert found.scores.tolist() == [values[row] for row in found.rows]
    assert found.rows.dtype == np.int64
    assert found.scores.dtype == np.float32


def test_the_top_of_candidates_are_the_first_of_them() -> None:
    found = Candidates(np.array([4, 2, 3]), scores(3, 2, 1), "x")
    assert (found.top(2).rows.tolist(), found.top(2).scores.tolist(), found.top(2).source) == ([4, 2], [3, 2], "x")
    assert (len(found), len(found.top(9)), len(no_candidates("x"))) == (3, 3, 0)
