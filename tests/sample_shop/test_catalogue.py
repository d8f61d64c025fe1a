import re
from collections import defaultdict

import numpy as np
import pytest

from aisle.sample_shop import SampleShop
from aisle.sample_shop.brands import BRANDS
from aisle.sample_shop.taxonomy import read_leaves
from aisle.types import Item

_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_items_are_as_many_as_asked_and_have_their_own_ids(small_shop: SampleShop) -> None:
    assert len(small_shop.items) == 600
    assert len({item.item_id for item in small_shop.items}) == 600
    assert len({item.gtin for item in small_shop.items}) == 600
    assert len({item.category for item in small_shop.items}) == 32


def test_every_item_speaks_both_languages(small_shop: SampleShop) -> None:
    for item in small_shop.items:
        chinese = item.translations["zh"]
        assert not _CHINESE.search(item.title + item.description)
        assert _CHINESE.search(chinese.title) and _CHINESE.search(chinese.description)
        assert len(chinese.category) == len(item.category) == 3
        assert chinese.attributes.keys() == item.attributes.keys()
        assert "{" not in item.title + item.description + chinese.title + chinese.description


def test_descriptions_have_a_few_sentences(small_shop: SampleShop) -> None:
    for item in small_shop.items:
        assert item.description.count(".") >= 2 and 60 <= len(item.description) <= 700
        assert item.description[0].isupper() or item.description[0].isdigit()
        assert not re.search(r"\b[Aa] (?:orange|elephant|ergonomic|instant)\b", item.description)


def test_prices_lie_in_the_range_of_their_leaf(small_shop: SampleShop) -> None:
    ranges = {leaf.name.en: leaf.prices for leaf in read_leaves()}
    for item in small_shop.items:
        low, high = ranges[item.category[-1]]
        assert item.price is not None and low <= item.price <= high
        assert item.currency == "EUR"


def test_dear_brands_are_dearer_in_their_leaf(small_shop: SampleShop) -> None:
    tier = {brand.name: brand.tier for brand in BRANDS}
    tiers = [tier[item.brand] for item in small_shop.items]
    assert np.corrcoef(tiers, small_shop.truth.traits.price_level)[0, 1] > 0.5


def test_variants_differ_in_something_and_share_a_brand(small_shop: SampleShop) -> None:
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in small_shop.items:
        if item.group_id:
            groups[item.group_id].append(item)
    assert len(groups) > 50
    for variants in groups.values():
        assert 2 <= len(variants) <= 4
        assert len({variant.brand for variant in variants}) == 1
        assert len({tuple(sorted(variant.attributes.items())) for variant in variants}) == len(variants)
        assert len({variant.title for variant in variants}) == len(variants)


def test_gtins_have_a_valid_check_digit_and_belong_to_nobody(small_shop: SampleShop) -> None:
    for item in small_shop.items:
        digits = [int(digit) for digit in item.gtin]
        assert len(digits) == 13 and digits[0] == 2
        assert (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0


def test_some_items_are_sold_out_and_some_appear_late(small_shop: SampleShop) -> None:
    assert 5 < sum(item.stock == 0 for item in small_shop.items) < 80
    assert 20 < int((small_shop.truth.traits.released_day > 0).sum()) < 120


def test_better_items_are_rated_better(small_shop: SampleShop) -> None:
    rated = [row for row, item in enumerate(small_shop.items) if item.rating is not None]
    ratings = [small_shop.items[row].rating for row in rated]
    quality = small_shop.truth.traits.quality[rated]
    assert np.corrcoef(np.array(ratings, float), quality)[0, 1] > 0.5


def test_wired_headphones_have_no_battery(small_shop: SampleShop) -> None:
    wired = [item for item in small_shop.items if item.attributes.get("connection") == "wired"]
    assert wired
    assert all("battery" not in item.attributes for item in wired)


@pytest.mark.parametrize("day", [0.0, 59.0])
def test_rising_items_gain_appeal(small_shop: SampleShop, day: float) -> None:
    traits = small_shop.truth.traits
    rises = np.isfinite(traits.rising_day)
    gained = traits.appeal(day) - traits.quality
    assert (gained[~rises] == 0).all()
    assert (gained[rises] == 0).all() if day == 0 else (gained[rises] > 0).all()
