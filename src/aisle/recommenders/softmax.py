"""The loss of choosing one item among thousands, without ever holding all scores of a batch."""

from typing import Any

import torch
from torch import Tensor

MAX_SCORES = 4_000_000
"""Scores at work at once: 8 MB in bfloat16, near enough to the cache."""


def fast_type() -> torch.dtype:
    """bfloat16 where the processor multiplies it by itself, which takes a third of the time; float32 elsewhere."""
    able = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    return torch.bfloat16 if able() else torch.float32


def softmax_loss(hidden: Tensor, table: Tensor, targets: Tensor, bias: Tensor | None, smoothing: float) -> Tensor:
    """Mean of -log softmax(hidden @ table.T + bias)[target], with label smoothing.

    `hidden` is (n, dim), `table` (m, dim), `targets` (n,) positions in the table, `bias` (m,) or None;
    `smoothing` is the share of each target that goes to all m alike.
    """
    loss: Tensor = _SoftmaxLoss.apply(hidden, table, targets, bias, smoothing)  # type: ignore[no-untyped-call]
    return loss


class _SoftmaxLoss(torch.autograd.Function):
    """Finds the gradients while the scores are at hand, a block of rows at a time, and forgets the scores."""

    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, table: Tensor, targets: Tensor, bias: Tensor | None, smoothing: float
    ) -> Tensor:
        kind = fast_type()
        queries, items = hidden.detach().to(kind), table.detach().to(kind)
        flat = None if bias is None else bias.to(kind)
        n, m = len(queries), len(items)
        to_hidden, to_table = torch.empty_like(hidden), torch.zeros_like(table)
        chosen = torch.empty(n, dtype=torch.float32)
        step = max(1, MAX_SCORES // max(1, m))
        for start in range(0, n, step):
            part = slice(start, start + step)
            scores = queries[part] @ items.T
            if flat is not None:
                scores += flat
            shares = torch.softmax(scores, dim=1)
            at = (torch.arange(len(scores)), targets[part])
            chosen[part] = shares[at].float()
            shares[at] -= 1 - smoothing
            to_hidden[part] = (shares @ items).float()
            to_table += (shares.T @ queries[part]).float()
        if smoothing:
            to_hidden -= smoothing * table.detach().mean(0)
            to_table -= smoothing / m * hidden.detach().sum(0)
        ctx.save_for_backward(to_hidden.div_(n), to_table.div_(n))
        return -chosen.clamp_(min=1e-30).log_().mean()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        to_hidden, to_table = ctx.saved_tensors
        return grads[0] * to_hidden, grads[0] * to_table, None, None, None
