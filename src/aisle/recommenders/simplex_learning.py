"""How SimpleX learns, in PyTorch: each choice of a user against items drawn evenly, given the user's others."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from aisle.recommenders.learning import Progress, learn
from aisle.recommenders.protocol import Holdout
from aisle.recommenders.svd import main_directions
from aisle.types import Vectors

if TYPE_CHECKING:
    from aisle.recommenders.simplex import SimpleX

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
    n_users: int


class SimpleXNetwork(nn.Module):
    """Vectors, shares and biases of the items, with their loss."""

    def __init__(self, start: Vectors, temperature: float, counts: NDArray[np.int64]) -> None:
        """`start` is (n_items, factors) float32; a share starts at the power -1/4 of `counts`, the item's users."""
        super().__init__()
        self.temperature = temperature
        self.vectors = nn.Parameter(torch.from_numpy(start))
        self.log_shares = nn.Parameter(torch.from_numpy(-0.25 * np.log(np.maximum(counts, 1))).float())
        self.biases = nn.Parameter(torch.zeros(len(start)))

    def loss(self, lesson: Lesson) -> Tensor:
        """Mean of -log p(choice | the user's others); each user counts by the square root of the choices asked."""
        rows, users, asked = lesson.rows, lesson.users, lesson.asked
        said = self._directions(rows) * (lesson.values * self.log_shares[rows].exp())[:, None]
        sums = torch.zeros(lesson.n_users, said.shape[1]).index_add(0, users, said)
        tastes = functional.normalize(sums[users[asked]] - said[asked], dim=1) * self.temperature
        own = (tastes * self._directions(rows[asked])).sum(1) + self.biases[rows[asked]]
        others = tastes @ self._directions(lesson.negatives).T + self.biases[lesson.negatives]
        losses = torch.logsumexp(torch.cat([own[:, None], others], 1), 1) - own
        counts = torch.bincount(users[asked], minlength=lesson.n_users)[users[asked]]
        return (losses / counts.sqrt()).sum() / (1 / counts.sqrt()).sum()

    def _directions(self, rows: Tensor) -> Tensor:
        return functional.normalize(functional.embedding(rows, self.vectors), dim=1)


def teach(model: "SimpleX", chosen: Any, holdout: Holdout | None, progress: Progress | None) -> None:
    """Learn from `chosen`, (n_users, n_items) sparse, and leave what was learned in `model`."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(model.seed)
        rng = np.random.default_rng(model.seed)
        counts = np.bincount(chosen.indices, minlength=chosen.shape[1])
        network = SimpleXNetwork(_start(chosen, model.factors, model.seed), model.temperature, counts)

        def quality() -> float:
            _hand_over(network, model, counts)
            return _ndcg(model, holdout) if holdout else 0.0

        exam = quality if holdout is not None and len(holdout) else None
        lessons = lambda: _lessons(model, chosen, rng)  # noqa: E731
        model.learned_ = learn(network, lessons, network.loss, model.course, exam, progress)
        _hand_over(network, model, counts)


def _start(chosen: Any, factors: int, seed: int) -> Vectors:
    """(n_items, factors) float32 to learn from: the main directions of all choices, which saves most of the epochs."""
    people, sizes = (np.sqrt(np.maximum(np.asarray(chosen.sum(axis=axis)).ravel(), 1e-9)) for axis in (1, 0))
    normalised = chosen.multiply(1 / people[:, None]).multiply(1 / sizes).tocsr().astype(np.float32)
    directions, strengths = main_directions(normalised, factors, seed)
    start = np.random.default_rng(seed).normal(0, 1e-3, (chosen.shape[1], factors)).astype(np.float32)
    start[:, : len(strengths)] += directions * strengths
    lengths: Vectors = np.linalg.norm(start, axis=1, keepdims=True)
    return start / lengths


def _lessons(model: "SimpleX", chosen: Any, rng: np.random.Generator) -> Iterator[Lesson]:
    """One epoch: every user of two choices or more, once."""
    able = rng.permutation(np.flatnonzero(np.diff(chosen.indptr) > 1))
    for start in range(0, len(able), model.batch):
        part = chosen[able[start : start + model.batch]]
        lengths = np.diff(part.indptr)
        users = np.repeat(np.arange(len(lengths)), lengths)
        order = np.lexsort((rng.random(part.nnz), users))
        place = np.arange(part.nnz) - np.repeat(part.indptr[:-1], lengths)
        yield Lesson(
            torch.from_numpy(users),
            torch.from_numpy(part.indices.astype(np.int64)),
            torch.from_numpy(part.data),
            torch.from_numpy(order[place < model.targets]),
            torch.from_numpy(rng.integers(0, part.shape[1], model.negatives)),
            len(lengths),
        )


def _hand_over(network: SimpleXNetwork, model: "SimpleX", counts: NDArray[np.int64]) -> None:
    with torch.no_grad():
        model.vectors_ = functional.normalize(network.vectors, dim=1).numpy()
        model.shares_ = np.where(counts > 0, network.log_shares.exp().numpy(), 0).astype(np.float32)
        model.biases_ = network.biases.numpy().copy()


def _ndcg(model: "SimpleX", holdout: Holdout) -> float:
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
