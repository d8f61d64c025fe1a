"""Three mugs of one category: a cheap red one, a middle blue one, a dear red one; brands 0 and 1."""

import numpy as np
import pytest

from aisle.ranking import Traits, brand_shares, prefer
from aisle.ranking.affinity import SHRINKAGE, affinity
from aisle.ranking.traits import price_places
from aisle.recommenders import History
from aisle.types import Candidates

RED, BLUE = 0, 1
CATEGORIES = np.zeros(4, np.int64)
TRAITS = Traits(
    groups=np.full(4, -1),
    brands=np.array([RED, BLUE, RED, -1]),
    categories=CATEGORIES,
    sold_out=np.zeros(4, bool),
    price_places=price_places(np.array([1.0, 2.0, 3.0, np.nan]), CATEGORIES),
)
EVERYTHING = np.arange(4)
FOUND = Candidates(np.array([1, 0, 2, 3]), np.array([1, 0.99, 0.98, 0.5], np.float32), "hybrid")


def history(*events: tuple[int, float]) -> History:
    return History(np.array([row for row, _ in events], np.int64), np.array([w for _, w in events], np.float32))


def test_prices_have_a_place_in_their_category() -> None:
    prices, categories = np.array([5.0, 9.0, 7.0, np.nan, 4.0, 3.0]), np.array([1, 1, 1, 1, -1, 2])
    assert price_places(prices, categories).tolist() == [0, 1, 0.5, 0.5, 0.5, 0.5]


def test_share_of_a_brand_is_drawn_to_nothing() -> None:
    bought = history((0, SHRINKAGE))
    assert brand_shares(EVERYTHING, bought, TRAITS).tolist() == [0.5, 0, 0.5, 0]


def test_a_disliked_brand_counts_below_nothing() -> None:
    assert brand_shares(EVERYTHING, history((1, 2.0), (2, -5.0)), TRAITS).tolist() == [-0.5, 0.2, -0.5, 0]


def test_affinity_is_brand_less_distance_in_price() -> None:
    # bought the dearest: usual place (8 * 1 + 8 / 2) / 16 = 0.75
    expected = [0.5 - 0.75**2, -(0.25**2), 0.5 - 0.25**2, -(0.25**2)]
    assert affinity(EVERYTHING, history((2, SHRINKAGE)), TRAITS).tolist() == pytest.approx(expected)


def test_what_fits_the_shopper_moves_up_among_equals() -> None:
    assert prefer(FOUND, history((2, SHRINKAGE)), TRAITS, 0.1).rows.tolist() == [2, 1, 0, 3]


def test_relevance_outweighs_taste() -> None:
    found = Candidates(np.array([1, 2]), np.array([1, 0.5], np.float32), "hybrid")
    assert prefer(found, history((2, 100.0)), TRAITS, 0.1).rows.tolist() == [1, 2]


@pytest.mark.parametrize("nothing", [history(), history((0, -4.0)), history((99, 8.0))])
def test_a_history_that_says_nothing_changes_nothing(nothing: History) -> None:
    assert prefer(FOUND, nothing, TRAITS, 0.1) is FOUND


def test_items_newer_than_the_traits_are_passed_over() -> None:
    assert prefer(FOUND, history((99, 50.0), (2, SHRINKAGE)), TRAITS, 0.1).rows[0] == 2
