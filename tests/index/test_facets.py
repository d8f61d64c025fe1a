import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.index.columns import Columns, no_columns
from aisle.index.facets import MAX_ATTRIBUTES, MAX_VALUES, count_facets
from aisle.index.filters import parse_filter
from aisle.index.select import passing
from aisle.types import Facet, Item

PRICES = st.none() | st.floats(0, 1e6) | st.sampled_from([0.0, 0.3, 0.7, 2.5, 3.0])
TEXTS = st.sampled_from(["red", "Red", 'a "b"', "a\\b", "A > B", "x>y", "红", "in", "2.0", "\n"])
NAMES = st.sampled_from(["color", "2nd", "in", "NOT", "Screen size"])
ITEMS = st.builds(
    Item,
    st.just("i"),
    st.just("Title"),
    brand=st.just("") | TEXTS,
    category=st.lists(st.sampled_from(["A", "B > C", "x>y", " D "]), max_size=2).map(tuple),
    price=PRICES,
    rating=st.none() | st.sampled_from([0.0, 1.9, 2.0, 3.5, 5.0]),
    stock=st.none() | st.integers(0, 1),
    attributes=st.dictionaries(NAMES, TEXTS | st.lists(TEXTS, max_size=3).map(tuple) | st.floats(-9, 9), max_size=3),
)


def columns(*items: Item) -> Columns:
    return no_columns().with_rows(np.arange(len(items)), items)


def facets_of(*items: Item) -> dict[str, Facet]:
    found = count_facets(columns(*items), np.arange(len(items)), "")
    return {facet.field: facet for facet in found}


def counts(facet: Facet) -> dict[str, int]:
    return {value.value: value.count for value in facet.values}


@given(st.lists(ITEMS, min_size=1, max_size=8), st.data())
def test_every_value_counts_what_its_filter_keeps(items: list[Item], data: st.DataObject) -> None:
    made = columns(*items)
    chosen = np.flatnonzero(data.draw(st.lists(st.booleans(), min_size=len(items), max_size=len(items))))
    for facet in count_facets(made, chosen, ""):
        for value in facet.values:
            condition = parse_filter(value.filter)
            assert condition is not None
            kept = passing(made, condition)[chosen].sum()
            if facet.field in ("price", "rating"):
                assert value.count == kept, value
            else:  # a filter does not regard case: it keeps the other spellings too
                assert value.count <= kept, value


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30))
def test_price_ranges_hold_every_price_once(prices: list[float]) -> None:
    found = facets_of(*(Item(f"i{number}", "Title", price=price) for number, price in enumerate(prices)))
    assert sum(value.count for value in found["price"].values) == len(prices)
    assert len(found["price"].values) <= 5


def test_price_ranges_have_edges_that_people_would_choose() -> None:
    prices = [1, 4, 7, 9, 12, 18, 22, 30, 45, 80, 99, 250]
    found = facets_of(*(Item(f"i{price}", "Title", price=price) for price in prices))
    assert [(value.value, value.count, value.filter) for value in found["price"].values] == [
        ("0-7.5", 3, "price < 7.5"),
        ("7.5-15", 2, "price >= 7.5 AND price < 15"),
        ("15-25", 2, "price >= 15 AND price < 25"),
        ("25-75", 2, "price >= 25 AND price < 75"),
        ("75-", 3, "price >= 75"),
    ]


def test_equal_prices_make_one_range() -> None:
    assert counts(facets_of(Item("a", "A", price=0.0), Item("b", "B", price=0.0))["price"]) == {"0-": 2}


def test_no_prices_and_no_ratings_make_no_facet() -> None:
    assert set(facets_of(Item("a", "A"), Item("b", "B", brand="X"))) == {"brand", "in_stock"}


def test_a_rating_counts_for_every_lower_star() -> None:
    items = [Item(f"i{rating}", "Title", rating=rating) for rating in (1.0, 2.0, 3.9, 4.0, 5.0)]
    assert counts(facets_of(*items)["rating"]) == {"4+": 2, "3+": 3, "2+": 4}


def test_values_come_by_count_then_by_name() -> None:
    items = [Item(f"i{place}", "Title", brand=brand) for place, brand in enumerate("bbcaac")]
    assert list(counts(facets_of(*items)["brand"])) == ["a", "b", "c"]
    assert list(counts(facets_of(*items, Item("x", "X", brand="c"))["brand"])) == ["c", "a", "b"]


def test_only_so_many_values_are_named() -> None:
    items = [Item(f"i{number}", "Title", brand=f"b{number:02}") for number in range(MAX_VALUES + 5)]
    assert len(facets_of(*items)["brand"].values) == MAX_VALUES


@pytest.mark.parametrize(
    ("attributes", "shown"),
    [
        ([{"color": "red"}, {"color": "blue"}, {}, {}, {}], True),  # 2 of 5 items carry it
        ([{"color": "red"}, {"color": "red"}, {}, {}, {}], False),  # no choice
        ([{"color": "red"}, {"color": "blue"}, *[{}] * 9], False),  # 2 of 11 items
        ([{"color": f"c{number}"} for number in range(41)], False),  # a description
        ([{"color": f"c{number}"} for number in range(40)], True),
    ],
)
def test_attributes_that_offer_a_choice_make_a_facet(attributes: list[dict[str, str]], shown: bool) -> None:
    items = [Item(f"i{place}", "Title", attributes=given) for place, given in enumerate(attributes)]
    assert ("color" in facets_of(*items)) is shown


def test_the_most_common_attributes_make_facets() -> None:
    names = [f"a{number}" for number in range(9)]
    items = [Item(f"i{n}", "Title", attributes={name: f"v{n % 2}" for name in names[n % 3 :]}) for n in range(12)]
    found = [name for name in facets_of(*items) if name.startswith("a")]
    assert found == ["a2", "a3", "a4", "a5", "a6", "a7"]
    assert len(found) == MAX_ATTRIBUTES


def test_field_names_that_a_filter_could_not_read_are_quoted() -> None:
    items = [Item(f"i{n}", "Title", attributes={"2nd color": f"v{n}", "in": f"v{n}"}) for n in range(2)]
    found = facets_of(*items)
    assert found["2nd_color"].values[0].filter == '"2nd_color" = "v0"'
    assert found["in"].values[0].filter == '"in" = "v0"'
