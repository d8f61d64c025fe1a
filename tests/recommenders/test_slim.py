from pathlib import Path

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.recommenders import slim
from aisle.recommenders.slim import Slim
from aisle.testing.baskets import baskets
from aisle.testing.recommenders import RecommenderConformance, history, toy_interactions


class TestSlim(RecommenderConformance):
    def make(self, n_items: int) -> Slim:
        return Slim(l1=0.1, l2=1)


# X'X is [[3, 2, 1], [2, 2, 1], [1, 1, 1]]
SHOP = baskets([0, 1], [0, 1, 2], [0], n_items=3)


def test_one_neighbour_is_a_shrunk_ratio() -> None:
    # nearest by cosine: 1 for 0 (2/sqrt 6), 0 for 1, 1 for 2 (1/sqrt 2)
    weights = Slim(neighbors=1, l1=0.5, l2=1, balance=0).fit(SHOP).weights_.toarray()
    expected = np.zeros((3, 3))
    expected[1, 0] = (2 - 0.5) / (2 + 1)
    expected[0, 1] = (2 - 0.5) / (3 + 1)
    expected[1, 2] = (1 - 0.5) / (2 + 1)
    np.testing.assert_allclose(weights, expected, rtol=1e-6)


def test_without_l1_two_neighbours_are_the_ridge_regression() -> None:
    # item 0 on items 1 and 2: [[2 + 1, 1], [1, 1 + 1]] b = [2, 1], so b = [3, 1] / 5
    weights = Slim(neighbors=2, l1=0, l2=1, balance=0).fit(SHOP).weights_.toarray()
    np.testing.assert_allclose(weights[:, 0], [0, 3 / 5, 1 / 5], rtol=1e-3)


def test_a_weight_is_never_below_zero_and_l1_empties_the_matrix() -> None:
    assert (Slim(l1=0, l2=1).fit(toy_interactions()).weights_.data > 0).all()
    assert Slim(l1=1000).fit(SHOP).weights_.nnz == 0


def test_a_history_sums_the_weights_of_what_was_chosen() -> None:
    model = Slim(neighbors=1, l1=0.5, l2=1, balance=0).fit(SHOP)
    np.testing.assert_allclose(model.score([history(1, 0, weights=[4, 1])]), [[1, 3 / 8, 1 / 3]], rtol=1e-6)


def test_blocks_find_the_same_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Slim().fit(toy_interactions()).weights_.toarray()
    monkeypatch.setattr(slim, "BLOCK_ITEMS", 5)
    np.testing.assert_array_equal(Slim().fit(toy_interactions()).weights_.toarray(), whole)


def test_a_setting_out_of_range_is_refused() -> None:
    with pytest.raises(InputError, match="l2=0"):
        Slim(l2=0)


def test_its_settings_are_saved(tmp_path: Path) -> None:
    Slim(neighbors=7, l1=0.25, l2=3, balance=0.4).fit(SHOP).save(tmp_path)
    model = Slim.load(tmp_path)
    assert (model.neighbors, model.l1, model.l2, model.balance) == (7, 0.25, 3, 0.4)
