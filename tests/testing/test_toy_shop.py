from collections import Counter
from itertools import pairwise

from aisle.testing.toy_shop import toy_events, toy_items, toy_judgments


def test_ids_sort_in_the_order_of_the_rows() -> None:
    ids = [item.item_id for item in toy_items()]
    assert len(ids) == 12
    assert ids == sorted(set(ids))


def test_events_come_in_the_order_of_time_and_of_known_items() -> None:
    events, items = toy_events(), {item.item_id for item in toy_items()}
    assert len({event.event_id for event in events}) == len(events) == 32
    assert all(one.timestamp < other.timestamp for one, other in pairwise(events))
    assert {event.item_id for event in events} <= items | {""}
    assert len({event.user_id for event in events}) == 5


def test_what_followed_a_search_carries_its_query() -> None:
    of_search = [event for event in toy_events() if event.query_id == "q-ann-1"]
    assert Counter(event.kind for event in of_search) == {"search": 1, "impression": 2, "click": 1}
    assert {event.query for event in of_search} == {"usb c cable"}


def test_judgments_grade_items_of_the_shop() -> None:
    assert {judgment.item_id for judgment in toy_judgments()} <= {item.item_id for item in toy_items()}
    assert {judgment.query for judgment in toy_judgments()} == {"usb c cable", "headphones", "coffee"}
