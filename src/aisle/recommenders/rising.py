"""What is on its way up: items that are chosen more than they used to be."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np

from aisle.errors import InputError
from aisle.recommenders.files import read_arrays, write_arrays
from aisle.recommenders.interactions import DAY_S
from aisle.recommenders.protocol import History, Interactions, exclusions
from aisle.recommenders.slate import liked
from aisle.types import Candidates, Rows, Scores


class Rising:
    """Growth of an item's share of all that is chosen: recent days against the days before.

    now(i) = summed weights > 0 of i's events in the latest `recent_days` of the log, before(i) = the same over the
    `earlier_days` before those. expected(i) = before(i) * sum of now / sum of before: what i would have now with its
    old share, so that a busy week lifts nothing. score(i) = (now(i) - expected(i)) / (expected(i) + smoothing).
    Everybody gets the same, an empty history too; only items that grew are proposed. When nothing happened
    before, expected is 0 and the items with most events rise most.
    """

    name = "rising"

    def __init__(self, *, recent_days: float = 7.0, earlier_days: float = 28.0, smoothing: float = 10.0) -> None:
        """`smoothing` is in weights of events: growth from nothing to less than that counts as less than double."""
        if not (recent_days > 0 and earlier_days > 0 and smoothing > 0):
            raise InputError(
                f"recent_days={recent_days}, earlier_days={earlier_days}, smoothing={smoothing}; expected more than 0"
            )
        self.recent_days = recent_days
        self.earlier_days = earlier_days
        self.smoothing = smoothing
        self.growth_: Scores = np.empty(0, np.float32)
        """(n_items,) float32; above 0 for what grew."""

    def fit(self, interactions: Interactions) -> Self:
        """Compare the two spans of days."""
        weights = np.maximum(interactions.weights, 0).astype(np.float64)
        times = interactions.times
        ages = (times.max() - times) / DAY_S if len(times) else np.empty(0)
        is_now = ages < self.recent_days
        is_before = ~is_now & (ages < self.recent_days + self.earlier_days)
        n_items = interactions.n_items
        now = np.bincount(interactions.rows, weights * is_now, minlength=n_items)
        before = np.bincount(interactions.rows, weights * is_before, minlength=n_items)
        expected = before * now.sum() / max(before.sum(), 1e-30)
        self.growth_ = ((now - expected) / (expected + self.smoothing)).astype(np.float32)
        return self

    def score(self, histories: Sequence[History]) -> Scores:
        """(len(histories), n_items) float32: the growth of each item, the same for each history."""
        return np.tile(self.growth_, (len(histories), 1))

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        """The `k` items that grew most and are not excluded, whatever the history."""
        return [liked(self.growth_, k, self.name, out) for out in exclusions(histories, k, exclude)]

    def save(self, folder: Path) -> None:
        """Write the growth to `folder`/rising.npz."""
        config = np.array([self.recent_days, self.earlier_days, self.smoothing], np.float64)
        write_arrays(folder, self.name, config=config, growth=self.growth_)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ReleaseError when the file is missing or damaged."""
        config, growth = read_arrays(folder, cls.name, "config", "growth")
        recent_days, earlier_days, smoothing = config.tolist()
        model = cls(recent_days=recent_days, earlier_days=earlier_days, smoothing=smoothing)
        model.growth_ = growth
        return model
