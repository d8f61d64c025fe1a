from decimal import Decimal

import pytest

from aisle.errors import InputError
from aisle.sources.values import (
    attribute_name,
    flatten,
    is_blank,
    is_empty,
    parse_attribute,
    parse_category,
    parse_number,
    parse_stock,
    parse_whole,
)


@pytest.mark.parametrize("value", [None, "", "  ", [], (), {}, float("nan")])
def test_nothing_is_empty(value: object) -> None:
    assert is_empty(value)


@pytest.mark.parametrize("value", [0, False, "0", "null", [0]])
def test_something_is_not_empty(value: object) -> None:
    assert not is_empty(value)


def test_words_for_nothing_are_blank() -> None:
    assert all(is_blank(word) for word in ("null", "N/A", "NaN", "-", "None"))


@pytest.mark.parametrize(
    ("value", "expected"), [("4.5", 4.5), (" 3 ", 3.0), (2, 2.0), (Decimal("1.5"), 1.5), (".5", 0.5)]
)
def test_number(value: object, expected: float) -> None:
    assert parse_number("rating", value) == expected


@pytest.mark.parametrize("value", ["four", True, "1,5", "nan", float("inf"), "1e999", [1], None])
def test_what_is_no_number_is_an_error(value: object) -> None:
    with pytest.raises(InputError, match=r"rating=.* is not a (finite )?number"):
        parse_number("rating", value)


def test_whole_numbers_may_be_spelled_with_a_point() -> None:
    assert parse_whole("rating_count", "3.0") == 3
    with pytest.raises(InputError, match=r"rating_count='3\.5' is not whole"):
        parse_whole("rating_count", "3.5")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("in stock", None), ("in_stock", None), ("InStock", None), ("https://schema.org/InStock", None), (True, None),
     ("preorder", None), ("out of stock", 0), ("out_of_stock", 0), ("Sold out", 0), (False, 0), ("no", 0), ("12", 12),
     (0, 0)],
)  # fmt: skip
def test_stock(value: object, expected: int | None) -> None:
    assert parse_stock(value) == expected


def test_unknown_stock_is_an_error() -> None:
    with pytest.raises(InputError, match="stock='soon' is not a number"):
        parse_stock("soon")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Home & Garden > Lamps > Desk", ("Home & Garden", "Lamps", "Desk")),
        ("A/B/C", ("A", "B", "C")),
        ("A|B", ("A", "B")),
        ("TV/Audio > Radios", ("TV/Audio", "Radios")),
        ("Books", ("Books",)),
        ('["A", "B"]', ("A", "B")),
        (["A", "", " B "], ("A", "B")),
        ([["A", "B"], ["C"]], ("A", "B")),
        ("Women&#39;s > ", ("Women's",)),
        (7, ("7",)),
    ],
)
def test_category(value: object, expected: tuple[str, ...]) -> None:
    assert parse_category(value) == expected


def test_the_type_prefix_of_search_engines_is_left_out() -> None:
    assert attribute_name("attr_t_colour") == "colour"
    assert attribute_name("attr_width") == "attr_width"
    assert attribute_name("attr_t_") == "attr_t_"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3, 3.0), (2.5, 2.5), (True, True), ("007", "007"), ("42", "42"), (["a", 1], ("a", "1")),
     ('["a", "b"]', ("a", "b")),
     ("[sic]", "[sic]"), ("<b>bold</b>", "bold"), (None, None), ([], None), ("", None), (float("nan"), None),
     (Decimal("1.5"), 1.5)],
)  # fmt: skip
def test_attribute(value: object, expected: object) -> None:
    found = parse_attribute("size", value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("value", "expected"), [("42", 42.0), ("-1.5", -1.5), ("007", "007"), ("yes", True), ("XL", "XL")]
)
def test_attribute_of_a_numeric_column(value: str, expected: object) -> None:
    assert parse_attribute("size", value, numeric=True) == expected


def test_bags_of_attributes_are_flattened() -> None:
    assert dict(flatten('{"a": 1, "size": {"width": 3}}')) == {"a": 1, "size.width": 3}
    assert len(dict(flatten('{"a":' * 500 + "1" + "}" * 500))) == 1
    assert dict(flatten([{"name": "a", "value": "x"}])) == {"a": "x"}


@pytest.mark.parametrize("value", ["{broken", "3", 7])
def test_bags_that_are_no_object_are_an_error(value: object) -> None:
    with pytest.raises(InputError, match="attributes="):
        dict(flatten(value))
