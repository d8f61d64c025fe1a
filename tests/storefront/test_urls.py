import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.index import parse_filter
from aisle.storefront.urls import (
    SearchState,
    equals,
    field_of,
    filter_expression,
    item_url,
    read_state,
    search_url,
    state_pairs,
)
from aisle.types import SORTS

VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(lambda text: text.strip() != "")
EXPRESSIONS = st.builds(equals, st.sampled_from(["brand", "category", "color"]), VALUES)
AMOUNTS = st.none() | st.integers(0, 100_000).map(lambda cents: cents / 100)
STATES = st.builds(
    SearchState,
    query=st.text().map(str.strip),
    filters=st.lists(EXPRESSIONS, unique=True).map(tuple),
    price_min=AMOUNTS,
    price_max=AMOUNTS,
    sort=st.sampled_from(SORTS),
    page=st.integers(1, 400),
    spelling=st.booleans(),
    without=st.lists(EXPRESSIONS.map(str.strip), unique=True).map(tuple),
)


@given(STATES)
def test_an_address_says_everything_of_its_state(state: SearchState) -> None:
    back = read_state(state_pairs(state))
    assert sorted(back.filters) == sorted(state.filters)
    assert (back.query, back.price_min, back.price_max, back.sort, back.page) == (
        state.query, state.price_min, state.price_max, state.sort, state.page,
    )  # fmt: skip
    assert (back.spelling, back.without) == (state.spelling, state.without)


@given(STATES)
def test_every_state_is_a_filter_that_the_index_reads(state: SearchState) -> None:
    assert (parse_filter(filter_expression(state)) is None) == (not state.narrowed)


@pytest.mark.parametrize("page", ["", "0", "-3", "x", "1e3", "²", "999999999999"])
def test_a_page_that_is_no_number_is_the_first(page: str) -> None:
    assert read_state([("page", page)]).page == 1


def test_a_page_beyond_the_last_offset_is_the_last_allowed() -> None:
    assert read_state([("page", "99999")]).page == 400


@pytest.mark.parametrize("amount", ["", "cheap", "-1", "nan", "inf", "1e300"])
def test_an_amount_that_cannot_be_read_narrows_nothing(amount: str) -> None:
    assert not read_state([("price_max", amount)]).narrowed


def test_brands_and_categories_are_readable_in_the_address() -> None:
    state = SearchState("usb", ('brand = "Volt"', 'category = "A > B"', 'color = "red"'))
    assert search_url(state) == "/search?q=usb&brand=Volt&category=A+%3E+B&filter=color+%3D+%22red%22"


def test_values_of_one_field_are_alternatives_and_fields_add_up() -> None:
    state = SearchState(filters=('brand = "A"', "price >= 10 AND price < 20", 'brand = "B"', "price >= 50"))
    wanted = '(brand = "A" OR brand = "B") AND (price >= 10 AND price < 20 OR price >= 50)'
    assert filter_expression(state) == wanted


def test_an_alternative_inside_a_filter_cannot_widen_the_others() -> None:
    state = SearchState(filters=('color = "red" OR color = "blue"', 'brand = "A"'))
    assert filter_expression(state) == '(color = "red" OR color = "blue") AND brand = "A"'


def test_what_was_taken_back_stays_so_while_filters_change() -> None:
    state = SearchState("mugg", spelling=False, without=("price <= 20",))
    assert search_url(state.toggled('brand = "A"')) == ("/search?q=mugg&brand=A&spelling=0&without=price+%3C%3D+20")


def test_what_was_taken_back_is_no_filter() -> None:
    state = SearchState("mug", spelling=False, without=("price <= 20",))
    assert not state.narrowed
    assert filter_expression(state) == ""


def test_a_filter_goes_on_and_off_and_back_to_the_first_page() -> None:
    on = SearchState(page=3).toggled('brand = "A"')
    assert on == SearchState(filters=('brand = "A"',))
    assert on.toggled('brand = "A"') == SearchState()


def test_one_value_takes_the_place_of_another_of_its_field() -> None:
    state = SearchState(filters=('category = "A"', 'brand = "B"'))
    assert state.only("category", 'category = "C"').filters == ('brand = "B"', 'category = "C"')


@pytest.mark.parametrize(
    ("expression", "field"),
    [('"screen size" = "5"', '"screen size"'), ("(price < 5)", "price"), ("NOT brand = 1", "brand"), ("", "")],
)
def test_the_field_of_an_expression_is_its_first_name(expression: str, field: str) -> None:
    assert field_of(expression) == field


def test_an_item_id_is_one_part_of_an_address() -> None:
    assert item_url("a/b?c#d 中") == "/items/a%2Fb%3Fc%23d%20%E4%B8%AD"
