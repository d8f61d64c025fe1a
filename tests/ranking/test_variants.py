import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aisle.ranking.variants import collapse_variants
from aisle.types import Rows


def rows(*values: int) -> Rows:
    return np.array(values, np.int64)


def test_the_first_of_each_product_is_shown_and_the_others_are_named() -> None:
    # rows 4, 0 and 3 are one product, 2 and 5 another, 1 stands alone
    groups = rows(7, -1, 9, 7, 7, 9)
    found = collapse_variants(rows(4, 2, 0, 1, 3, 5), groups)
    assert found.rows.tolist() == [4, 2, 1]
    assert found.places.tolist() == [0, 1, 3]
    assert found.variants == {4: (0, 3), 2: (5,)}


def test_items_without_a_product_never_collapse() -> None:
    found = collapse_variants(rows(1, 0, 2), rows(-1, -1, -1))
    assert (found.rows.tolist(), found.variants) == ([1, 0, 2], {})


def test_the_order_decides_which_variant_is_shown() -> None:
    groups = rows(3, 3)
    assert collapse_variants(rows(1, 0), groups).rows.tolist() == [1]
    assert collapse_variants(rows(0, 1), groups).rows.tolist() == [0]


def test_no_results_collapse_to_none() -> None:
    found = collapse_variants(rows(), rows(1, 2))
    assert (found.rows.tolist(), found.variants) == ([], {})


@given(st.lists(st.integers(-1, 5), min_size=1, max_size=40), st.integers(0, 99))
def test_every_row_is_shown_or_is_a_variant_of_one_that_stands_before_it(numbers: list[int], seed: int) -> None:
    groups = np.array(numbers, np.int64)
    order = np.random.default_rng(seed).permutation(len(numbers))
    found = collapse_variants(order, groups)
    hidden = [row for others in found.variants.values() for row in others]
    assert sorted([*found.rows.tolist(), *hidden]) == list(range(len(numbers)))
    assert found.rows.tolist() == order[found.places].tolist()
    assert (np.diff(found.places) > 0).all()
    place = {row: number for number, row in enumerate(order.tolist())}
    for shown, others in found.variants.items():
        assert groups[shown] >= 0
        assert all(groups[row] == groups[shown] and place[row] > place[shown] for row in others)
