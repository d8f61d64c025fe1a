"""What models that tell choices from other choices, in no order, share while they learn in PyTorch."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aisle.recommenders.matrices import normalised
from aisle.recommenders.protocol import Holdout, Recommender
from aisle.recommenders.svd import main_directions
from aisle.types import Vectors

DEPTH = 10
"""The cut-off of the NDCG that decides."""
AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Lesson:
    """Some users with all they chose, and which of it they must tell."""

    users: Tensor
    """(n,) int64, from 0: whose each choice is."""
    rows: Tensor
    """(n,) int64."""
    values: Tensor
    """(n,) float32, how much each was chosen."""
    asked: Tensor
    """(m,) int64: which of the n choices are to be predicted."""
    negatives: Tensor
    """(k,) int64, rows drawn evenly."""
    people: NDArray[np.int64]
    """(n_users,) int64, their places among all users."""

    @property
    def n_users(self) -> int:
        """How many they are."""
        return len(self.people)


def lessons(chosen: Any, batch: int, targets: int, negatives: int, rng: np.random.Generator) -> Iterator[Lesson]:
    """One epoch: every user of two choices or more in `chosen`, (n_users, n_items) sparse, once, `batch` at a time.

    At most `targets` choices of each are asked, drawn at random, against `negatives` rows drawn evenly.
    """
    able = rng.permutation(np.flatnonzero(np.diff(chosen.indptr) > 1))
    for start in range(0, len(able), batch):
        people = able[start : start + batch]
        part = chosen[people]
        lengths = np.diff(part.indptr)
        users = np.repeat(np.arange(len(people)), lengths)
        order = np.lexsort((rng.random(part.nnz), users))
        place = np.arange(part.nnz) - np.repeat(part.indptr[:-1], lengths)
        yield Lesson(
            torch.from_numpy(users),
            torch.from_numpy(part.indices.astype(np.int64)),
            torch.from_numpy(part.data),
            torch.from_numpy(order[place < targets]),
            torch.from_numpy(rng.integers(0, part.shape[1], negatives)),
            people,
        )


def choice_loss(own: Tensor, others: Tensor, lesson: Lesson) -> Tensor:
    """Mean of -log p(choice); each user counts by the square root of the choices asked.

    `own` is (m,), the scores of the choices asked, `others` (m, k), those of the negatives beside each; p is
    the softmax over one choice and its negatives. Source: Wu et al., On the effectiveness of sampled softmax
    loss for item recommendation, TOIS 2024.
    """
    losses = torch.logsumexp(torch.cat([own[:, None], others], 1), 1) - own
    users = lesson.users[lesson.asked]
    counts = torch.bincount(users, minlength=lesson.n_users)[users]
    return (losses / counts.sqrt()).sum() / (1 / counts.sqrt()).sum()


def start_vectors(chosen: Any, factors: int, seed: int) -> Vectors:
    """(n_items, factors) float32 to learn from: the main directions of all choices, which saves most of the epochs."""
    directions, strengths = main_directions(normalised(chosen), factors, seed)
    start = np.random.default_rng(seed).normal(0, 1e-3, (chosen.shape[1], factors)).astype(np.float32)
    start[:, : len(strengths)] += directions * strengths
    lengths: Vectors = np.linalg.norm(start, axis=1, keepdims=True)
    return start / lengths


def ndcg(model: Recommender, holdout: Holdout) -> float:
    """Mean NDCG@10, the whole catalogue ranked."""
    gains = []
    for start in range(0, len(holdout), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        found = model.recommend(holdout.histories[part], DEPTH, holdout.excluded[part])
        gains += [_gain(one.rows, rows) for one, rows in zip(found, holdout.relevant[part], strict=True)]
    return float(np.mean(gains))


def _gain(found: NDArray[np.int64], relevant: NDArray[np.int64]) -> float:
    discounts = 1 / np.log2(np.arange(DEPTH) + 2)
    ideal = discounts[: len(np.unique(relevant))].sum()
    return float((np.isin(found, relevant) * discounts[: len(found)]).sum() / ideal) if ideal else 0.0
