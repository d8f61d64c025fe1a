"""What goes together: items that the same people chose."""

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from aisle.errors import InputError
from aisle.recommenders.files import read_arrays, write_arrays
from aisle.recommenders.interactions import decay
from aisle.recommenders.protocol import History, Interactions, check_k, exclusions
from aisle.recommenders.slate import liked
from aisle.types import Candidates, Rows, Scores, best_first, no_candidates

MAX_BLOCK_ENTRIES = 2_000_000
"""Most similarities at work at once while fitting: about 50 bytes each, so 100 MB, besides what is kept."""
BATCH = 1_000
"""Histories answered in one sparse product."""
_EMPTY = sparse.csr_matrix((0, 0), dtype=np.float32)


class ItemKnn:
    """Cosine between items over the users who chose them, shrunk, the nearest of each item kept.

    x(u, i) = square root of the summed weights of u's events with i, so that a buyer counts as
    many times a viewer as the weights say, not that squared; a sum below 0 counts as nothing.
    sim(i, j) = x_i . x_j / (|x_i| |x_j| + shrinkage); score(u, i) = sum over u's history of
    weight(j) * sim(j, i), so a dislike pushes its neighbours away. Only scores above 0 are proposed:
    an empty history, or one of unknown rows or dislikes alone, gets no candidates.

    Source: Sarwar et al., Item-based collaborative filtering recommendation algorithms, WWW 2001;
    shrinkage as in Koren, Factorization meets the neighborhood, KDD 2008.

    What goes together ages slowly, so by default only histories decay and not what is learned: on
    MovieLens 100k a half-life of 14 days in both costs a fifth of HR@10.
    """

    name = "item_knn"

    def __init__(self, *, neighbors: int = 100, shrinkage: float = 10.0, half_life_days: float = math.inf) -> None:
        """Keep `neighbors` of each item; `half_life_days` is that of the events learned from."""
        if neighbors < 1 or not shrinkage >= 0 or not half_life_days > 0:
            raise InputError(
                f"neighbors={neighbors}, shrinkage={shrinkage}, half_life_days={half_life_days}; "
                "expected at least 1, at least 0 and more than 0"
            )
        self.neighbors = neighbors
        self.shrinkage = shrinkage
        self.half_life_days = half_life_days
        self.similarities_: Any = _EMPTY
        """(n_items, n_items) sparse float32: row j holds the neighbours of item j, in the order of rows."""

    def fit(self, interactions: Interactions) -> Self:
        """Find the neighbours of each item, a block of items at a time."""
        choices = _choices(interactions, self.half_life_days)
        norms = np.sqrt(np.bincount(choices.indices, choices.data**2, minlength=interactions.n_items))
        chosen_by = choices.T.tocsr()
        parts = [self._nearest(start, chosen_by[start:end] @ choices, norms) for start, end in _blocks(choices)]
        self.similarities_ = sparse.vstack(parts, format="csr", dtype=np.float32) if parts else _EMPTY
        return self

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        """The `k` items that go best with each history."""
        excluded = exclusions(histories, k, exclude)
        found: list[Candidates] = []
        for start in range(0, len(histories), BATCH):
            scores = self._scores(histories[start : start + BATCH])
            for position, out in enumerate(excluded[start : start + BATCH]):
                rows, values = _row(scores, position)
                found.append(liked(values, k, self.name, out, rows))
        return found

    def similar(self, rows: Rows, k: int) -> list[Candidates]:
        """The `k` nearest of each item, nearest first; none for an unknown row."""
        check_k(k)
        return [self._neighbors_of(int(row), k) for row in rows]

    def save(self, folder: Path) -> None:
        """Write the neighbours to `folder`/item_knn.npz."""
        kept = self.similarities_
        config = np.array([self.neighbors, self.shrinkage, self.half_life_days], np.float64)
        write_arrays(folder, self.name, config=config, indptr=kept.indptr, indices=kept.indices, data=kept.data)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ReleaseError when the file is missing or damaged."""
        config, *parts = read_arrays(folder, cls.name, "config", "data", "indices", "indptr")
        neighbors, shrinkage, half_life_days = config.tolist()
        model = cls(neighbors=int(neighbors), shrinkage=shrinkage, half_life_days=half_life_days)
        n_items = len(parts[-1]) - 1
        model.similarities_ = sparse.csr_matrix(tuple(parts), shape=(n_items, n_items))
        return model

    def _nearest(self, start: int, products: Any, norms: NDArray[np.float64]) -> Any:
        """The rows from `start` of the similarities, out of dot products of their items with all items."""
        products.sort_indices()
        items = np.repeat(np.arange(start, start + products.shape[0]), np.diff(products.indptr))
        values = products.data / (norms[items] * norms[products.indices] + self.shrinkage)
        values[items == products.indices] = -np.inf
        kept = []
        for first, last in pairwise(products.indptr):
            best = best_first(values[first:last].astype(np.float32), self.neighbors, self.name)
            kept.append(first + np.sort(best.rows))
        chosen = np.concatenate(kept)
        indptr = np.cumsum([0, *map(len, kept)])
        return sparse.csr_matrix((values[chosen], products.indices[chosen], indptr), shape=products.shape)

    def _scores(self, histories: Sequence[History]) -> Any:
        """(len(histories), n_items) sparse float32, indices in order."""
        known = [history.known(self.similarities_.shape[0]) for history in histories]
        indptr = np.cumsum([0, *(len(history.rows) for history in known)])
        rows = np.concatenate([history.rows for history in known])
        weights = np.concatenate([history.weights for history in known])
        asked = sparse.csr_matrix((weights, rows, indptr), shape=(len(known), self.similarities_.shape[0]))
        scores = asked @ self.similarities_
        scores.sort_indices()
        return scores

    def _neighbors_of(self, row: int, k: int) -> Candidates:
        if not 0 <= row < self.similarities_.shape[0]:
            return no_candidates(self.name)
        rows, values = _row(self.similarities_, row)
        return best_first(values, k, self.name, rows)


def _choices(interactions: Interactions, half_life_days: float) -> Any:
    """(n_users, n_items) sparse float64: the square root of how much each user chose each item."""
    times = interactions.times
    left = decay(times.max() - times, half_life_days) if len(times) else np.empty(0)
    shape = (interactions.n_users, interactions.n_items)
    choices = sparse.csr_matrix((interactions.weights * left, (interactions.users, interactions.rows)), shape=shape)
    choices.data = np.sqrt(np.maximum(choices.data, 0))
    choices.eliminate_zeros()
    return choices


def _blocks(choices: Any) -> list[tuple[int, int]]:
    """Ranges of items whose similarities to all items fit MAX_BLOCK_ENTRIES, or of one item where it alone does not."""
    n_items = choices.shape[1]
    n_chosen = np.diff(choices.indptr)
    # each user of an item brings at most as many neighbours as items were chosen
    most = np.bincount(choices.indices, np.repeat(n_chosen, n_chosen), minlength=n_items)
    totals = np.concatenate([[0], np.cumsum(np.minimum(most, n_items))])
    blocks, start = [], 0
    while start < n_items:
        end = int(np.searchsorted(totals, totals[start] + MAX_BLOCK_ENTRIES, side="right")) - 1
        blocks.append((start, max(end, start + 1)))
        start = blocks[-1][1]
    return blocks


def _row(matrix: Any, row: int) -> tuple[Rows, Scores]:
    part = slice(matrix.indptr[row], matrix.indptr[row + 1])
    return matrix.indices[part].astype(np.int64), matrix.data[part]
