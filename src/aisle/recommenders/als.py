"""Tastes in a few hundred dimensions, learned from who chose what: implicit matrix factorisation."""

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

FEW_CHOICES = 20_000
"""Up to so many choices are learned by one thread: more of them would wait for each other longer than they work."""


class Als:
    """Scores u . v(i), the vector of a history times that of an item.

    Learned by alternating least squares: minimise the sum over all users and items of c (p - u . v)^2
    + l2 (|u|^2 + |v|^2), where p = 1 and c = alpha * x for what was chosen, p = 0 and c = 1 for all else;
    x is `choices`, the square root of summed weights. A history's vector is the exact solution given the
    items' vectors, so a history that nobody had before is answered as well as any; a dislike counts as
    p = 0 with c = alpha * |x|. An empty history, or one of unknown rows or dislikes alone, gets no
    candidates.

    Source: Hu, Koren and Volinsky, Collaborative filtering for implicit feedback datasets, ICDM 2008;
    learned by the library `implicit`.
    """

    name = "als"

    def __init__(
        self, *, factors: int = 256, alpha: float = 10.0, l2: float = 10.0, iterations: int = 15, seed: int = 0
    ) -> None:
        """`alpha` is how much more a choice counts than none, `l2` shrinks the vectors."""
        if factors < 1 or not alpha > 0 or not l2 > 0 or iterations < 1:
            raise InputError(
                f"factors={factors}, alpha={alpha}, l2={l2}, iterations={iterations}; expected all above 0"
            )
        self.factors = factors
        self.alpha = alpha
        self.l2 = l2
        self.iterations = iterations
        self.seed = seed
        self.vectors_: Vectors = np.zeros((0, 0), np.float32)
        """(n_items, factors) float32, the vectors of the items."""
        self.gram_: NDArray[np.float32] = np.zeros((0, 0), np.float32)
        """(factors, factors) float32, v'v + l2 I: what every history's equation starts from, G."""
        self.solved_: Vectors = np.zeros((0, 0), np.float32)
        """(n_items, factors) float32, v G^-1."""

    def fit(self, interactions: Interactions) -> Self:
        """Find the vectors of the items."""
        self.vectors_ = self._learned(choices(interactions))
        self._prepare()
        return self

    def score(self, histories: Sequence[History]) -> Scores:
        """(len(histories), n_items) float32: how well each item fits the taste; near 1 for what was chosen."""
        known = asked(histories, len(self.vectors_))
        tastes = np.zeros((len(histories), self.vectors_.shape[1]), np.float32)
        for position, (start, end) in enumerate(zip(known.indptr[:-1], known.indptr[1:], strict=True)):
            tastes[position] = self._taste(known.indices[start:end], known.data[start:end])
        scores: Scores = tastes @ self.vectors_.T
        return scores

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        """The `k` items of the highest score for each history."""
        return answers(self.score, histories, k, self.name, exclude)

    def save(self, folder: Path) -> None:
        """Write the vectors of the items to `folder`/als.npz."""
        config = np.array([self.factors, self.alpha, self.l2, self.iterations, self.seed])
        write_arrays(folder, self.name, config=config, vectors=self.vectors_)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ReleaseError when the file is missing or damaged."""
        config, vectors = read_arrays(folder, cls.name, "config", "vectors")
        factors, alpha, l2, iterations, seed = config.tolist()
        model = cls(factors=int(factors), alpha=alpha, l2=l2, iterations=int(iterations), seed=int(seed))
        model.vectors_ = vectors
        model._prepare()
        return model

    def _learned(self, chosen: Any) -> Vectors:
        from implicit.cpu.als import AlternatingLeastSquares  # noqa: PLC0415
        from threadpoolctl import threadpool_limits  # noqa: PLC0415

        if chosen.nnz == 0:
            return np.zeros((chosen.shape[1], self.factors), np.float32)
        # implicit runs threads of its own: those of BLAS beside them would fight for the same cores
        with threadpool_limits(1, "blas"):
            model = AlternatingLeastSquares(
                factors=self.factors,
                alpha=self.alpha,
                regularization=self.l2,
                iterations=self.iterations,
                random_state=self.seed,
                num_threads=1 if chosen.nnz <= FEW_CHOICES else 0,
            )
            model.fit(chosen, show_progress=False)
        vectors: Vectors = model.item_factors
        return vectors

    def _prepare(self) -> None:
        gram = self.vectors_.T @ self.vectors_ + np.float32(self.l2) * np.eye(self.vectors_.shape[1], dtype=np.float32)
        self.gram_ = gram
        self.solved_ = np.linalg.solve(gram.astype(np.float64), self.vectors_.T).T.astype(np.float32)

    def _taste(self, rows: NDArray[np.int32], values: NDArray[np.float32]) -> NDArray[np.float32]:
        """(factors,) float32: the least squares solution for one history, (G + Y' W Y)^-1 Y' p."""
        chosen, solved = self.vectors_[rows], self.solved_[rows]
        trust = self.alpha * np.abs(values)
        pull, extra = np.where(values > 0, trust, 0), trust - 1
        if len(rows) < self.vectors_.shape[1]:
            # the same is G^-1 Y' (I + W Y G^-1 Y')^-1 p: a system of the history's length, which is mostly short
            system = np.eye(len(rows)) + extra[:, None] * (chosen @ solved.T)
            taste = solved.T @ np.linalg.solve(system, pull)
        else:
            taste = np.linalg.solve(self.gram_ + (chosen.T * extra) @ chosen, pull @ chosen)
        return taste.astype(np.float32)
