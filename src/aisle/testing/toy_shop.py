"""The toy shop of every test: twelve items, five users, thirty-two events, three judged queries, all on one screen.

Item ids sort in the order of the tuple, so item `e1` is row 0, `e2` is row 1, ..., `s3` is row 11.
Events are in the order of time: day d of March 2026 at midnight UTC, plus one second for each earlier event.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from aisle.types import AttributeValue, Event, EventKind, Item, Judgment, Translation

_EL, _KI, _SP = "Electronics", "Kitchen", "Sports"

_Row = tuple[str, str, str, tuple[str, ...], float, int | None, float | None, Mapping[str, AttributeValue]]
_ITEMS: tuple[_Row, ...] = (  # id, title, brand, category, price, stock, rating, attributes
    ("e1", "USB-C cable 1 m", "Volt", (_EL, "Cables"), 9.0, 40, 4.5, {"color": "black", "length_m": 1.0}),
    ("e2", "USB-C cable 2 m", "Volt", (_EL, "Cables"), 12.0, 25, 4.0, {"color": "white", "length_m": 2.0}),
    ("e3", "USB-C charger 65 W", "Volt", (_EL, "Chargers"), 35.0, 10, 4.8, {"color": "white", "power_w": 65.0}),
    ("e4", "Wireless headphones", "Sonora", (_EL, "Audio"), 120.0, 8, 4.2, {"color": "black", "wireless": True}),
    ("e5", "Wired headphones", "Sonora", (_EL, "Audio"), 30.0, 15, 3.9, {"color": "black", "wireless": False}),
    ("e6", "Bluetooth speaker", "Boom", (_EL, "Audio"), 60.0, 0, 4.1, {"color": "blue", "wireless": True}),
    ("k1", "Espresso machine", "Roma", (_KI, "Coffee"), 250.0, 3, 4.7, {"color": "silver", "power_w": 1200.0}),
    ("k2", "Coffee grinder", "Roma", (_KI, "Coffee"), 80.0, 6, 4.4, {"color": "silver"}),
    ("k3", "Coffee mug", "Clay & Co", (_KI, "Cups"), 8.0, None, 4.6, {"color": "blue", "material": "ceramic"}),
    ("s1", "Running shoes", "Fleet", (_SP, "Shoes"), 90.0, 12, 4.3, {"color": "red", "sizes": ("41", "42", "43")}),
    ("s2", "Trail running shoes", "Fleet", (_SP, "Shoes"), 110.0, 5, 4.0, {"color": "green", "sizes": ("42", "43")}),
    ("s3", "Yoga mat", "Calm", (_SP, "Fitness"), 25.0, 30, None, {"color": "green", "material": "cork"}),
)  # fmt: skip
_CHINESE = {
    "e1": "USB-C 数据线 1 米", "e2": "USB-C 数据线 2 米", "e4": "无线耳机", "e5": "有线耳机",
    "k1": "意式咖啡机", "k3": "咖啡杯", "s1": "跑步鞋",
}  # fmt: skip

_EVENTS: tuple[tuple[int, str, EventKind, str, int | None], ...] = (  # day, user, kind, item or query, rank in a result
    (1, "ann", "search", "usb c cable", None), (1, "ann", "impression", "e1", 1), (1, "ann", "impression", "e2", 2),
    (1, "ann", "click", "e1", 1), (1, "ann", "cart", "e1", None), (1, "ann", "purchase", "e1", None),
    (2, "bob", "view", "e4", None), (2, "bob", "view", "e5", None), (2, "bob", "purchase", "e4", None),
    (3, "cid", "search", "coffee", None), (3, "cid", "click", "k1", 1), (3, "cid", "favorite", "k1", None),
    (3, "cid", "view", "k2", None),
    (4, "dee", "view", "s1", None), (4, "dee", "cart", "s1", None), (4, "dee", "view", "s2", None),
    (5, "eve", "view", "e1", None), (5, "eve", "view", "e3", None), (5, "eve", "dislike", "e5", None),
    (6, "ann", "view", "e3", None), (6, "ann", "cart", "e3", None), (6, "ann", "view", "e4", None),
    (7, "bob", "search", "speaker", None), (7, "bob", "view", "e6", None), (7, "bob", "view", "e1", None),
    (8, "cid", "purchase", "k1", None), (8, "cid", "purchase", "k2", None), (8, "cid", "view", "k3", None),
    (9, "dee", "purchase", "s1", None), (9, "dee", "view", "s3", None),
    (10, "eve", "view", "e4", None), (10, "eve", "rate", "e3", None),
)  # fmt: skip

_JUDGMENTS = {  # 3 is a perfect answer, 0 is irrelevant
    "usb c cable": {"e1": 3, "e2": 3, "e3": 1, "e5": 0},
    "headphones": {"e4": 3, "e5": 3, "e6": 1, "e1": 0},
    "coffee": {"k1": 2, "k2": 2, "k3": 1},
}


def toy_items() -> tuple[Item, ...]:
    """The twelve items: six electronics, three for the kitchen, three for sports; `e6` is sold out, `s3` is unrated."""
    return tuple(
        Item(
            item_id=item_id, title=title, description=f"{title} by {brand}.", brand=brand, category=category,
            price=price, currency="EUR", stock=stock, rating=rating, rating_count=10 if rating else None,
            group_id="usb-c-cable" if item_id in ("e1", "e2") else "", attributes=attributes,
            translations={"zh": Translation(title=_CHINESE[item_id])} if item_id in _CHINESE else {},
        )
        for item_id, title, brand, category, price, stock, rating, attributes in _ITEMS
    )  # fmt: skip


def toy_events() -> tuple[Event, ...]:
    """The thirty-two events `ev01` to `ev32` of ann, bob, cid, dee and eve, in the order of time.

    A session is one user's day. A search and what has a rank share its query and query_id.
    """
    return tuple(_event(number, *row) for number, row in enumerate(_EVENTS))


def toy_judgments() -> tuple[Judgment, ...]:
    """The grades of three queries: "usb c cable", "headphones" and "coffee"."""
    return tuple(Judgment(query, item, grade) for query, of in _JUDGMENTS.items() for item, grade in of.items())


def _event(number: int, day: int, user: str, kind: EventKind, about: str, rank: int | None) -> Event:
    searched = next((row[3] for row in _EVENTS if row[:3] == (day, user, "search")), "")
    from_search = kind == "search" or rank is not None
    return Event(
        event_id=f"ev{number + 1:02d}", kind=kind, user_id=user, session_id=f"{user}-{day}", rank=rank,
        timestamp=datetime(2026, 3, day, tzinfo=UTC) + timedelta(seconds=number),
        item_id="" if kind == "search" else about, value=5.0 if kind == "rate" else None,
        query=searched if from_search else "", query_id=f"q-{user}-{day}" if from_search else "",
        surface="search" if from_search else "item",
    )  # fmt: skip
