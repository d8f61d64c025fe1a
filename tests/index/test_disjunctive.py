import pytest

from aisle.index.disjunctive import EVERYTHING, chosen_values, conditions, near_misses
from aisle.index.filters import All, AnyOf, Compare, Filter, parse_filter


def read(text: str) -> Filter:
    parsed = parse_filter(text)
    assert parsed is not None
    return parsed


def test_conditions_are_sorted_by_their_field() -> None:
    found = conditions(read('(Brand = "A" OR brand = "B") AND price >= 5 AND NOT color = "red" AND price < 9'))
    assert found.by_field == {
        "brand": read('Brand = "A" OR brand = "B"'),
        "price": read("price >= 5 AND price < 9"),
        "color": read('NOT color = "red"'),
    }
    assert found.rest == ()


def test_what_speaks_of_several_fields_is_no_condition_of_one() -> None:
    found = conditions(read('(brand = "A" OR color = "red") AND price < 5'))
    assert found.rest == (read('brand = "A" OR color = "red"'),)
    assert list(found.by_field) == ["price"]


def test_joined_parts_are_taken_apart_however_deep() -> None:
    assert list(conditions(read('(price < 5 AND (brand = "A" AND EXISTS color))')).by_field) == [
        "price",
        "brand",
        "color",
    ]


def test_a_field_has_one_name_however_it_is_written() -> None:
    assert list(conditions(read('attributes.Color = "red" AND color = "blue"')).by_field) == ["color"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("price < 5", EVERYTHING),
        ('price < 5 AND (a = "1" OR b = "2")', All((read('a = "1" OR b = "2"'),))),
        ("price < 5 AND stock > 0", AnyOf((All((Compare("stock", ">", 0.0),)), All((Compare("price", "<", 5.0),))))),
        ('a = "1" OR b = "2"', None),
        ("", None),
    ],
)
def test_near_misses_fail_one_condition_at_most(text: str, expected: Filter | None) -> None:
    assert near_misses(parse_filter(text)) == expected


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('b = "A"', ["A"]),
        ('b IN ["A", 2]', ["A", 2.0]),
        ('b = "A" OR b = "B"', ["A", "B"]),
        ('b = "A" AND NOT b = "B"', ["A"]),
        ('b != "A"', []),
        ("b > 5", []),
        ("EXISTS b", []),
    ],
)
def test_chosen_values_are_those_that_are_wanted(text: str, values: list[object]) -> None:
    assert chosen_values(read(text)) == values
    assert chosen_values(None) == []
