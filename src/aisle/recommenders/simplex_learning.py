"""How SimpleX learns, in PyTorch: each choice of a user against items drawn evenly, given the user's others."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from aisle.recommenders.choice_learning import Lesson, choice_loss, lessons, ndcg, start_vectors
from aisle.recommenders.learning import Progress, learn
from aisle.recommenders.protocol import Holdout
from aisle.types import Vectors

if TYPE_CHECKING:
    from aisle.recommenders.simplex import SimpleX


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
        return choice_loss(own, others, lesson)

    def _directions(self, rows: Tensor) -> Tensor:
        return functional.normalize(functional.embedding(rows, self.vectors), dim=1)


def teach(model: "SimpleX", chosen: Any, holdout: Holdout | None, progress: Progress | None) -> None:
    """Learn from `chosen`, (n_users, n_items) sparse, and leave what was learned in `model`."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(model.seed)
        rng = np.random.default_rng(model.seed)
        counts = np.bincount(chosen.indices, minlength=chosen.shape[1])
        network = SimpleXNetwork(start_vectors(chosen, model.factors, model.seed), model.temperature, counts)

        def quality() -> float:
            _hand_over(network, model, counts)
            return ndcg(model, holdout) if holdout else 0.0

        exam = quality if holdout is not None and len(holdout) else None

        def epoch() -> Iterator[Lesson]:
            return lessons(chosen, model.batch, model.targets, model.negatives, rng)

        model.learned_ = learn(network, epoch, network.loss, model.course, exam, progress)
        _hand_over(network, model, counts)


def _hand_over(network: SimpleXNetwork, model: "SimpleX", counts: NDArray[np.int64]) -> None:
    with torch.no_grad():
        model.vectors_ = functional.normalize(network.vectors, dim=1).numpy()
        model.shares_ = np.where(counts > 0, network.log_shares.exp().numpy(), 0).astype(np.float32)
        model.biases_ = network.biases.numpy().copy()
