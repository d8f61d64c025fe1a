import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.errors import InputError
from aisle.index.columns import no_columns
from aisle.index.facet_search import numbers_of
from aisle.index.filters import parse_filter
from aisle.index.histograms import Spacing, histogram, ranges
from aisle.index.select import passing
from aisle.types import FacetValue, Item

NUMBERS = st.lists(st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1.0, 0.1, math.nan]), max_size=30)
PRICES = np.array([1.0, 2.0, 2.0, 3.0, 9.0, 11.0])


def test_buckets_of_equal_width() -> None:
    found = histogram("price", PRICES, 5)
    assert (found.low, found.high) == (1.0, 11.0)
    assert found.buckets == (
        FacetValue("1-3", 3, "price >= 1 AND price < 3"),
        FacetValue("3-5", 1, "price >= 3 AND price < 5"),
        FacetValue("5-7", 0, "price >= 5 AND price < 7"),
        FacetValue("7-9", 0, "price >= 7 AND price < 9"),
        FacetValue("9-11", 2, "price >= 9 AND price <= 11"),
    )


def test_buckets_of_equal_counts() -> None:
    found = histogram("price", PRICES, 3, "quantile")
    assert [(bucket.value, bucket.count) for bucket in found.buckets] == [("1-2", 1), ("2-5", 3), ("5-11", 2)]


@pytest.mark.parametrize("spacing", ["width", "quantile"])
def test_one_number_makes_one_bucket(spacing: Spacing) -> None:
    found = histogram("price", np.array([5.0, 5.0, np.nan]), 4, spacing)
    assert found.buckets == (FacetValue("5-5", 2, "price >= 5 AND price <= 5"),)


def test_no_numbers_make_no_buckets() -> None:
    found = histogram("price", np.array([np.nan]))
    assert found.buckets == ()
    assert math.isnan(found.low) and math.isnan(found.high)


@given(NUMBERS, st.integers(1, 12), st.sampled_from(["width", "quantile"]))
def test_every_bucket_counts_what_its_filter_keeps(numbers: list[float], n_buckets: int, spacing: Spacing) -> None:
    attributes = [{} if math.isnan(number) else {"2nd width": number} for number in numbers]
    items = [Item(f"i{place}", "Title", attributes=given_ones) for place, given_ones in enumerate(attributes)]
    columns = no_columns().with_rows(np.arange(len(items) + 1), [*items, Item("x", "X", attributes={"2nd width": 0.0})])
    known = numbers_of(columns, "2nd_width", np.arange(len(items)))
    found = histogram("2nd_width", known, n_buckets, spacing)
    assert sum(bucket.count for bucket in found.buckets) == len(known)
    for bucket in (*found.buckets, *ranges("2nd_width", known)):
        condition = parse_filter(bucket.filter)
        assert condition is not None
        assert bucket.count == passing(columns, condition)[: len(items)].sum()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n_buckets": 0}, "1 <= n_buckets <= 100"),
        ({"n_buckets": 101}, "n_buckets=101"),
        ({"spacing": "log"}, "spacing='log'"),
    ],
)
def test_what_is_out_of_range_is_an_input_error(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        histogram("price", PRICES, **wrong)


def test_ranges_may_be_below_zero() -> None:
    found = ranges("temperature", np.array([-30.0, -20.0, -10.0, 0.0, 10.0, 20.0]))
    assert [(one.value, one.count, one.filter) for one in found] == [
        ("--20", 1, "temperature < -20"),
        ("-20--10", 1, "temperature >= -20 AND temperature < -10"),
        ("-10-0", 1, "temperature >= -10 AND temperature < 0"),
        ("0-10", 1, "temperature >= 0 AND temperature < 10"),
        ("10-", 2, "temperature >= 10"),
    ]


def test_the_ends_keep_every_digit() -> None:
    found = histogram("price", np.array([0.1 + 0.2, 1.0]), 1)
    assert found.buckets == (FacetValue("0.30000000000000004-1", 2, "price >= 0.30000000000000004 AND price <= 1"),)
