"""Any item: what every other model must beat."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self
from zlib import crc32

import numpy as np

from aisle.recommenders.files import read_arrays, write_arrays
from aisle.recommenders.matrices import answers
from aisle.recommenders.protocol import History, Interactions
from aisle.types import Candidates, Rows, Scores


class Random:
    """Scores drawn evenly from 0 to 1, anew for each history, the same for the same one.

    A history that nobody knows is as good as any. It costs nothing to learn, and a random number an item to ask.
    """

    name = "random"

    def __init__(self, *, seed: int = 0) -> None:
        self.seed = seed
        self.n_items_ = 0

    def fit(self, interactions: Interactions) -> Self:
        """Learn how many items there are."""
        self.n_items_ = interactions.n_items
        return self

    def score(self, histories: Sequence[History]) -> Scores:
        """(len(histories), n_items) float32, above 0 and at most 1."""
        scores = np.empty((len(histories), self.n_items_), np.float32)
        for line, history in zip(scores, histories, strict=True):
            told = crc32(history.known(self.n_items_).rows.tobytes())
            line[:] = 1 - np.random.default_rng([self.seed, told]).random(self.n_items_, np.float32)
        return scores

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        """Any `k` items that are not excluded."""
        return answers(self.score, histories, k, self.name, exclude)

    def save(self, folder: Path) -> None:
        """Write the number of items to `folder`/random.npz."""
        write_arrays(folder, self.name, config=np.array([self.n_items_, self.seed], np.int64))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ReleaseError when the file is missing or damaged."""
        (config,) = read_arrays(folder, cls.name, "config")
        n_items, seed = config.tolist()
        model = cls(seed=seed)
        model.n_items_ = n_items
        return model
