"""How LightGCN learns, in PyTorch: each choice of a user against items drawn evenly, seen through the graph."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from aisle.recommenders.choice_learning import Lesson, choice_loss, lessons, ndcg, start_vectors
from aisle.recommenders.learning import Progress, learn
from aisle.recommenders.matrices import normalised
from aisle.recommenders.protocol import Holdout
from aisle.types import Vectors

if TYPE_CHECKING:
    from aisle.recommenders.lightgcn import LightGcn

PEOPLE_AT_ONCE = 65_536
"""Most people whose vectors are held at once, 17 MB at 64 factors: all of them may be more than all items."""
NOBODY = np.empty(0, np.int64)


class Spreading:
    """The mean of what 0 to `layers` trips through the graph bring to each item."""

    def __init__(self, chosen: Any, layers: int) -> None:
        """`chosen` is (n_users, n_items) sparse."""
        passed = normalised(chosen)
        self.layers = layers
        self.parts = [passed[at : at + PEOPLE_AT_ONCE] for at in range(0, passed.shape[0], PEOPLE_AT_ONCE)]

    def __call__(self, vectors: Vectors, absent: NDArray[np.int64] = NOBODY) -> Vectors:
        """(n_items, factors) float32 from (n_items, factors) float32; people who are `absent` pass nothing on."""
        total = reached = vectors
        for _ in range(self.layers):
            reached = self._trip(reached, absent)
            total = total + reached
        return total / np.float32(self.layers + 1)

    def _trip(self, vectors: Vectors, absent: NDArray[np.int64]) -> Vectors:
        reached = np.zeros_like(vectors)
        for number, part in enumerate(self.parts):
            people = part @ vectors
            places = absent - number * PEOPLE_AT_ONCE
            people[places[(places >= 0) & (places < len(people))]] = 0
            reached += part.T @ people
        return reached


class _Spread(torch.autograd.Function):
    """`Spreading` as a step of a network. It is a symmetric matrix, so gradients flow back as vectors flow forth."""

    @staticmethod
    def forward(ctx: Any, vectors: Tensor, spreading: Spreading, absent: NDArray[np.int64]) -> Tensor:
        ctx.spreading, ctx.absent = spreading, absent
        return torch.from_numpy(spreading(vectors.numpy(), absent))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        return torch.from_numpy(ctx.spreading(gradients[0].numpy(), ctx.absent)), None, None


class LightGcnNetwork(nn.Module):
    """The vectors of items in layer 0, with their loss."""

    def __init__(self, start: Vectors, spreading: Spreading, scales: NDArray[np.float32], temperature: float) -> None:
        """`start` is (n_items, factors) float32; `scales` (n_items,) float32, how much a choice of each says."""
        super().__init__()
        self.spreading = spreading
        self.temperature = temperature
        self.scales = torch.from_numpy(scales)
        self.vectors = nn.Parameter(torch.from_numpy(start))

    def loss(self, lesson: Lesson) -> Tensor:
        """Mean of -log p(choice | the user's others), each user counting by the square root of the choices asked.

        The users of the lesson are not in the graph: through their own steps from item to item, each choice
        would be known by the others, which no history that is answered has to offer.
        """
        rows, asked = lesson.rows, lesson.asked
        spread = self._spread(lesson.people)
        said = functional.embedding(rows, spread) * (lesson.values * self.scales[rows])[:, None]
        sums = torch.zeros(lesson.n_users, said.shape[1]).index_add(0, lesson.users, said)
        tastes = functional.normalize(sums[lesson.users[asked]] - said[asked], dim=1) * self.temperature
        own = (tastes * _directions(spread, rows[asked])).sum(1)
        return choice_loss(own, tastes @ _directions(spread, lesson.negatives).T, lesson)

    def spread(self) -> Tensor:
        """(n_items, factors) float32, the vectors of items over all layers."""
        return self._spread(NOBODY)

    def _spread(self, absent: NDArray[np.int64]) -> Tensor:
        spread: Tensor = _Spread.apply(self.vectors, self.spreading, absent)  # type: ignore[no-untyped-call]
        return spread


def teach(model: "LightGcn", chosen: Any, holdout: Holdout | None, progress: Progress | None) -> None:
    """Learn from `chosen`, (n_users, n_items) sparse, and leave what was learned in `model`."""
    rng = np.random.default_rng(model.seed)
    scales = scales_of(chosen)
    start = start_vectors(chosen, model.factors, model.seed)
    network = LightGcnNetwork(start, Spreading(chosen, model.layers), scales, model.temperature)

    def epoch() -> Iterator[Lesson]:
        return lessons(chosen, model.batch, model.targets, model.negatives, rng)

    def quality() -> float:
        _hand_over(network, model)
        return ndcg(model, holdout) if holdout else 0.0

    exam = quality if holdout is not None and len(holdout) else None
    model.learned_ = learn(network, epoch, network.loss, model.course, exam, progress)
    _hand_over(network, model)


def scales_of(chosen: Any) -> NDArray[np.float32]:
    """(n_items,) float32, D^-1/2: one over the square root of each item's sum; 0 for an item that nobody chose."""
    sizes = np.asarray(chosen.sum(axis=0), np.float32).ravel()
    return np.where(sizes > 0, np.maximum(sizes, 1e-9) ** -0.5, 0).astype(np.float32)


def _directions(vectors: Tensor, rows: Tensor) -> Tensor:
    return functional.normalize(functional.embedding(rows, vectors), dim=1)


def _hand_over(network: LightGcnNetwork, model: "LightGcn") -> None:
    with torch.no_grad():
        spread = network.spread()
        model.vectors_ = functional.normalize(spread, dim=1).numpy()
        model.shares_ = (spread.norm(dim=1) * network.scales).numpy()
