"""Items as short words: tuples of codes, whose first codes similar items share."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROUNDS = 20
"""Most rounds of k-means a level."""
BLOCK = 4_096
"""Vectors compared with all centres at once."""

Codes = NDArray[np.int64]
"""(n_items, levels + 1) int64, no two rows alike; the last column tells apart items of otherwise equal codes."""


@dataclass(frozen=True, slots=True)
class SemanticIds:
    """What items are called, and what each code means."""

    codes: Codes
    centres: tuple[NDArray[np.float32], ...]
    """For each level but the last (n_codes, dim) float32, each the centre of some item: an item is about the sum of its
    codes' centres."""


def semantic_ids(vectors: NDArray[np.float32], n_codes: int, levels: int, seed: int = 0) -> SemanticIds:
    """Residual quantisation of `vectors`, (n_items, dim): each level codes what the levels before it left over.

    r(0) = v; c(l) = argmin over k of |r(l) - centre(l, k)|; r(l+1) = r(l) - centre(l, c(l)); centres by k-means
    with at most `n_codes` a level. Items that agree in all levels are numbered in the order of their rows. The
    same vectors and seed give the same codes.

    Source: Rajput et al., Recommender systems with generative retrieval (TIGER), NeurIPS 2023, with k-means in place
    of an RQ-VAE; Arthur and Vassilvitskii, k-means++, SODA 2007.

    >>> ids = semantic_ids(np.array([[0.0], [0.0], [8.0], [9.0]], np.float32), n_codes=2, levels=2)
    >>> len({tuple(code) for code in ids.codes.tolist()}), ids.codes[:2, 2].tolist()
    (4, [0, 1])
    """
    rng = np.random.default_rng(seed)
    left = np.array(vectors, np.float32)
    columns: list[NDArray[np.int64]] = []
    centres: list[NDArray[np.float32]] = []
    for _ in range(levels):
        means = _means(left, min(n_codes, max(1, len(left))), rng)
        met, column = np.unique(_nearest(left, means), return_inverse=True)
        centres.append(means[met])
        columns.append(column.reshape(-1))
        left = left - centres[-1][columns[-1]]
    codes = np.stack(columns, axis=1)
    return SemanticIds(np.column_stack([codes, _numbered(codes)]), tuple(centres))


def _numbered(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many rows before each one are equal to it."""
    _, word = np.unique(codes, axis=0, return_inverse=True)
    word = word.reshape(-1)
    order = np.argsort(word, kind="stable")
    first = np.searchsorted(word[order], word[order])
    numbers = np.empty(len(codes), np.int64)
    numbers[order] = np.arange(len(codes)) - first
    return numbers


def _means(vectors: NDArray[np.float32], k: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """(at most k, dim) float32: centres by k-means; fewer where there are fewer different vectors."""
    centres = _spread(vectors, k, rng)
    before = np.empty(0, np.int64)
    for _ in range(ROUNDS):
        nearest = _nearest(vectors, centres)
        if np.array_equal(nearest, before):
            break
        before = nearest
        counts = np.bincount(nearest, minlength=len(centres))
        order = np.argsort(nearest, kind="stable")
        met = np.flatnonzero(counts)
        sums = np.add.reduceat(vectors[order], np.searchsorted(nearest[order], met), axis=0)
        centres[met] = sums / counts[met, None]
    return centres


def _spread(vectors: NDArray[np.float32], k: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """First centres: vectors drawn one by one, the likelier the further (squared) from those drawn before."""
    if len(vectors) == 0:
        return np.zeros((1, vectors.shape[1]), np.float32)
    drawn = [int(rng.integers(len(vectors)))]
    apart = _squares(vectors - vectors[drawn[0]])
    for _ in range(k - 1):
        total = np.cumsum(apart, dtype=np.float64)
        if total[-1] <= 0:
            break
        drawn.append(int(np.searchsorted(total, rng.random() * total[-1], side="right").clip(max=len(vectors) - 1)))
        apart = np.minimum(apart, _squares(vectors - vectors[drawn[-1]]))
    return vectors[drawn]


def _nearest(vectors: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.int64]:
    """(len(vectors),) int64: the nearest centre of each vector, the first of equals."""
    half = _squares(centres) / 2
    nearest = np.empty(len(vectors), np.int64)
    for start in range(0, len(vectors), BLOCK):
        part = slice(start, start + BLOCK)
        nearest[part] = (half - vectors[part] @ centres.T).argmin(axis=1)
    return nearest


def _squares(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    squares: NDArray[np.float32] = np.einsum("ij,ij->i", vectors, vectors)
    return squares
