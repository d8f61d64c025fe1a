from pathlib import Path

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.recommenders import ease
from aisle.recommenders.ease import Ease
from aisle.testing.baskets import baskets
from aisle.testing.recommenders import RecommenderConformance, history, toy_interactions


class TestEase(RecommenderConformance):
    def make(self, n_items: int) -> Ease:
        return Ease(l2=1)


# X'X is [[2, 1], [1, 1]]: two people chose item 0, one of them item 1 too
SHOP = baskets([0, 1], [0], n_items=2)


def test_with_two_items_it_is_the_ridge_regression_of_each_on_the_other() -> None:
    weights = Ease(l2=1, dropout=0, balance=0).fit(SHOP).weights_
    np.testing.assert_allclose(weights, [[0, 1 / (2 + 1)], [1 / (1 + 1), 0]], rtol=1e-6)


def test_dropout_shrinks_what_popular_items_say() -> None:
    # 0.5 adds X'X once more to the diagonal
    weights = Ease(l2=1, dropout=0.5, balance=0).fit(SHOP).weights_
    np.testing.assert_allclose(weights, [[0, 1 / (2 + 2 + 1)], [1 / (1 + 1 + 1), 0]], rtol=1e-6)


def test_a_history_sums_the_weights_of_what_was_chosen() -> None:
    model = Ease(l2=1, dropout=0, balance=0).fit(SHOP)
    np.testing.assert_allclose(model.score([history(0, weights=[4]), history(1)]), [[0, 2 / 3], [1 / 2, 0]], rtol=1e-6)


def test_a_dislike_turns_the_sign() -> None:
    model = Ease(l2=1).fit(SHOP)
    np.testing.assert_array_equal(model.score([history(0, weights=[-1])]), -model.score([history(0)]))


def test_the_weights_are_those_of_the_textbook_formula() -> None:
    model = Ease(l2=2, dropout=0, balance=0).fit(toy_interactions())
    chosen = np.zeros((5, 12))
    log = toy_interactions()
    np.add.at(chosen, (log.users, log.rows), log.weights)
    chosen = np.sqrt(np.maximum(chosen, 0))
    inverse = np.linalg.inv(chosen.T @ chosen + 2 * np.eye(12))
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(model.weights_, expected, atol=1e-5)


def test_blocks_find_the_same_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Ease(l2=1).fit(toy_interactions())
    monkeypatch.setattr(ease, "BLOCK_ITEMS", 5)
    np.testing.assert_allclose(Ease(l2=1).fit(toy_interactions()).weights_, whole.weights_, atol=1e-6)


def test_a_catalogue_too_large_names_the_models_that_take_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ease, "MAX_ITEMS", 1)
    with pytest.raises(InputError, match="2 items; it takes at most 1: use slim or item_knn"):
        Ease().fit(SHOP)


def test_a_setting_out_of_range_is_refused() -> None:
    with pytest.raises(InputError, match=r"dropout=1\.0"):
        Ease(dropout=1.0)


def test_its_settings_are_saved(tmp_path: Path) -> None:
    Ease(l2=7, dropout=0.25, balance=0.4).fit(SHOP).save(tmp_path)
    model = Ease.load(tmp_path)
    assert (model.l2, model.dropout, model.balance) == (7, 0.25, 0.4)
