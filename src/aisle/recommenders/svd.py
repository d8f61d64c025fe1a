"""Tastes as the main directions of who chose what: truncated singular value decomposition."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError
from aisle.recommenders.files import read_arrays, write_arrays
from aisle.recommenders.matrices import answers, asked, choices
from aisle.recommenders.protocol import History, Interactions
from aisle.types import Candidates, Rows, Scores, Vectors

POWER_ITERATIONS = 4
"""Passes of the randomised decomposition over the data: more change no answer that was measured."""


class Svd:
    """Scores x S V V' S^-1, a history seen through the main directions of all choices.

    V are the first `factors` right singular vectors of X S, where X is `choices`, the square root of summed
    weights, and S divides each item's column by its length to the power `discount`: 0 is PureSVD, in which
    popular items lead, 1 has all items count the same. A dislike pushes away. An empty history, or one of
    unknown rows, gets no candidates.

    Sources: Cremonesi, Koren and Turrin, Performance of recommender algorithms on top-n recommendation
    tasks, RecSys 2010; the scaling from Nikolakopoulos et al., EigenRec, KAIS 2019.
    """

    name = "svd"

    def __init__(self, *, factors: int = 256, discount: float = 0.5, seed: int = 0) -> None:
        """`factors` is how many directions are kept, `discount` is from 0 to 1."""
        if factors < 1 or not 0 <= discount <= 1:
            raise InputError(f"factors={factors}, discount={discount}; expected at least 1, and 0 to 1")
        self.factors = factors
        self.discount = discount
        self.seed = seed
        self.vectors_: Vectors = np.zeros((0, 0), np.float32)
        """(n_items, factors or fewer) float32, the directions V."""
        self.scales_: NDArray[np.float32] = np.zeros(0, np.float32)
        """(n_items,) float32, the diagonal of S^-1, 1 for an item that nobody chose."""

    def fit(self, interactions: Interactions) -> Self:
        """Find the main directions."""
        chosen = choices(interactions)
        lengths = np.sqrt(chosen.power(2).sum(axis=0).A1)
        self.scales_ = np.where(lengths > 0, lengths**self.discount, 1).astype(np.float32)
        self.vectors_, _ = main_directions(chosen.multiply(1 / self.scales_).tocsr(), self.factors, self.seed)
        return self

    def score(self, histories: Sequence[History]) -> Scores:
        """(len(histories), n_items) float32: the choices, as far as the main directions explain them."""
        known = asked(histories, len(self.vectors_)).multiply(1 / self.scales_).tocsr()
        scores: Scores = (known @ self.vectors_) @ self.vectors_.T * self.scales_
        return scores

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        """The `k` items of the highest score for each history."""
        return answers(self.score, histories, k, self.name, exclude)

    def save(self, folder: Path) -> None:
        """Write the directions to `folder`/svd.npz."""
        config = np.array([self.factors, self.discount, self.seed])
        write_arrays(folder, self.name, config=config, scales=self.scales_, vectors=self.vectors_)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ReleaseError when the file is missing or damaged."""
        config, scales, vectors = read_arrays(folder, cls.name, "config", "scales", "vectors")
        factors, discount, seed = config.tolist()
        model = cls(factors=int(factors), discount=discount, seed=int(seed))
        model.scales_, model.vectors_ = scales, vectors
        return model


def main_directions(matrix: Any, factors: int, seed: int) -> tuple[Vectors, NDArray[np.float32]]:
    """The first right singular vectors of a sparse (n_users, n_items) matrix, and their singular values.

    (n_items, n) float32 and (n,) float32, n at most `factors`: fewer where the matrix has fewer directions.
    Source: Halko, Martinsson and Tropp, Finding structure with randomness, SIAM Review 2011.
    """
    from sklearn.utils.extmath import randomized_svd  # noqa: PLC0415

    if matrix.nnz == 0:
        return np.zeros((matrix.shape[1], 0), np.float32), np.zeros(0, np.float32)
    count = min(factors, *matrix.shape)
    _, values, vectors = randomized_svd(matrix, count, n_iter=POWER_ITERATIONS, random_state=seed)
    kept = values > values[0] * 1e-5
    return np.ascontiguousarray(vectors[kept].T, np.float32), values[kept].astype(np.float32)
