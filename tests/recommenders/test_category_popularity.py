import math
from pathlib import Path

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.recommenders import Interactions
from aisle.recommenders.category_popularity import CategoryPopularity
from aisle.testing.recommenders import RecommenderConformance, history


class TestCategoryPopularity(RecommenderConformance):
    answers_without_history = True

    def make(self, n_items: int) -> CategoryPopularity:
        return CategoryPopularity(np.arange(n_items) // 4)


def shop() -> CategoryPopularity:
    """Items 0 and 1 of category 0 were chosen 6 and 2 times, items 2 and 3 of category 1 once and never."""
    rows = np.repeat([0, 1, 2], [6, 2, 1])
    log = Interactions(np.arange(9), rows, np.ones(9, np.float32), np.zeros(9), 9, 4)
    return CategoryPopularity(np.array([0, 0, 1, 1]), half_life_days=math.inf, smoothing=1).fit(log)


def test_a_stranger_gets_what_is_popular_overall() -> None:
    np.testing.assert_allclose(shop().score([history()]), [[6 / 9, 2 / 9, 1 / 9, 0]], rtol=1e-6)


def test_a_taste_moves_its_category_up() -> None:
    # two likes in category 1: shares (0 + 8/9) / 3 and (2 + 1/9) / 3
    scores = shop().score([history(2, 3)])
    np.testing.assert_allclose(scores, [[6 / 8 * 8 / 27, 2 / 8 * 8 / 27, 19 / 27, 0]], rtol=1e-6)


def test_a_dislike_says_nothing_about_the_category() -> None:
    np.testing.assert_array_equal(*shop().score([history(2, weights=[-4]), history()]))


def test_settings_are_saved(tmp_path: Path) -> None:
    shop().save(tmp_path)
    model = CategoryPopularity.load(tmp_path)
    assert (model.half_life_days, model.smoothing, model.categories.tolist()) == (math.inf, 1, [0, 0, 1, 1])


def test_another_number_of_categories_than_items_is_refused() -> None:
    log = Interactions(np.array([0]), np.array([0]), np.ones(1, np.float32), np.zeros(1), 1, 3)
    with pytest.raises(InputError, match="2 categories for 3 items"):
        CategoryPopularity(np.array([0, 1])).fit(log)


def test_a_category_below_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="0 and up"):
        CategoryPopularity(np.array([0, -1]))
