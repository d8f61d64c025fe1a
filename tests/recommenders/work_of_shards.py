"""What the tests of parted tables let processes do: a module of its own, which new processes can import."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from aisle.encoders.learning.distributed import is_first, n_processes, of_all, own_part
from aisle.recommenders.bert4rec import Bert4Rec
from aisle.recommenders.learning import Learned
from aisle.recommenders.protocol import Holdout, Interactions
from aisle.recommenders.sasrec import SasRec
from aisle.recommenders.sequence_learning import SequenceNetwork
from aisle.recommenders.sequence_model import SequenceModel
from aisle.recommenders.shards import parted_softmax_loss, whole_rows
from aisle.recommenders.softmax import softmax_loss
from aisle.types import Candidates, Vectors


def models(n_items: int) -> dict[str, SequenceModel]:
    """Small models, with dropout: over all items; asked by a token, with negatives and features."""
    features = np.random.default_rng(0).standard_normal((n_items, 3)).astype(np.float32)
    small: Any = {"dim": 16, "layers": 1, "length": 8, "batch": 128, "epochs": 3}
    return {
        "all": SasRec(**small, smoothing=0.1),
        "sampled": Bert4Rec(**small, negatives=10, features=features, temperature=0.0, averaging=0.5),
    }


@dataclass(frozen=True)
class Fitted:
    """What became of a model."""

    learned: Learned
    vectors: Vectors
    held: list[int]
    """Rows of the table in each process."""
    proposed: list[Candidates]


def fitted(model: SequenceModel, log: Interactions, holdout: Holdout) -> Fitted:
    """`model` after it learned, in the processes that have joined."""
    model.fit(log, holdout)
    table = SequenceNetwork(model, torch.ones(len(model.rows_)), None).table
    proposed = model.recommend(holdout.histories, 10) if is_first() else []
    return Fitted(model.learned_, model.vectors_, of_all(len(table.vectors)), proposed)


def losses(smoothing: float) -> Sequence[Tensor]:
    """Loss and gradients of 31 items and 50 histories, the items in parts where there are several processes."""
    torch.manual_seed(0)
    hidden, table, bias = torch.randn(50, 8), torch.randn(31, 8), torch.randn(31)
    targets = torch.randint(31, (50,))
    part = own_part(31)
    h, t = hidden.requires_grad_(), table[part].clone().requires_grad_()
    if n_processes() == 1:
        loss = softmax_loss(h, t, targets, bias, smoothing)
    else:
        own = (targets - part.start).where((targets >= part.start) & (targets < part.stop), -1)
        loss = parted_softmax_loss(h, t, own, bias[part], smoothing, 31)
    loss.backward()  # type: ignore[no-untyped-call]
    assert h.grad is not None and t.grad is not None
    return loss.detach(), h.grad, whole_rows(t.grad, 31)


def everything(log: Interactions, holdout: Holdout, tell: Callable[..., None]) -> tuple[Any, ...]:
    """All of the above."""
    found = {name: fitted(model, log, holdout) for name, model in models(log.n_items).items()}
    return found, losses(0.0), losses(0.1)
