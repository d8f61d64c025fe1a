"""What goes together, weighed among an item's neighbours: a sparse linear model for catalogues of any size."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from aisle.errors import InputError
from aisle.recommenders.files import read_arrays, write_arrays
from aisle.recommenders.matrices import answers, asked, balanced, choices
from aisle.recommenders.protocol import History, Interactions
from aisle.types import Candidates, Rows, Scores

BLOCK_ITEMS = 128
"""Items whose weights are found together: with 200 neighbours 128 * 200^2 float32, 20 MB."""
SWEEPS = 15
"""Passes over the neighbours: the weights have settled to about 1 part in 1,000."""
_EMPTY = sparse.csr_matrix((0, 0), dtype=np.float32)


class Slim:
    """Scores x B, where column i of B regresses item i on its nearest `neighbors` others.

    Column i minimises |x_i - X b|^2 / 2 + l2 |b|^2 / 2 + l1 |b| over b >= 0, which is 0 but for the items
    of the highest cosine to i. X is `choices`, the square root of summed weights, `balanced`; x is not
    balanced. A dislike pushes away what goes with it. An empty history, or one of unknown
    rows or dislikes alone, gets no candidates.

    Solved by coordinate descent, a block of items at a time. Memory: that of the weights, n_items *
    neighbors * 8 bytes, and of one block of items times the catalogue.

    Sources: Ning and Karypis, SLIM: Sparse linear methods for top-n recommender systems, ICDM 2011, in
    its fsSLIM form (neighbours by cosine as candidates).
    """

    name = "slim"

    def __init__(self, *, neighbors: int = 100, l1: float = 0.5, l2: float = 10.0, balance: float = 0.8) -> None:
        """`l1` sets small weights to 0, `l2` shrinks all of them; both are in users.

        `balance` is how far users of many choices count no more than others, 0 to 1: see `matrices.balanced`.
        """
        if neighbors < 1 or not l1 >= 0 or not l2 > 0 or not 0 <= balance <= 1:
            raise InputError(
                f"neighbors={neighbors}, l1={l1}, l2={l2}, balance={balance}; "
                "expected at least 1, at least 0, more than 0, and 0 to 1"
            )
        self.neighbors = neighbors
        self.l1 = l1
        self.l2 = l2
        self.balance = balance
        self.weights_: Any = _EMPTY
        """(n_items, n_items) sparse float32: row j holds what having item j adds to other items."""

    def fit(self, interactions: Interactions) -> Self:
        """Solve for the weights of each item, a block of items at a time."""
        chosen = balanced(choices(interactions), self.balance).tocsc()
        norms = np.sqrt(chosen.power(2).sum(axis=0).A1)
        parts = [
            self._block(chosen, norms, start, min(start + BLOCK_ITEMS, interactions.n_items))
            for start in range(0, interactions.n_items, BLOCK_ITEMS)
        ]
        self.weights_ = sparse.vstack(parts, format="csr").T.tocsr() if parts else _EMPTY
        return self

    def score(self, histories: Sequence[History]) -> Scores:
        """(len(histories), n_items) float32: the sum of the weights of what was chosen."""
        scores: Scores = (asked(histories, self.weights_.shape[0]) @ self.weights_).toarray()
        return scores

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        """The `k` items of the highest score for each history."""
        return answers(self.score, histories, k, self.name, exclude)

    def save(self, folder: Path) -> None:
        """Write the weights to `folder`/slim.npz."""
        kept, config = self.weights_, np.array([self.neighbors, self.l1, self.l2, self.balance])
        write_arrays(folder, self.name, config=config, indptr=kept.indptr, indices=kept.indices, data=kept.data)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ReleaseError when the file is missing or damaged."""
        config, *parts = read_arrays(folder, cls.name, "config", "data", "indices", "indptr")
        neighbors, l1, l2, balance = config.tolist()
        model = cls(neighbors=int(neighbors), l1=l1, l2=l2, balance=balance)
        n_items = len(parts[-1]) - 1
        model.weights_ = sparse.csr_matrix(tuple(parts), shape=(n_items, n_items))
        return model

    def _block(self, chosen: Any, norms: NDArray[np.float64], start: int, end: int) -> Any:
        """Rows `start` to `end` of the weights by target: (end - start, n_items) sparse."""
        dots = (chosen[:, start:end].T @ chosen).toarray()
        near = _nearest(dots, norms, start, self.neighbors)
        targets = np.take_along_axis(dots, near, axis=1)
        grams = np.stack([_gram(chosen[:, rows]) for rows in near])
        found = _descend(grams, targets, self.l1, self.l2)
        kept = found > 0
        indptr = np.concatenate([[0], np.cumsum(kept.sum(axis=1))])
        return sparse.csr_matrix((found[kept], near[kept], indptr), shape=dots.shape)


def _nearest(dots: NDArray[np.float32], norms: NDArray[np.float64], start: int, neighbors: int) -> Rows:
    """(len(dots), at most neighbors) int64: the items of the highest cosine to each, the item itself never."""
    cosines = dots / np.maximum(norms, 1e-9).astype(np.float32)
    own = np.arange(len(dots))
    cosines[own, start + own] = -1
    count = min(neighbors, dots.shape[1] - 1)
    if count == 0:
        return np.empty((len(dots), 0), np.int64)
    return np.sort(np.argpartition(-cosines, count, axis=1)[:, :count], axis=1)


def _gram(columns: Any) -> NDArray[np.float32]:
    gram: NDArray[np.float32] = (columns.T @ columns).toarray()
    return gram


def _descend(grams: NDArray[np.float32], targets: NDArray[np.float32], l1: float, l2: float) -> NDArray[np.float32]:
    """(n, neighbors) float32 weights of 0 or more, for `n` elastic nets at once, one coordinate of each at a time.

    `grams` is (n, neighbors, neighbors) and `targets` (n, neighbors): dot products among the neighbours,
    and of each with the item to regress.
    """
    weights = np.zeros_like(targets)
    squares = np.einsum("bii->bi", grams)
    for _ in range(SWEEPS):
        for at in range(targets.shape[1]):
            explained = np.einsum("bi,bi->b", grams[:, at], weights)
            left = targets[:, at] - explained + squares[:, at] * weights[:, at]
            weights[:, at] = np.maximum(left - l1, 0) / (squares[:, at] + l2)
    return weights
