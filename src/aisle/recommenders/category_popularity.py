"""What is popular in the categories that this user looks at."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError
from aisle.recommenders.files import read_arrays, write_arrays
from aisle.recommenders.matrices import answers
from aisle.recommenders.popularity import Popularity
from aisle.recommenders.protocol import History, Interactions
from aisle.recommenders.stack import stack
from aisle.types import Candidates, Rows, Scores


class CategoryPopularity:
    """Popularity within a category, times how much of the history is about that category.

    score(u, i) = popularity(i) / sum of popularity in i's category * (likes of u in i's category + smoothing *
    share of the shop's popularity in i's category) / (likes of u + smoothing), where likes are weights > 0 and
    popularity(i) is the decayed sum of weights, nothing below 0. So an empty history, or one of dislikes, gets what is
    popular overall, and a long one what is popular where it looks. Items without events score 0 and are not proposed.
    """

    name = "category_popularity"

    def __init__(self, categories: NDArray[np.int64], *, half_life_days: float = 14.0, smoothing: float = 1.0) -> None:
        """`categories` is (n_items,) int64, the number of each item's category; `smoothing` is in weights of events."""
        if categories.ndim != 1 or (len(categories) and categories.min() < 0):
            raise InputError(f"categories of shape {categories.shape}; expected (n_items,) with numbers 0 and up")
        if not smoothing > 0 or not half_life_days > 0:
            raise InputError(f"half_life_days={half_life_days}, smoothing={smoothing}; expected more than 0")
        self.categories = categories
        self.half_life_days = half_life_days
        self.smoothing = smoothing
        self.popularity_: Scores = np.zeros(len(categories), np.float32)
        """(n_items,) float32, at least 0."""

    def fit(self, interactions: Interactions) -> Self:
        """Add up the decayed weights of each item. Raises InputError unless there is a category for each item."""
        if interactions.n_items != len(self.categories):
            raise InputError(f"{len(self.categories)} categories for {interactions.n_items} items; give one an item")
        popular = Popularity(half_life_days=self.half_life_days).fit(interactions)
        self.popularity_ = np.maximum(popular.scores_, 0)
        return self

    def score(self, histories: Sequence[History]) -> Scores:
        """(len(histories), n_items) float32: shares, which add up to at most 1."""
        n_categories = int(self.categories.max(initial=-1)) + 1
        totals = np.bincount(self.categories, self.popularity_, minlength=n_categories)
        overall = totals / max(float(totals.sum()), 1e-30)
        asked = stack(histories, len(self.categories))
        cells = asked.owners * n_categories + self.categories[asked.rows]
        likes = np.bincount(cells, np.maximum(asked.weights, 0), minlength=len(asked) * n_categories)
        likes = likes.reshape(len(asked), n_categories)
        tastes = (likes + self.smoothing * overall) / (likes.sum(axis=1, keepdims=True) + self.smoothing)
        within = self.popularity_ / np.maximum(totals[self.categories], 1e-30)
        scores: Scores = (tastes[:, self.categories] * within).astype(np.float32)
        return scores

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        """The `k` most popular where each history looks."""
        return answers(self.score, histories, k, self.name, exclude)

    def save(self, folder: Path) -> None:
        """Write categories and popularity to `folder`/category_popularity.npz."""
        config = np.array([self.half_life_days, self.smoothing], np.float64)
        write_arrays(folder, self.name, config=config, categories=self.categories, popularity=self.popularity_)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ReleaseError when the file is missing or damaged."""
        config, categories, popularity = read_arrays(folder, cls.name, "config", "categories", "popularity")
        half_life_days, smoothing = config.tolist()
        model = cls(categories, half_life_days=half_life_days, smoothing=smoothing)
        model.popularity_ = popularity
        return model
