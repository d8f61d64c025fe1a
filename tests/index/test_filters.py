import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.errors import InputError
from aisle.index.filters import (
    MAX_DEPTH,
    All,
    AnyOf,
    Between,
    Compare,
    Exists,
    Filter,
    Not,
    OneOf,
    parse_filter,
    quote,
    spell,
)

PRICE = Compare("price", "<", 20.0)
SONY = Compare("brand", "=", "Sony")
RED = Compare("color", "=", "red")


@pytest.mark.parametrize("text", ["", "  ", "\t\n"])
def test_an_empty_text_is_no_filter(text: str) -> None:
    assert parse_filter(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("price < 20", PRICE),
        ("price<20", PRICE),
        ("  price  <\n20  ", PRICE),
        ("price <= 1.5e2", Compare("price", "<=", 150.0)),
        ("price > -5", Compare("price", ">", -5.0)),
        ("price != 0", Compare("price", "!=", 0.0)),
        ('brand = "Sony"', SONY),
        ("brand == 'Sony'", SONY),
        ("brand = Sony", SONY),
        ("in_stock = TRUE", Compare("in_stock", "=", True)),
        ("in_stock = false", Compare("in_stock", "=", False)),
        ('"screen size" > 40', Compare("screen size", ">", 40.0)),
        ('attributes.screen-size = "40"', Compare("attributes.screen-size", "=", "40")),
        ('颜色 = "红"', Compare("颜色", "=", "红")),
        (r'size = "24\" wide \\ high"', Compare("size", "=", '24" wide \\ high')),
        ('brand IN ["Sony", 3, true]', OneOf("brand", ("Sony", 3.0, True))),
        ("brand in (Sony)", OneOf("brand", ("Sony",))),
        ("brand NOT IN ['a','b']", Not(OneOf("brand", ("a", "b")))),
        ('released_at >= "2026-01-31"', Compare("released_at", ">=", "2026-01-31")),
        ("NOT price < 20", Not(PRICE)),
        ("not NOT price < 20", Not(Not(PRICE))),
        ("price < 20 AND brand = Sony", All((PRICE, SONY))),
        ("price < 20 or brand = Sony Or color = red", AnyOf((PRICE, SONY, RED))),
        ("price < 20 AND brand = Sony OR color = red", AnyOf((All((PRICE, SONY)), RED))),
        ("price < 20 AND (brand = Sony OR color = red)", All((PRICE, AnyOf((SONY, RED))))),
        ("NOT price < 20 AND brand = Sony", All((Not(PRICE), SONY))),
        ("((price < 20))", PRICE),
        ("brand:Sony", SONY),
        ("price 10 TO 20", Between("price", 10.0, 20.0)),
        ("price: 10 to 20.5", Between("price", 10.0, 20.5)),
        ("price = -5 TO 5", Between("price", -5.0, 5.0)),
        ('released_at "2026-01-01" TO "2026-02-01"', Between("released_at", "2026-01-01", "2026-02-01")),
        ('NOT "screen size" 10 TO 20 AND brand = Sony', All((Not(Between("screen size", 10.0, 20.0)), SONY))),
        ("EXISTS color", Exists("color")),
        ('exists "screen size"', Exists("screen size")),
        ("NOT EXISTS color OR price < 20", AnyOf((Not(Exists("color")), PRICE))),
        ("EXISTS exists", Exists("exists")),
        ("exists = true", Compare("exists", "=", True)),
        ("exists IN [1]", OneOf("exists", (1.0,))),
        ("exists 1 TO 2", Between("exists", 1.0, 2.0)),
        ("to = to", Compare("to", "=", "to")),
        ("to 1 TO 2", Between("to", 1.0, 2.0)),
    ],
)  # fmt: skip
def test_a_text_is_read_as_its_filter(text: str, expected: Filter) -> None:
    assert parse_filter(text) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("price", "expected an operator at its end"),
        ("price <", "expected a value at its end"),
        ("price < < 5", "expected a value at position 9, before '<'"),
        ("< 5", "expected a field name at position 1, before '<'"),
        ("5 < price", "expected a field name at position 1, before '5'"),
        ("price < 5 brand = x", "expected AND, OR or the end at position 11, before 'brand'"),
        ("price < 5 AND", "expected a field name at its end"),
        ("AND price < 5", "expected a field name at position 1, before 'AND'"),
        ("(price < 5", "expected ')' at its end"),
        ("price < 5)", "expected AND, OR or the end at position 10, before ')'"),
        ("brand IN []", "expected a value at position 11, before ']'"),
        ("brand IN [a b]", "expected ']' at position 13, before 'b'"),
        ("brand IN a", "expected '(' at position 10, before 'a'"),
        ("brand IN", "expected '(' at its end"),
        ("brand NOT 5", "expected IN after NOT at position 11, before '5'"),
        ('brand < "Sony"', "< compares numbers, not 'Sony' at position 9"),
        ("in_stock > true", "> compares numbers, not True at position 12"),
        ("price = and", "expected a value at position 9, before 'and'"),
        ('brand = "Sony', "cannot read '\"Sony' at position 9"),
        ("price < 5; drop", "cannot read '; drop' at position 10"),
        ("  price ~ 5", "cannot read '~ 5' at position 9"),
        ("price >= .5", "cannot read '.5' at position 10"),
        ("price < 12abc", "cannot read '12abc' at position 9"),
        ("price < 1.2.3", "cannot read '1.2.3' at position 9"),
        ("price 10 TO", "expected a value at its end"),
        ("price 10 20", "expected an operator at position 7, before '10'"),
        ('price: "a" TO 5', "TO stands between numbers, not 'a' at position 8"),
        ("price 10 TO cheap", "TO stands between numbers, not 'cheap' at position 13"),
        ("price 20 TO 10", "the range ends at 10.0 before it begins at 20.0 at position 13"),
        ("EXISTS", "expected a field name at its end"),
        ("EXISTS 5", "expected an operator at position 8, before '5'"),
        ("EXISTS color = red", "expected AND, OR or the end at position 14, before '='"),
        ("()", "expected a field name at position 2, before ')'"),
    ],
)
def test_a_mistake_is_named_with_its_position(text: str, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_filter(text)
    assert str(caught.value).startswith(f"filter {text!r}: {problem}")


def test_a_mistake_says_what_to_do() -> None:
    with pytest.raises(InputError, match=r'write: brand NOT IN \["a", "b"\]'):
        parse_filter("brand NOT 5")


def test_filters_may_be_nested_to_the_depth_that_is_allowed() -> None:
    assert parse_filter("(" * MAX_DEPTH + "price < 20" + ")" * MAX_DEPTH) == PRICE


@pytest.mark.parametrize("text", ["(" * 60 + "price < 20" + ")" * 60, "NOT " * 60 + "price < 20", "(" * 4_000])
def test_deeper_filters_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="nested deeper than 50 levels"):
        parse_filter(text)


def test_a_filter_may_be_long() -> None:
    text = " OR ".join(f'brand = "b{number}"' for number in range(5_000))
    parsed = parse_filter(text)
    assert isinstance(parsed, AnyOf)
    assert len(parsed.parts) == 5_000


@given(st.text())
def test_a_quoted_value_is_read_back(value: str) -> None:
    assert parse_filter(f"brand = {quote(value)}") == Compare("brand", "=", value)


@given(st.text())
def test_a_spelled_field_is_read_back(name: str) -> None:
    assert parse_filter(f"{spell(name)} = 1") == Compare(name, "=", 1.0)


@given(st.text() | st.text("pricebrand<>=!()[],\"'\\ 0123456789.-eEINOTANDORXS:\n", max_size=60))
def test_garbage_is_a_filter_or_an_input_error(text: str) -> None:
    try:
        parse_filter(text)
    except InputError as error:
        assert "filter" in str(error)
