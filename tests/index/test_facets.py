import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.index.columns import Columns, no_columns
from aisle.index.disjunctive import near_misses
from aisle.index.facets import MAX_ATTRIBUTES, MAX_VALUES, count_facets
from aisle.index.filters import parse_filter
from aisle.index.select import passing
from aisle.types import Facet, Item, Rows

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
FIELDS = ("brand", "color", "price", "rating", "category", "in_stock", "screen_size")
CONDITIONS = st.sampled_from(
    [
        'brand = "red"', 'NOT brand = "Red"', 'brand = "x>y" OR brand = "红"', 'color IN ["red", "in"]', "EXISTS color",
        "NOT EXISTS color", "price < 2.5", "price >= 0.5", "price: 0 TO 3", "rating >= 2", "NOT EXISTS rating",
        'category = "A"', 'category = "B > C"', "in_stock = true", '"screen size" > 1', '"screen size" = 2',
        'brand = "red" OR color = "red"', '(brand = "red" AND brand = "Red") OR NOT brand = "in"',
    ]
)  # fmt: skip
EVERY_FIELD = Item("every", "Title", brand="red", price=1.0, attributes={"color": "red", "Screen size": 2.0})
"""Beside the drawn items, so that no condition asks for an unknown field."""


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
            assert value.count == kept, value


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


def test_an_attribute_that_repeats_another_makes_no_facet() -> None:
    given = [{"color": c, "product color": c, "handle": c} for c in ("red", "blue", "red")]
    items = [Item(f"i{place}", "Title", attributes=attributes) for place, attributes in enumerate(given)]
    assert [name for name in facets_of(*items) if name in ("color", "product_color", "handle")] == ["color", "handle"]


def test_spellings_of_a_value_count_together_under_the_most_used() -> None:
    items = [Item(f"i{place}", "Title", brand=brand) for place, brand in enumerate(["SONY", "Sony", "Sony", "Acme"])]
    assert counts(facets_of(*items)["brand"]) == {"Sony": 3, "Acme": 1}


def test_an_attribute_of_many_numbers_makes_ranges() -> None:
    items = [Item(f"i{n}", "Title", attributes={"width mm": float(n * 10)}) for n in range(1, 21)]
    assert [(value.value, value.count, value.filter) for value in facets_of(*items)["width_mm"].values] == [
        ("0-50", 4, "width_mm < 50"),
        ("50-75", 3, "width_mm >= 50 AND width_mm < 75"),
        ("75-100", 2, "width_mm >= 75 AND width_mm < 100"),
        ("100-150", 5, "width_mm >= 100 AND width_mm < 150"),
        ("150-", 6, "width_mm >= 150"),
    ]


def test_numbers_of_which_an_item_has_several_stay_values() -> None:
    items = [Item(f"i{n}", "Title", attributes={"size": (str(n), str(n + 1))}) for n in range(14)]
    assert counts(facets_of(*items)["size"])["5"] == 2


# Disjunctive: `beside` is what the search finds within near_misses(within)


def disjunctive(made: Columns, found: Rows, text: str, locale: str = "") -> dict[str, Facet]:
    """Facets of the rows of `found` that pass `text`, as a search would ask for them."""
    within = parse_filter(text)
    assert within is not None
    others = near_misses(within)
    rows = found[passing(made, within)[found]]
    beside = found[passing(made, others)[found]] if others is not None else None
    return {facet.field: facet for facet in count_facets(made, rows, locale, within, beside)}


SHIRTS = columns(
    *(
        Item(f"s{place}", "Shirt", brand=brand, price=price, attributes={"color": color})
        for place, (brand, color, price) in enumerate(
            [("A", "red", 5.0), ("A", "blue", 15.0), ("B", "red", 5.0), ("B", "red", 25.0), ("C", "blue", 5.0)]
        )
    )
)
ALL_SHIRTS = np.arange(5)


def test_the_other_brands_are_counted_as_if_none_were_chosen() -> None:
    found = disjunctive(SHIRTS, ALL_SHIRTS, 'brand = "A"')
    assert counts(found["brand"]) == {"A": 2, "B": 2, "C": 1}
    assert counts(found["color"]) == {"blue": 1, "red": 1}
    assert sum(value.count for value in found["price"].values) == 2


def test_each_field_is_narrowed_by_the_conditions_of_the_others() -> None:
    found = disjunctive(SHIRTS, ALL_SHIRTS, 'brand = "A" AND color = "red" AND price < 10')
    assert counts(found["brand"]) == {"A": 1, "B": 1}
    assert counts(found["color"]) == {"red": 1}
    assert sum(value.count for value in found["price"].values) == 1


def test_prices_are_counted_as_if_none_were_asked_for() -> None:
    assert sum(value.count for value in disjunctive(SHIRTS, ALL_SHIRTS, "price: 0 TO 10")["price"].values) == 5


def test_chosen_values_are_named_though_nothing_has_them() -> None:
    found = disjunctive(SHIRTS, ALL_SHIRTS, 'brand = "C" AND color = "red"')
    assert counts(found["brand"]) == {"B": 2, "A": 1, "C": 0}
    assert counts(found["color"]) == {"blue": 1, "red": 0}


def test_without_what_lies_beside_all_conditions_narrow() -> None:
    within = parse_filter('brand = "A"')
    found = {facet.field: facet for facet in count_facets(SHIRTS, np.array([0, 1]), "", within)}
    assert counts(found["brand"]) == {"A": 2}


def test_a_chosen_value_is_named_beyond_the_most_frequent() -> None:
    made = columns(*(Item(f"i{n}", "Title", brand=f"b{n:02}") for n in range(MAX_VALUES + 5)))
    found = disjunctive(made, np.arange(MAX_VALUES + 5), 'brand = "b24"')
    assert list(counts(found["brand"]))[-1] == "b24"
    assert len(found["brand"].values) == MAX_VALUES + 1


def test_the_branch_of_a_chosen_category_is_shown() -> None:
    made = columns(
        *(Item(f"a{n}", "Title", category=("A", f"x{n}")) for n in range(30)),
        *(Item(f"b{n}", "Title", category=("B", "rare", f"leaf{n}")) for n in range(2)),
    )
    shown = counts(disjunctive(made, np.arange(32), 'category = "B > rare"')["category"])
    assert {"A", "B", "B > rare", "B > rare > leaf0", "B > rare > leaf1"} <= set(shown)
    assert shown["A"] == 30


@given(st.lists(ITEMS, min_size=1, max_size=10), st.lists(CONDITIONS, min_size=1, max_size=4), st.data())
def test_disjunctive_counts_are_those_of_a_search_without_the_own_condition(
    items: list[Item], parts: list[str], data: st.DataObject
) -> None:
    made = columns(EVERY_FIELD, *items)
    found = np.flatnonzero([True, *data.draw(st.lists(st.booleans(), min_size=len(items), max_size=len(items)))])
    within = " AND ".join(f"({part})" for part in parts)
    for field, facet in disjunctive(made, found, within).items():
        others = [part for part in parts if field_of(part) != field]
        for value in facet.values:
            condition = parse_filter(" AND ".join(f"({part})" for part in [*others, value.filter]))
            assert condition is not None
            assert value.count == passing(made, condition)[found].sum(), value


def field_of(part: str) -> str:
    """The one field that a condition of CONDITIONS speaks of, or nothing where it speaks of two."""
    named = [name for name in FIELDS if name in part.replace(" ", "_")]
    return named[0] if len(named) == 1 else ""
