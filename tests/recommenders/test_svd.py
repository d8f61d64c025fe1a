from pathlib import Path

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.recommenders.matrices import choices
from aisle.recommenders.svd import Svd, main_directions
from aisle.testing.baskets import baskets
from aisle.testing.recommenders import RecommenderConformance, history


class TestSvd(RecommenderConformance):
    def make(self, n_items: int) -> Svd:
        return Svd(factors=4)


# X'X is [[2, 2, 0], [2, 2, 0], [0, 0, 1]]: directions (1, 1, 0) / sqrt 2 and (0, 0, 1)
SHOP = baskets([0, 1], [0, 1], [2], n_items=3)


def test_the_first_direction_is_what_goes_together_most() -> None:
    vectors, values = main_directions(choices(SHOP), 1, seed=0)
    np.testing.assert_allclose(values, [2], rtol=1e-6)
    np.testing.assert_allclose(np.abs(vectors), np.array([[2**-0.5], [2**-0.5], [0]]), atol=1e-6)


def test_a_history_is_seen_through_the_directions() -> None:
    model = Svd(factors=1, discount=0).fit(SHOP)
    scores = model.score([history(0), history(0, 1), history(2)])
    np.testing.assert_allclose(scores, np.array([[0.5, 0.5, 0], [1, 1, 0], [0, 0, 0]]), atol=1e-6)


def test_discounting_a_popular_item_lets_a_rare_one_be_said_by_it() -> None:
    # item 0 was chosen by 4, item 1 by 1 of them; lengths 2 and 1, discount 1: X S has X'X = [[1, 1/2], [1/2, 1]]
    model = Svd(factors=1, discount=1).fit(baskets([0, 1], [0], [0], [0], n_items=2))
    # V = (1, 1) / sqrt 2: item 0 says 1/2 * 1/2 * (2, 1), item 1 says 1 * 1/2 * (2, 1)
    np.testing.assert_allclose(model.score([history(0), history(1)]), [[1 / 2, 1 / 4], [1, 1 / 2]], rtol=1e-5)


def test_no_more_directions_are_kept_than_there_are() -> None:
    assert Svd(factors=50).fit(SHOP).vectors_.shape == (3, 2)


def test_a_setting_out_of_range_is_refused() -> None:
    with pytest.raises(InputError, match="factors=0"):
        Svd(factors=0)


def test_its_settings_are_saved(tmp_path: Path) -> None:
    Svd(factors=2, discount=0.25, seed=3).fit(SHOP).save(tmp_path)
    model = Svd.load(tmp_path)
    assert (model.factors, model.discount, model.seed) == (2, 0.25, 3)
