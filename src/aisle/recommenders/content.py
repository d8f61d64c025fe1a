"""What is like it by description: the nearest by vector. Knows new items that nobody has touched yet."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError
from aisle.recommenders.files import read_arrays, write_arrays
from aisle.recommenders.protocol import History, Interactions, check_k, exclusions
from aisle.recommenders.slate import liked
from aisle.types import Candidates, ItemVectors, Rows, Scores, no_candidates

MAX_BLOCK_SCORES = 16_000_000
"""Most scores held at once: 4 bytes each, so 64 MB; one history at least, however large the catalogue."""
PUSH = 0.5
"""How far dislikes push, next to likes of the same weight."""


class Content:
    """Cosine between a taste and the vectors of all items.

    taste(u) = sum(w+ v) / W+ - 0.5 * sum(|w-| v) / max(W+, W-), over the vectors v of u's history,
    where w+ are the weights above 0, w- those below, W+ and W- the sums of their sizes. A dislike thus
    pushes away, and never outweighs what is liked. Only scores above 0 are proposed: an empty
    history, or one of unknown rows or dislikes alone, gets no candidates.

    Source: Rocchio, Relevance feedback in information retrieval, 1971.
    """

    name = "content"

    def __init__(self, vectors: ItemVectors) -> None:
        """`vectors` is (n_items, dim) float32, L2-normalised, by row; it is kept, not copied.

        An array is looked through for numbers that are none; vectors of an index were when they were written.
        """
        if len(vectors.shape) != 2:
            raise InputError(f"vectors have shape {vectors.shape}; expected (n_items, dim)")
        if isinstance(vectors, np.ndarray) and not np.isfinite(vectors).all():
            rows = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
            raise InputError(
                f"the vectors of {len(rows)} items, first row {rows[0]}, are not finite; use 0 for unknown"
            )
        self.vectors = vectors

    def fit(self, interactions: Interactions) -> Self:
        """Check that there is a vector for each item; nothing is learned from behaviour."""
        if interactions.n_items != len(self.vectors):
            raise InputError(f"{len(self.vectors)} vectors for {interactions.n_items} items; give one an item")
        return self

    def score(self, histories: Sequence[History]) -> Scores:
        """(len(histories), n_items) float32: cosines with the taste of each history; 0 where nothing is known of it."""
        scores = np.zeros((len(histories), len(self.vectors)), np.float32)
        for position, history in enumerate(histories):
            taste = self._taste(history.known(len(self.vectors)))
            if taste is not None:
                scores[position] = self.vectors.dot(taste)
        return scores

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        """The `k` items nearest to the taste in each history."""
        excluded = exclusions(histories, k, exclude)
        tastes = [self._taste(history.known(len(self.vectors))) for history in histories]
        return self._nearest(tastes, k, excluded)

    def similar(self, rows: Rows, k: int) -> list[Candidates]:
        """The `k` nearest of each item, nearest first; none for an unknown row."""
        check_k(k)
        tastes = [self.vectors[row] if 0 <= row < len(self.vectors) else None for row in rows]
        return self._nearest(tastes, k, [rows[position : position + 1] for position in range(len(rows))])

    def save(self, folder: Path) -> None:
        """Write the vectors to `folder`/content.npz; where they are kept elsewhere, `Content(vectors)` does as well."""
        write_arrays(folder, self.name, vectors=np.asarray(self.vectors))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ReleaseError when the file is missing or damaged."""
        return cls(*read_arrays(folder, cls.name, "vectors"))

    def _taste(self, history: History) -> NDArray[np.float32] | None:
        """(dim,) float32 of length 1, or None where nothing is liked or likes and dislikes cancel out."""
        likes, dislikes = np.maximum(history.weights, 0), np.maximum(-history.weights, 0)
        n_likes, n_dislikes = likes.sum(), dislikes.sum()
        if n_likes == 0:
            return None
        pulls = likes / n_likes - PUSH * dislikes / max(n_likes, n_dislikes)
        taste = pulls @ self.vectors[history.rows]
        length = np.linalg.norm(taste)
        return taste / length if length > 1e-6 else None

    def _nearest(
        self, tastes: Sequence[NDArray[np.float32] | None], k: int, excluded: Sequence[Rows]
    ) -> list[Candidates]:
        found = [no_candidates(self.name)] * len(tastes)
        asked = [(position, taste) for position, taste in enumerate(tastes) if taste is not None]
        step = max(1, MAX_BLOCK_SCORES // max(1, len(self.vectors)))
        for start in range(0, len(asked), step):
            block = asked[start : start + step]
            scores = self.vectors.dot(np.stack([taste for _, taste in block], axis=1))
            for (position, _), values in zip(block, np.ascontiguousarray(scores.T), strict=True):
                found[position] = liked(values, k, self.name, excluded[position])
        return found
