import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle.errors import InputError
from aisle.records import (
    event_from_dict,
    event_to_dict,
    item_from_dict,
    item_to_dict,
    restore_item,
    time_from_text,
    time_to_text,
)
from aisle.types import EVENT_KINDS, MAX_COUNT, Event, Item, Translation

LAMP = Item(
    item_id="lamp",
    title="Desk lamp",
    category=("Home", "Lighting"),
    price=0.0,
    stock=0,
    released_at=datetime(2026, 1, 31, 12, tzinfo=UTC),
    attributes={"dimmable": False, "watts": 7.0, "colours": ("red", "green")},
    translations={"zh": Translation("台灯", category=("家居",), attributes={"colours": ("红", "绿")})},
)
LAMP_DICT = {
    "item_id": "lamp",
    "title": "Desk lamp",
    "category": ["Home", "Lighting"],
    "price": 0.0,
    "stock": 0,
    "released_at": "2026-01-31T12:00:00Z",
    "attributes": {"dimmable": False, "watts": 7.0, "colours": ["red", "green"]},
    "translations": {"zh": {"title": "台灯", "category": ["家居"], "attributes": {"colours": ["红", "绿"]}}},
}

texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=8)
ids = texts.filter(str.strip)
times = st.datetimes(timezones=st.just(UTC)).map(lambda time: time.replace(fold=0))
numbers = st.floats(0, allow_nan=False, allow_infinity=False)
counts = st.integers(0, MAX_COUNT)
categories = st.lists(texts, max_size=3).map(tuple)
attributes = st.dictionaries(
    texts,
    texts
    | st.booleans()
    | st.integers(-MAX_COUNT, MAX_COUNT)
    | st.floats(allow_nan=False, allow_infinity=False)
    | categories,
    max_size=3,
)
translations = st.builds(Translation, texts, texts, categories, attributes)
items = st.builds(
    Item,
    item_id=ids,
    title=ids,
    description=texts,
    brand=texts,
    category=categories,
    price=st.none() | numbers,
    currency=texts,
    stock=st.none() | counts,
    rating=st.none() | st.floats(0, 5),
    rating_count=st.none() | counts,
    url=texts,
    image_url=texts,
    gtin=texts,
    group_id=texts,
    released_at=st.none() | times,
    attributes=attributes,
    translations=st.dictionaries(texts, translations, max_size=2),
)
events = st.builds(
    Event,
    event_id=ids,
    kind=st.sampled_from(EVENT_KINDS),
    timestamp=times,
    user_id=st.just("") | ids,
    session_id=st.just("") | ids,
    item_id=ids,
    query=ids,
    query_id=st.just("") | ids,
    rank=st.none() | st.integers(1, MAX_COUNT),
    value=st.none() | numbers,
    surface=st.just("") | ids,
)


def _through_json(data: dict[str, Any]) -> dict[str, Any]:
    decoded: dict[str, Any] = orjson.loads(orjson.dumps(data))
    return decoded


@settings(deadline=None, max_examples=100)
@given(items)
def test_every_item_comes_back_equal_through_json(item: Item) -> None:
    data = _through_json(item_to_dict(item))
    assert data == item_to_dict(item)
    assert item_from_dict(data) == item
    assert restore_item(data) == item
    assert repr(restore_item(data)) == repr(item_from_dict(data)) == repr(item)


@settings(deadline=None, max_examples=100)
@given(events)
def test_every_event_comes_back_equal_through_json(event: Event) -> None:
    assert event_from_dict(_through_json(event_to_dict(event))) == event


def test_empty_fields_are_left_out_and_zeros_stay() -> None:
    assert item_to_dict(LAMP) == LAMP_DICT
    assert item_from_dict(LAMP_DICT) == LAMP
    assert item_to_dict(Item("a", "A")) == {"item_id": "a", "title": "A"}
    assert restore_item({"item_id": "a", "title": "A"}) == Item("a", "A")


def test_a_restored_item_shares_nothing_with_what_it_came_from() -> None:
    data = _through_json(LAMP_DICT)
    item = restore_item(data)
    data["attributes"]["watts"] = 9.0
    assert item == LAMP


def test_null_counts_as_absent() -> None:
    data = {"item_id": "a", "title": "A", "price": None, "attributes": {"colour": None}, "translations": {"zh": None}}
    assert item_from_dict(data) == Item("a", "A")


def test_whole_numbers_are_read_where_a_float_is_kept_and_the_other_way_round() -> None:
    item = item_from_dict({"item_id": "a", "title": "A", "price": 4, "stock": 3.0})
    assert (repr(item.price), repr(item.stock)) == ("4.0", "3")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pirce": 4}, 'unknown field "pirce" of item; did you mean "price"?'),
        ({"item_id": None}, "item_id is missing or empty: ''; give a non-empty string"),
        ({"item_id": 7}, "item_id=7; expected text"),
        ({"title": None}, "title of item 'lamp' is empty; every item needs a title"),
        ({"price": "4.50"}, "price='4.50'; expected a number"),
        ({"price": True}, "price=True; expected a number"),
        ({"price": -1}, "price=-1.0; expected a finite number, at least 0"),
        ({"price": math.nan}, "price=nan; expected a finite number, at least 0"),
        ({"stock": 1.5}, "stock=1.5; expected a whole number"),
        ({"stock": 2**60}, "stock=1152921504606846976; expected a finite number, between 0 and 9.0072e+15"),
        ({"category": "Home"}, "category='Home'; expected a list of texts"),
        ({"category": ["Home", 7]}, "category=['Home', 7]; expected a list of texts"),
        ({"released_at": 7}, 'released_at=7; expected ISO 8601 text such as "2026-01-31T12:00:00Z"'),
        ({"attributes": ["red"]}, 'attributes=[\'red\']; expected an object such as {"colour": "blue"}'),
        (
            {"attributes": {"size": {"cm": 4}}},
            "attribute \"size\"={'cm': 4}; expected text, a number, true, false or a list of texts",
        ),
        ({"attributes": {"sizes": [4]}}, 'attribute "sizes"=[4]; expected a list of texts'),
        ({"attributes": {"ean": 2**60}}, "whole numbers beyond 2**53 lose digits in JSON; give it as text"),
        ({"attributes": {"colour": "\x00"}}, "colour holds the control character '\\x00'; remove it"),
        ({"brand": "\ud800"}, "brand holds the control character '\\ud800'; remove it"),
        ({"translations": {"zh": "灯"}}, "translation \"zh\" is '灯'; expected an object with fields"),
        ({"translations": {"zh": {"titel": "灯"}}}, 'unknown field "titel" of translation "zh"; did you mean "title"?'),
        ({"translations": []}, 'translations=[]; expected an object such as {"zh": {"title": "..."}}'),
    ],
)
def test_an_item_that_cannot_be_right_is_explained(change: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as failure:
        item_from_dict({**LAMP_DICT, **change})
    assert message in str(failure.value)


@pytest.mark.parametrize("data", [[LAMP_DICT], "lamp", 7, None])
def test_what_is_no_object_is_explained(data: object) -> None:
    with pytest.raises(InputError, match=r"item is .*; expected an object with fields"):
        item_from_dict(data)


def test_long_values_are_cut_in_messages() -> None:
    with pytest.raises(InputError) as failure:
        item_from_dict({**LAMP_DICT, "price": "9" * 10_000})
    assert len(str(failure.value)) < 120


def test_an_event_without_id_and_time_gets_both() -> None:
    before = datetime.now(UTC)
    first, second = (event_from_dict({"kind": "click", "item_id": "lamp"}) for _ in range(2))
    assert UUID(first.event_id).version == 4
    assert first.event_id != second.event_id
    assert before <= first.timestamp <= datetime.now(UTC)


def test_an_event_as_json() -> None:
    event = Event("e1", "rate", datetime(2026, 1, 31, 12, 0, 0, 500_000, tzinfo=UTC), "ann", item_id="lamp", value=0.0)
    data = {
        "event_id": "e1",
        "kind": "rate",
        "timestamp": "2026-01-31T12:00:00.500000Z",
        "user_id": "ann",
        "item_id": "lamp",
        "value": 0.0,
    }
    assert event_to_dict(event) == data
    assert event_from_dict(data) == event


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"item_id": "lamp"}, 'kind of the event is missing; give one, such as "kind": "click"'),
        ({"kind": "clik", "item_id": "lamp"}, "kind='clik' is not an event kind; did you mean \"click\"?"),
        ({"kind": "click", "itemid": "lamp"}, 'unknown field "itemid" of event; did you mean "item_id"?'),
        ({"kind": "click"}, "item_id is missing or empty: ''; give a non-empty string"),
        ({"kind": "search"}, "an event of kind 'search' needs a query"),
        ({"kind": "click", "item_id": "lamp", "rank": 0}, "rank=0; expected a finite number, between 1 and"),
        (
            {"kind": "click", "item_id": "lamp", "timestamp": "noon"},
            "timestamp='noon' is not a time; expected ISO 8601",
        ),
        ([], "event is []; expected an object with fields"),
    ],
)
def test_an_event_that_cannot_be_right_is_explained(data: object, message: str) -> None:
    with pytest.raises(InputError) as failure:
        event_from_dict(data)
    assert message in str(failure.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00.000001+00:00", datetime(2026, 1, 31, 12, 0, 0, 1, tzinfo=UTC)),
        ("2026-01-31T20:00:00+08:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
    ],
)
def test_times_are_read_as_utc(text: str, expected: datetime) -> None:
    assert time_from_text("timestamp", text) == expected
    assert time_from_text("timestamp", text).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2026-01-31T12:00:00", "has no UTC offset; append Z when it is in UTC"),
        ("0001-01-01T00:00:00+01:00", "is not a time"),
        ("31.01.2026", "is not a time"),
    ],
)
def test_other_times_are_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        time_from_text("timestamp", text)


def test_a_datetime_of_another_zone_is_converted() -> None:
    zone = timezone(timedelta(hours=8))
    event = event_from_dict({"kind": "click", "item_id": "lamp", "timestamp": datetime(2026, 1, 31, 20, tzinfo=zone)})
    assert time_to_text(event.timestamp) == "2026-01-31T12:00:00Z"
    with pytest.raises(InputError, match="timestamp=datetime"):
        event_from_dict({"kind": "click", "item_id": "lamp", "timestamp": datetime(2026, 1, 31, 20)})
