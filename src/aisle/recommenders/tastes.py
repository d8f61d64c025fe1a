"""A history as one vector, the taste, and how likely each item is given it: what models of cosines serve."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.recommenders.matrices import asked
from aisle.recommenders.protocol import History
from aisle.types import Scores, Vectors


def chances(
    histories: Sequence[History],
    vectors: Vectors,
    shares: NDArray[np.float32],
    biases: NDArray[np.float32],
    temperature: float,
) -> Scores:
    """(len(histories), n_items) float32: softmax over i of temperature * cos(t, v(i)) + b(i), t = x (shares * vectors).

    `vectors` are (n_items, factors) float32 of length 1, `shares` (n_items,) float32 how much each item says about
    a taste, `biases` (n_items,) float32; x is how much each item was chosen, see matrices.asked. All 0 for a
    history without a like and for one whose parts cancel out, and 0 for an item whose share is 0.
    """
    known = asked(histories, len(vectors))
    tastes = known.multiply(shares).tocsr() @ vectors
    lengths = np.linalg.norm(tastes, axis=1, keepdims=True)
    scores: Scores = (tastes / np.maximum(lengths, 1e-12) * np.float32(temperature)) @ vectors.T
    scores += biases
    scores -= scores.max(axis=1, keepdims=True, initial=-np.inf)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    scores[~_likes(known) | (lengths[:, 0] < 1e-6)] = 0
    scores[:, shares == 0] = 0
    return scores


def _likes(known: Any) -> NDArray[np.bool_]:
    """(n,) bool: whether anything in each history is liked."""
    liked: NDArray[np.bool_] = np.asarray((known > 0).sum(axis=1)).ravel() > 0
    return liked
