"""What people like you chose."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from scipy import sparse

from aisle.errors import InputError
from aisle.recommenders.files import read_arrays, write_arrays
from aisle.recommenders.matrices import answers, choices
from aisle.recommenders.protocol import History, Interactions
from aisle.recommenders.sparse_rows import EMPTY, entry_rows, highest
from aisle.recommenders.stack import stack
from aisle.types import Candidates, Rows, Scores

BATCH = 64
"""Histories answered together: each may be a little like every user who chose a popular item."""


class UserKnn:
    """Cosine between users over the items that they chose, shrunk; the nearest vote for what they chose.

    x(v, i) = idf(i) * square root of the summed weights of v's events with i; a sum below 0 counts as nothing.
    idf(i) = log(1 + n_users / number of users of i), so that what everybody chose says little; 1 with idf=False.
    A history is such a row too, made of weight * recency ** (number of newer events), so a user whom training
    never saw is answered like any other, and a dislike makes those who chose the thing less alike.
    sim(u, v) = x_u . x_v / (|x_u| |x_v| + shrinkage); the `neighbors` nearest with sim > 0 are kept.
    score(u, i) = sum over them of sim(u, v) * sqrt(weight of v for i), over the sum of sim: at most the largest
    choice, 1 where all events weigh 1. Whoever was in training finds themselves too, which adds nothing new.
    An empty history, or one of unknown rows or dislikes alone, gets no candidates.

    Source: Resnick et al., GroupLens, CSCW 1994; idf as in Breese et al., Empirical analysis of predictive algorithms
    for collaborative filtering, UAI 1998.
    """

    name = "user_knn"

    def __init__(
        self, *, neighbors: int = 100, shrinkage: float = 10.0, idf: bool = True, recency: float = 0.7
    ) -> None:
        """Ask the `neighbors` nearest; an event of a history counts `recency` times as much as the next newer one."""
        if neighbors < 1 or not shrinkage >= 0 or not 0 < recency <= 1:
            raise InputError(
                f"neighbors={neighbors}, shrinkage={shrinkage}, recency={recency}; "
                "expected at least 1, at least 0, and above 0 up to 1"
            )
        self.neighbors = neighbors
        self.shrinkage = shrinkage
        self.idf = idf
        self.recency = recency
        self.choices_: Any = EMPTY
        """(n_users, n_items) sparse float32: the square root of how much each user chose each item."""
        self.voters_: Any = EMPTY
        """(n_items, n_users) sparse float32: x, item by item."""
        self.rarities_: Scores = np.empty(0, np.float32)
        """(n_items,) float32: idf."""
        self.lengths_: Scores = np.empty(0, np.float32)
        """(n_users,) float32: |x_v|."""

    def fit(self, interactions: Interactions) -> Self:
        """Keep who chose what."""
        return self._learned(choices(interactions))

    def score(self, histories: Sequence[History]) -> Scores:
        """(len(histories), n_items) float32: mean votes of the nearest users; 0 where none of them chose it."""
        scores = np.empty((len(histories), self.choices_.shape[1]), np.float32)
        for start in range(0, len(histories), BATCH):
            part = slice(start, start + BATCH)
            nearest = self._nearest(histories[part])
            totals = np.asarray(nearest.sum(axis=1)).ravel()
            nearest.data /= totals[entry_rows(nearest)]
            scores[part] = (nearest @ self.choices_).toarray()
        return scores

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        """The `k` items with most votes."""
        return answers(self.score, histories, k, self.name, exclude)

    def save(self, folder: Path) -> None:
        """Write who chose what to `folder`/user_knn.npz."""
        kept = self.choices_
        config = np.array([self.neighbors, self.shrinkage, self.idf, self.recency], np.float64)
        shape = np.array(kept.shape, np.int64)
        write_arrays(
            folder, self.name, config=config, shape=shape, data=kept.data, indices=kept.indices, indptr=kept.indptr
        )

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ReleaseError when the file is missing or damaged."""
        config, shape, *parts = read_arrays(folder, cls.name, "config", "shape", "data", "indices", "indptr")
        neighbors, shrinkage, idf, recency = config.tolist()
        model = cls(neighbors=int(neighbors), shrinkage=shrinkage, idf=bool(idf), recency=recency)
        return model._learned(sparse.csr_matrix(tuple(parts), shape=tuple(shape.tolist())))

    def _learned(self, chosen: Any) -> Self:
        n_users, n_items = chosen.shape
        counts = np.bincount(chosen.indices, minlength=n_items)
        rarities = np.log1p(n_users / np.maximum(counts, 1)) if self.idf else np.ones(n_items)
        self.choices_ = chosen
        self.rarities_ = rarities.astype(np.float32)
        weighed = sparse.csr_matrix(
            (chosen.data * self.rarities_[chosen.indices], chosen.indices, chosen.indptr), shape=chosen.shape
        )
        self.lengths_ = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel()).astype(np.float32)
        self.voters_ = weighed.T.tocsr()
        return self

    def _nearest(self, histories: Sequence[History]) -> Any:
        """(len(histories), n_users) sparse float32: sim of the nearest."""
        asked = stack(histories, len(self.rarities_))
        summed = asked.matrix(asked.weights * self.recency**asked.ages)
        summed.sum_duplicates()
        summed.data = np.sign(summed.data) * np.sqrt(np.abs(summed.data)) * self.rarities_[summed.indices]
        lengths = np.sqrt(np.asarray(summed.multiply(summed).sum(axis=1)).ravel())
        alike = summed @ self.voters_
        alike.sort_indices()
        alike.data = alike.data / (lengths[entry_rows(alike)] * self.lengths_[alike.indices] + self.shrinkage)
        return highest(alike.astype(np.float32), self.neighbors)
