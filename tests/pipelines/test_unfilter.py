"""Which filter to take away: on the toy shop, whose twelve prices stand in its table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.errors import InputError
from aisle.index import Filter, parse_filter
from aisle.index.columns import no_columns
from aisle.index.filters import All, AnyOf, Between, Compare, Exists, Not, OneOf
from aisle.index.select import passing
from aisle.pipelines.unfilter import MAX_PARTS, suggest_unfilters, write_filter
from aisle.testing.toy_shop import toy_items
from aisle.types import Unfilter

TOY = no_columns().with_rows(np.arange(12), toy_items())


def count(within: Filter | None) -> int:
    return 12 if within is None else int(passing(TOY, within).sum())


def suggested(filters: str) -> tuple[Unfilter, ...]:
    return suggest_unfilters(parse_filter(filters), count)


def test_the_filter_in_the_way_is_named_with_what_comes_without_it() -> None:
    # Sonora makes two headphones, at 120 and 30; nothing is under 20
    assert suggested('brand = "Sonora" AND price < 20') == (
        Unfilter('brand = "Sonora"', "price < 20", 3),  # e1, e2, k3
        Unfilter("price < 20", 'brand = "Sonora"', 2),
    )


def test_the_conditions_of_one_field_go_together() -> None:
    # Fleet's shoes cost 90 and 110; nothing else costs 115 to 119
    assert suggested('price >= 115 AND brand = "Fleet" AND price < 119') == (
        Unfilter("price >= 115 AND price < 119", 'brand = "Fleet"', 2),
    )


def test_where_no_single_filter_helps_all_of_them_are_named() -> None:
    assert suggested('color = "pink" AND brand = "Nobody"') == (
        Unfilter('color = "pink" AND brand = "Nobody"', "", 12),
    )


def test_without_filters_there_is_nothing_to_take_away() -> None:
    assert suggested("") == ()


def test_nothing_is_suggested_where_nothing_would_be_found() -> None:
    assert suggest_unfilters(parse_filter("price < 1"), lambda within: 0) == ()


def test_many_filters_are_only_taken_away_together() -> None:
    filters = " AND ".join(f'f{number} = "x"' for number in range(MAX_PARTS + 1))
    asked: list[Filter | None] = []

    def none_but_all(within: Filter | None) -> int:
        asked.append(within)
        return 7 if within is None else 0

    assert suggest_unfilters(parse_filter(filters), none_but_all) == (Unfilter(filters, "", 7),)
    assert asked == [None]


@pytest.mark.parametrize(
    "text",
    [
        "price < 20",
        'brand = "Clay & Co" AND NOT color IN ["red", "24\\" wide"]',
        '(price < 20 OR rating >= 4.5) AND "screen size" != "in"',
        "price 10 TO 20",
        'released_at "2026-01-01" TO "2026-02-01"',
        "EXISTS power_w",
        "NOT EXISTS power_w",
        "wireless = true",
        "NOT (wireless = true AND price > 9.95)",
    ],
)
def test_a_filter_is_written_as_it_was_read(text: str) -> None:
    assert write_filter(parse_filter(text)) == text


def test_no_filter_is_written_as_nothing() -> None:
    assert write_filter(None) == ""


FIELDS = st.sampled_from(["price", "brand", "screen size", "in", "exists", "2nd"])
NUMBERS = st.floats(-1e6, 1e6).map(lambda number: round(number, 3) + 0.0)
VALUES = NUMBERS | st.booleans() | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=5)
LEAVES = (
    st.builds(Compare, FIELDS, st.sampled_from(["=", "!="]), VALUES)
    | st.builds(Compare, FIELDS, st.sampled_from(["<", ">="]), NUMBERS)
    | st.builds(OneOf, FIELDS, st.lists(VALUES, min_size=1, max_size=3).map(tuple))
    | st.builds(lambda field, pair: Between(field, *sorted(pair)), FIELDS, st.tuples(NUMBERS, NUMBERS))
    | st.builds(Exists, FIELDS)
)


def nested(part: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    parts = st.lists(part, min_size=2, max_size=3).map(tuple)
    return st.builds(All, parts) | st.builds(AnyOf, parts) | st.builds(Not, part)


@given(st.recursive(LEAVES, nested, max_leaves=6))
def test_every_filter_reads_back_as_it_was(condition: Filter) -> None:
    assert parse_filter(write_filter(condition)) == condition


def test_what_remains_is_a_filter_of_its_own() -> None:
    for one in suggested('(brand = "Sonora" OR color = "red") AND price < 20 AND rating > 4.9'):
        assert count(parse_filter(one.remaining)) == one.n_hits
    with pytest.raises(InputError):
        suggested("price <")
