import itertools
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.index import parse_filter
from aisle.text.normalise import normalise
from aisle.text.ranges import PRICE, cut_ranges, find_ranges, price_filter

Bounds = tuple[float | None, float | None]


@pytest.mark.parametrize(
    ("query", "bounds", "rest"),
    [
        ("laptop under 500 euro", (None, 500), "laptop"),
        ("between 20 and 50", (20, 50), ""),
        ("headphones between 20 and 50 euro", (20, 50), "headphones"),
        ("20-50 eur", (20, 50), ""),
        ("mug €20 to €50", (20, 50), "mug"),
        ("cheaper than 30", (None, 30), ""),
        ("shoes over $1,000", (1_000, None), "shoes"),
        ("gift for under £15.50", (None, 15.5), "gift"),
        ("mug under 19,95 eur", (None, 19.95), "mug"),
        ("under 2k laptop", (None, 2_000), "laptop"),
        ("budget 300 laptop", (None, 300), "laptop"),
        ("300 euro or less", (None, 300), ""),
        ("5g phone under 300", (None, 300), "5g phone"),
        ("500元以下的耳机", (None, 500), "耳机"),
        ("100到200元", (100, 200), ""),
        ("价格在100到200之间的跑鞋", (100, 200), "跑鞋"),
        ("不超过300元的键盘", (None, 300), "键盘"),
        ("２００元以上 台灯", (200, None), "台灯"),
        ("1千元以下 手机", (None, 1_000), "手机"),
        ("100元左右的耳机", (80, 120), "耳机"),
    ],
)
def test_prices_are_read_and_cut_out(query: str, bounds: Bounds, rest: str) -> None:
    (one,) = find_ranges(normalise(query))
    assert (one.dimension, one.low, one.high) == (PRICE, *bounds)
    assert cut_ranges(query) == rest


@pytest.mark.parametrize(
    ("query", "dimension", "bounds", "rest"),
    [
        ("数据线 至少 2 m", "length", (2, None), "数据线"),
        ("cable at least 2 m", "length", (2, None), "cable"),
        ("16 gb or more", "memory", (16, None), ""),
        ("hdmi cable 1m - 2m", "length", (1, 2), "hdmi cable"),
        ("between 1 and 2 kg dumbbell", "weight", (1, 2), "dumbbell"),
        ("55寸以上电视", "length", (1.397, None), "电视"),
        ("under 500w", "power", (None, 500), ""),
    ],
)
def test_sizes_are_read_in_base_units(query: str, dimension: str, bounds: Bounds, rest: str) -> None:
    (one,) = find_ranges(normalise(query))
    assert (one.dimension, one.low, one.high) == (dimension, *bounds)
    assert cut_ranges(query) == rest


@pytest.mark.parametrize(
    "query",
    [
        "rtx 2060", "rtx 2060以上", "iphone 7", "iphone 7 or less",
        "windows 10", "windows 10 or above", "tn-2110", "4-8",
        "over-ear headphones", "over 18 years", "up to 4 players", "2-3 players", "3岁以上玩具", "from 2019 to 2021",
        "between 2019 and 2021",
        "usb-c cable 2m", "under armour shoes", "intel i7-10750h", "9 to 5", "3 for 2",
        "at least 8 cores", "", "headphones",
    ],
)  # fmt: skip
def test_model_numbers_years_and_counts_are_no_prices(query: str) -> None:
    assert find_ranges(query) == ()
    assert cut_ranges(query) == query


def test_two_bounds_may_stand_apart() -> None:
    found = find_ranges("over 20 euro headphones under 50 euro")
    assert [(one.low, one.high) for one in found] == [(20, None), (None, 50)]
    assert cut_ranges("over 20 euro headphones under 50 euro") == "headphones"


def test_around_is_rough() -> None:
    assert [one.rough for one in find_ranges("mug around 10 euro")] == [True]


@given(
    st.integers(1, 99_999),
    st.integers(1, 99_999),
    st.sampled_from(["{} - {} eur", "between {} and {} euro", "{}到{}元", "${}-${}"]),
)
def test_any_two_prices_in_order_are_a_range(one: int, other: int, pattern: str) -> None:
    low, high = sorted((one, other))
    (found,) = find_ranges(pattern.format(low, high))
    assert (found.low, found.high) == (low, high)
    assert parse_filter(price_filter(found)) == parse_filter(f"price >= {low} AND price <= {high}")


@given(
    st.sampled_from(["rtx", "iphone", "windows", "canon eos", "galaxy s"]),
    st.integers(0, 99_999),
    st.sampled_from(["", " case", " 手机壳"]),
)
def test_a_number_after_a_name_is_no_price(name: str, number: int, after: str) -> None:
    assert find_ranges(f"{name} {number}{after}") == ()


@given(st.text('0123456789 .,-<>$€元以下上到至under over between and to eur m gb"', max_size=40) | st.text(max_size=30))
def test_no_text_breaks_the_reading(text: str) -> None:
    query = normalise(text)
    found = find_ranges(query)
    for one, after in itertools.pairwise(found):
        assert one.end <= after.start
    for one in found:
        assert 0 <= one.start < one.end <= len(query)
        assert one.low is None or one.high is None or one.low <= one.high
        if one.dimension == PRICE:
            assert parse_filter(price_filter(one)) is not None
    assert cut_ranges(query, ()) == query


ENDLESS = (" " * 190 + "under 1", "1 " * 100, "1,000 " * 33, "1-" * 100, "1到" * 100, "€" * 199 + "1", "1 " * 5_000)


@pytest.mark.parametrize("text", ENDLESS)
def test_no_query_takes_long_to_read(text: str) -> None:
    started = perf_counter()
    find_ranges(text)
    assert perf_counter() - started < 0.5  # a few milliseconds, on a machine that has other things to do
