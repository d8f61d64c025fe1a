"""What every way to pre-train promises."""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from aisle.encoders.pretraining.examples import Ragged

CHECKED_TOKENS = 20_000
"""Held-out tokens of a check on the way; the final loss is of all."""


class Objective(Protocol):
    """A network, batches for it, and the loss of one."""

    @property
    def network(self) -> nn.Module:
        """What learns."""
        ...

    @property
    def texts(self) -> Ragged:
        """The tokens of the texts learned from."""
        ...

    def batches(self, epoch: int) -> Iterator[Any]:
        """The batches of an epoch, the same for the same number."""
        ...

    def loss_of(self, batch: Any) -> Tensor:
        """The mean loss of a batch, in nats, for its gradient."""
        ...

    def n_tokens(self, batch: Any) -> int:
        """Tokens of a batch, padding not counted."""
        ...

    def held_out_loss(self, n_tokens: int | None = None) -> float:
        """Mean loss of a token to foretell, in nats, on about `n_tokens` held-out tokens, or all."""
        ...

    def unigram_loss(self) -> float:
        """The same loss, on all, of foretelling by how often a token occurs in the texts learned from."""
        ...

    def pairs_right(self) -> float | None:
        """Share of held-out pairs, half of them false, that are told apart; None where the model tells none."""
        ...


def log_shares(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Logarithm of each token's share of all, one added to each count (Laplace): (vocabulary,) float64.

    >>> np.exp(log_shares(np.array([2, 0]))).round(6).tolist()
    [0.75, 0.25]
    """
    grown = counts + 1.0
    logs: NDArray[np.float64] = np.log(grown / grown.sum())
    return logs
