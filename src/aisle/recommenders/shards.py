"""A table of items over several processes: each holds some of the rows, learns them alone, and asks for the others."""

import math
from collections.abc import Iterable
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_, get_total_norm

from aisle.encoders.learning.distributed import is_first, n_processes, own_part, rank
from aisle.recommenders.softmax import MAX_SCORES, fast_type

DRAWN_AT_ONCE = 65_536
"""Rows: a table is never whole in one process, not even while it is drawn."""


class Shard(nn.Parameter):
    """Rows that this process alone holds, of a table in several."""


def fresh_rows(n: int, dim: int) -> nn.Parameter:
    """Those of `n` rows, drawn from a standard normal distribution, that are this process's `own_part`.

    All processes draw alike, and draw what one would.
    """
    part = own_part(n)
    rows = torch.empty(part.stop - part.start, dim)
    for start in range(0, n, DRAWN_AT_ONCE):
        drawn = torch.randn(min(DRAWN_AT_ONCE, n - start), dim)
        low, high = max(start, part.start), min(start + len(drawn), part.stop)
        if low < high:
            rows[low - part.start : high - part.start] = drawn[low - start : high - start]
    return Shard(rows) if n_processes() > 1 else nn.Parameter(rows)


def looked_up(rows: Tensor, shard: Tensor, first_row: int) -> Tensor:
    """(*rows.shape, dim): the rows of the whole table, each from the process whose `shard`, from `first_row`, has it.

    Vocabulary-parallel embedding: each process looks up what it has, and the sum over the processes has all
    (Shoeybi et al., Megatron-LM, 2019, section 3).
    """
    if n_processes() == 1:
        return nn.functional.embedding(rows, shard)
    places = rows - first_row
    here = (places >= 0) & (places < len(shard))
    found = nn.functional.embedding(places.where(here, 0), shard) * here[..., None]
    summed: Tensor = _Sum.apply(found)  # type: ignore[no-untyped-call]
    return summed


def used_by_all(weight: Tensor) -> Tensor:
    """`weight`, which every process applies to its own rows: its gradient is the sum of theirs."""
    if n_processes() == 1:
        return weight
    used: Tensor = _Used.apply(weight)  # type: ignore[no-untyped-call]
    return used


def total(x: Tensor) -> Tensor:
    """The sum of `x`, of the same shape in all processes, without a gradient."""
    if n_processes() > 1:
        dist.all_reduce(x)
    return x


def highest(x: Tensor) -> Tensor:
    """The highest of `x`, value by value, of all processes, without a gradient."""
    if n_processes() > 1:
        dist.all_reduce(x, dist.ReduceOp.MAX)
    return x


def whole_rows(shard: Tensor, n: int) -> Tensor:
    """The table of `n` rows in the first process; the others keep their `shard`."""
    if n_processes() == 1:
        return shard
    if not is_first():
        dist.send(shard.contiguous(), 0)
        return shard
    found = [shard]
    for other in range(1, n_processes()):
        n_rows = n * (other + 1) // n_processes() - n * other // n_processes()
        found.append(shard.new_empty(n_rows, *shard.shape[1:]))
        dist.recv(found[-1], other)
    return torch.cat(found)


def clip_gradients(weights: Iterable[nn.Parameter], max_norm: float) -> None:
    """Cut the gradients of `weights` to the length `max_norm`, that of the rows in other processes counted."""
    weights = list(weights)
    own = [weight.grad for weight in weights if isinstance(weight, Shard) and weight.grad is not None]
    if n_processes() == 1:
        clip_grad_norm_(weights, max_norm)
        return
    same = [weight.grad for weight in weights if not isinstance(weight, Shard) and weight.grad is not None]
    length = math.hypot(float(total(get_total_norm(own).square()).sqrt()), float(get_total_norm(same)))
    torch._foreach_mul_(own + same, min(1.0, max_norm / (length + 1e-6)))


def parted_softmax_loss(
    hidden: Tensor, shard: Tensor, targets: Tensor, bias: Tensor | None, smoothing: float, n_items: int
) -> Tensor:
    """`softmax_loss` over `n_items` items of which this process has those in `shard` (m, dim).

    `targets` are places in `shard`, -1 for those of other processes; `bias` is (m,) or None. Only a number for each
    row of `hidden` and the gradient of `hidden` travel between processes, never scores or items.

    Source: the vocabulary-parallel cross-entropy of Shoeybi et al., Megatron-LM, 2019.
    """
    given = hidden, shard, targets, bias, smoothing, n_items
    loss: Tensor = _PartedSoftmaxLoss.apply(*given)  # type: ignore[no-untyped-call]
    return loss


class _PartedSoftmaxLoss(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, shard: Tensor, targets: Tensor, bias: Tensor | None, smoothing: float, n_items: int
    ) -> Tensor:
        kind = fast_type()
        queries, items = hidden.detach().to(kind), shard.detach().to(kind)
        flat = None if bias is None else bias.to(kind)
        to_hidden, to_shard = torch.empty_like(hidden), torch.zeros_like(shard)
        chosen = torch.zeros(len(hidden))
        step = max(1, MAX_SCORES * n_processes() // n_items)  # the same in all
        for start in range(0, len(hidden), step):
            part = slice(start, start + step)
            scores = queries[part] @ items.T
            if flat is not None:
                scores += flat
            shares = torch.softmax(scores, dim=1) * _share_of_all(scores).to(kind)
            at = torch.nonzero(targets[part] >= 0).flatten(), targets[part][targets[part] >= 0]
            chosen[part][at[0]] = shares[at].float()
            shares[at] -= 1 - smoothing
            to_hidden[part] = (shares @ items).float()
            to_shard += (shares.T @ queries[part]).float()
        if smoothing:
            to_hidden -= smoothing / n_items * shard.detach().sum(0)
            to_shard -= smoothing / n_items * hidden.detach().sum(0)
        ctx.save_for_backward(total(to_hidden).div_(len(hidden)), to_shard.div_(len(hidden)))
        return -total(chosen).clamp_(min=1e-30).log_().mean()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        to_hidden, to_shard = ctx.saved_tensors
        return grads[0] * to_hidden, grads[0] * to_shard, None, None, None, None


def _share_of_all(scores: Tensor) -> Tensor:
    """(n, 1) float32: how much of the softmax over all items falls to `scores` (n, m), those of this process."""
    logs = torch.logsumexp(scores.float(), dim=1)
    of_each = [torch.empty_like(logs) for _ in range(n_processes())]
    dist.all_gather(of_each, logs)
    return torch.softmax(torch.stack(of_each), dim=0)[rank()][:, None]


class _Sum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return total(x.detach().clone())

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        return grads[0]


class _Used(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, weight: Tensor) -> Tensor:
        return weight.view_as(weight)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        return total(grads[0].clone())
