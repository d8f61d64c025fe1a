"""What is popular now: the sum of what everybody did, where older acts count less."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np

from aisle.errors import InputError
from aisle.recommenders.files import read_arrays, write_arrays
from aisle.recommenders.interactions import decay
from aisle.recommenders.protocol import History, Interactions, exclusions
from aisle.types import Candidates, Rows, Scores


class Popularity:
    """Proposes the same to everybody, so an empty history is as good as any.

    score(i) = sum over the events of i of weight * 2 ** (-age / half-life), where age counts from
    the newest event of all. Items without events score 0 and come after those with, in the order
    of their rows; items that are more disliked than liked score below 0 and come last. With
    half_life_days=math.inf it is popularity of all times.
    """

    name = "popularity"

    def __init__(self, *, half_life_days: float = 14.0) -> None:
        if not half_life_days > 0:
            raise InputError(f"half_life_days={half_life_days}; expected more than 0 (math.inf for no decay)")
        self.half_life_days = half_life_days
        self.order_: Rows = np.empty(0, np.int64)
        """(n_items,) int64, most popular first."""
        self.scores_: Scores = np.empty(0, np.float32)
        """(n_items,) float32, by row."""

    def fit(self, interactions: Interactions) -> Self:
        """Add up the decayed weights of each item."""
        times = interactions.times
        left = decay(times.max() - times, self.half_life_days) if len(times) else np.empty(0)
        sums = np.bincount(interactions.rows, interactions.weights * left, minlength=interactions.n_items)
        return self._learned(sums.astype(np.float32))

    def score(self, histories: Sequence[History]) -> Scores:
        """(len(histories), n_items) float32: the same for each. `recommend` fills up with items of 0 or less."""
        return np.tile(self.scores_, (len(histories), 1))

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        """The `k` most popular items that are not excluded, whatever the history."""
        return [self._top(k, excluded) for excluded in exclusions(histories, k, exclude)]

    def save(self, folder: Path) -> None:
        """Write the scores to `folder`/popularity.npz."""
        write_arrays(folder, self.name, scores=self.scores_, half_life_days=self.half_life_days)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ReleaseError when the file is missing or damaged."""
        scores, half_life_days = read_arrays(folder, cls.name, "scores", "half_life_days")
        return cls(half_life_days=float(half_life_days))._learned(scores)

    def _learned(self, scores: Scores) -> Self:
        self.scores_ = scores
        self.order_ = np.argsort(-scores, kind="stable")
        return self

    def _top(self, k: int, excluded: Rows) -> Candidates:
        rows = self.order_[: k + len(excluded)]
        if len(excluded):
            rows = rows[np.isin(rows, excluded, invert=True)][:k]
        return Candidates(rows.copy(), self.scores_[rows], self.name)


class Trending(Popularity):
    """What is popular these days: `Popularity` that forgets fast."""

    name = "trending"

    def __init__(self, *, half_life_days: float = 2.0) -> None:
        super().__init__(half_life_days=half_life_days)
