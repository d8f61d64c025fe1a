"""Whatever a filter says, the columns keep what a plain loop over the items keeps."""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.errors import InputError
from aisle.index.columns import no_columns
from aisle.index.filters import All, AnyOf, Between, Compare, Exists, Filter, Not, OneOf, Operator, Value
from aisle.index.select import passing
from aisle.types import AttributeValue, Item

NAMES = st.sampled_from(["color", "Screen size", "2nd", "in"])
WORDS = st.sampled_from(
    ["red", "RED", "Straße", "STRASSE", "12", "12.0", "-3", "true", "nan", "1e400", "a > b", "", "红"]
)
NUMBERS = st.sampled_from([0.0, -3.0, 2.0, 12.0, 0.1 + 0.2, 1e15, 4006381333931.0])
VALUES: st.SearchStrategy[AttributeValue] = WORDS | NUMBERS | st.booleans() | st.lists(WORDS, max_size=3).map(tuple)
PARTS = st.sampled_from(["A", "a", "B", " B ", "A>B", "Ü"])
ITEMS = st.builds(
    Item,
    st.just("i"),
    st.just("Title"),
    brand=st.sampled_from(["", "Sony", "SONY", "Acme"]),
    category=st.lists(PARTS, max_size=3).map(tuple),
    price=st.none() | st.sampled_from([0.0, 0.3, 12.0, 99.99]),
    rating=st.none() | st.sampled_from([0.0, 4.5, 5.0]),
    stock=st.none() | st.integers(0, 3),
    gtin=st.sampled_from(["", "12", "4006381333931"]),
    released_at=st.none() | st.sampled_from([datetime(2026, 1, day, tzinfo=UTC) for day in (1, 31)]),
    attributes=st.dictionaries(NAMES, VALUES, max_size=3),
)
OPERATORS: st.SearchStrategy[Operator] = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
EQUALITIES: st.SearchStrategy[Operator] = st.sampled_from(["=", "!="])
FIELDS = NAMES | st.sampled_from(["brand", "Brand", "category", "gtin", "in_stock", "attributes.color", "screen_size"])
OPERANDS: st.SearchStrategy[Value] = WORDS | NUMBERS | st.booleans() | st.sampled_from(["sony", "a>b", "A > A > b"])
LEAVES: st.SearchStrategy[Filter] = (
    st.builds(Compare, FIELDS, EQUALITIES, OPERANDS)
    | st.builds(Compare, FIELDS, OPERATORS, NUMBERS)
    | st.builds(Compare, st.sampled_from(["price", "rating", "stock"]), OPERATORS, NUMBERS)
    | st.builds(Compare, st.just("released_at"), OPERATORS, st.sampled_from(["2026-01-01", "2026-01-30T23:00-01:00"]))
    | st.builds(Between, NAMES | st.sampled_from(["price", "stock"]), NUMBERS, NUMBERS)
    | st.builds(Between, st.just("released_at"), st.just("2026-01-01"), st.sampled_from(["2026-01-30", "2026-02-01"]))
    | st.builds(Exists, FIELDS | st.sampled_from(["price", "rating", "released_at"]))
    | st.builds(OneOf, FIELDS, st.lists(OPERANDS, min_size=1, max_size=3).map(tuple))
)
FILTERS: st.SearchStrategy[Filter] = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(All, st.lists(inner, min_size=2, max_size=3).map(tuple))
        | st.builds(AnyOf, st.lists(inner, min_size=2, max_size=3).map(tuple))
    ),
    max_leaves=6,
)
EVERY_FIELD = Item("every", "Title", attributes={"color": "red", "Screen size": "1", "2nd": "1", "in": "1"})
"""Beside the drawn items, so that no filter asks for an unknown field."""


@given(st.lists(ITEMS, max_size=6), FILTERS)
def test_a_filter_keeps_what_a_loop_over_the_items_keeps(drawn: list[Item], condition: Filter) -> None:
    items = [EVERY_FIELD, *drawn]
    columns = no_columns().with_rows(np.arange(len(items)), items)
    assert passing(columns, condition).tolist() == [passes(item, condition) for item in items]


@given(st.lists(ITEMS, min_size=1, max_size=6), FILTERS, st.data())
def test_changed_columns_equal_new_ones(items: list[Item], condition: Filter, data: st.DataObject) -> None:
    old = data.draw(st.lists(ITEMS, min_size=len(items), max_size=len(items)))
    gone = data.draw(st.lists(st.booleans(), min_size=len(items), max_size=len(items)))
    rows = np.arange(len(items) + 1)
    changed = no_columns().with_rows(rows, [EVERY_FIELD, *old])
    for row, item in enumerate(items, start=1):
        changed = changed.with_rows(np.array([row]), [item])
    changed = changed.with_rows(rows[1:][gone], [None] * sum(gone))
    expected = [passes(EVERY_FIELD, condition)]
    expected += [not out and passes(item, condition) for item, out in zip(items, gone, strict=True)]
    assert passing(changed, condition).tolist() == expected


@pytest.mark.parametrize("field", ["brand", "gtin", "group_id", "currency", "category", "price", "in_stock", "rating"])
def test_a_field_of_items_is_known_though_no_item_has_it(field: str) -> None:
    columns = no_columns().with_rows(np.array([0]), [Item("i", "Title")])
    assert passing(columns, Compare(field, "=", 5.0)).tolist() == [False]
    assert passing(columns, Compare(field, "!=", 5.0)).tolist() == [True]


def test_a_field_that_no_item_could_have_is_an_input_error() -> None:
    columns = no_columns().with_rows(np.array([0]), [Item("i", "Title", attributes={"Screen size": 40.0})])
    with pytest.raises(InputError, match=r"unknown field 'screensize'; did you mean .screen_size."):
        passing(columns, Compare("screensize", "=", 40.0))
    with pytest.raises(InputError, match=r"unknown field 'prise'; did you mean .price."):
        passing(columns, Compare("prise", "=", 40.0))


def passes(item: Item, condition: Filter) -> bool:
    match condition:
        case All(parts):
            return all(passes(item, part) for part in parts)
        case AnyOf(parts):
            return any(passes(item, part) for part in parts)
        case Not(part):
            return not passes(item, part)
        case OneOf(field, values):
            return any(passes(item, Compare(field, "=", value)) for value in values)
        case Compare(field, "!=", value):
            return not passes(item, Compare(field, "=", value))
        case Exists(field):
            return bool(values_of(item, field.lower()))
        case Between(field, low, high):
            return any(
                relation(">=", mine, low) and relation("<=", mine, high) for mine in values_of(item, field.lower())
            )
        case Compare("category", operator, value):
            return any(relation(operator, mine, path(written(value))) for mine in values_of(item, "category"))
        case Compare(field, operator, value):
            return any(relation(operator, mine, value) for mine in values_of(item, field.lower()))


def values_of(item: Item, field: str) -> Sequence[str | float]:
    """What an item says of a field: numbers for the fields that are numbers, texts otherwise."""
    match field:
        case "price" | "rating" | "stock":
            number = getattr(item, field)
            return [] if number is None else [float(number)]
        case "released_at":
            return [] if item.released_at is None else [item.released_at.timestamp()]
        case "brand" | "gtin":
            return [text] if (text := str(getattr(item, field))) else []
        case "in_stock":
            return [written(item.in_stock)]
        case "category":
            return [path(" > ".join(item.category[:depth])) for depth in range(1, len(item.category) + 1)]
    texts: list[str] = []
    for name, value in item.attributes.items():
        if name.lower().replace(" ", "_") == field.removeprefix("attributes.").replace(" ", "_"):
            texts += [written(part) for part in (value if isinstance(value, tuple) else (value,))]
    return [text for text in texts if text]


def relation(operator: Operator, mine: str | float, value: Value) -> bool:
    compare: dict[Operator, Callable[[float, float], bool]] = {
        "=": lambda a, b: a == b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    }  # fmt: skip
    if isinstance(mine, float):
        return compare[operator](mine, as_number(value))
    if operator == "=" and mine.casefold() == written(value).casefold():
        return True
    if not isinstance(value, float):
        return False
    try:
        return math.isfinite(float(mine)) and compare[operator](float(mine), value)
    except ValueError:
        return False


def as_number(value: Value) -> float:
    if isinstance(value, float):
        return value
    moment = datetime.fromisoformat(str(value))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def written(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.15g}" if isinstance(value, float) else value


def path(text: str) -> str:
    return " > ".join(part.strip() for part in text.split(">")).casefold()


@pytest.mark.parametrize("value", ["cheap", True])
def test_what_is_no_number_has_no_order(value: Value) -> None:
    columns = no_columns().with_rows(np.array([0]), [Item("i", "Title", attributes={"width": 40.0})])
    with pytest.raises(InputError, match="expected a number"):
        passing(columns, Compare("width", "<", value))


def test_numbers_are_equal_however_they_are_written() -> None:
    items = [Item(f"i{text}", "Title", attributes={"width": text}) for text in ("2", "2.0", "2.50", "two")]
    columns = no_columns().with_rows(np.arange(4), items)
    assert passing(columns, Compare("width", "=", 2.0)).tolist() == [True, True, False, False]
    assert passing(columns, OneOf("width", (2.5, "TWO"))).tolist() == [False, False, True, True]
    assert passing(columns, Compare("width", "=", "2.0")).tolist() == [False, True, False, False]


def test_everything_passes_a_filter_without_parts() -> None:
    columns = no_columns().with_rows(np.arange(2), [Item("a", "A"), Item("b", "B")])
    assert passing(columns, All(())).tolist() == [True, True]
