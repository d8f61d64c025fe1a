import numpy as np

from aisle.index.columns import no_columns
from aisle.ranking.traits import LatestTraits, read_traits
from aisle.testing.toy_shop import toy_items
from aisle.types import Item

TOY = no_columns().with_rows(np.arange(12), toy_items())
# rows: 0 to 5 are e1 to e6, 6 to 8 k1 to k3, 9 to 11 s1 to s3


def partition(codes: np.ndarray[tuple[int], np.dtype[np.int64]]) -> set[tuple[int, ...]]:
    """The sets of rows that share a value."""
    return {tuple(np.flatnonzero(codes == code).tolist()) for code in np.unique(codes[codes >= 0])}


def test_variants_brands_and_narrowest_categories_are_told_apart() -> None:
    traits = read_traits(TOY)
    assert partition(traits.groups) == {(0, 1)}
    assert partition(traits.brands) == {(0, 1, 2), (3, 4), (5,), (6, 7), (8,), (9, 10), (11,)}
    assert partition(traits.categories) == {(0, 1), (2,), (3, 4, 5), (6, 7), (8,), (9, 10), (11,)}


def test_only_a_stock_of_none_is_sold_out() -> None:
    assert np.flatnonzero(read_traits(TOY).sold_out).tolist() == [5]  # k3 does not say


def test_spellings_of_a_brand_are_one() -> None:
    columns = no_columns().with_rows(np.arange(2), [Item("a", "A", brand="Sony"), Item("b", "B", brand="SONY")])
    assert partition(read_traits(columns).brands) == {(0, 1)}


def test_a_deleted_item_has_no_traits() -> None:
    traits = read_traits(TOY.with_rows(np.array([5]), [None]))
    assert (traits.brands[5], traits.categories[5], traits.sold_out[5]) == (-1, -1, False)


def test_a_shop_without_items_has_no_traits() -> None:
    traits = read_traits(no_columns())
    assert [len(codes) for codes in (traits.groups, traits.brands, traits.categories, traits.sold_out)] == [0] * 4


def test_traits_are_read_anew_only_for_other_columns() -> None:
    latest = LatestTraits()
    first = latest.of(TOY)
    assert latest.of(TOY) is first
    changed = TOY.with_rows(np.array([5]), [Item("e6", "Speaker", stock=3)])
    assert not latest.of(changed).sold_out.any()
