"""Several processes that learn one network: each runs the same program on its own share of every batch.

Every process has the same data and draws the same batches, so they differ in `rank()` alone. Whatever depends on a
clock, a disk or a measurement is decided by the first process and told to the others. With one process, which has
joined nobody, every function here does nothing and costs nothing.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn

from aisle import errors

T = TypeVar("T")
Answer = TypeVar("Answer", Tensor, tuple[Tensor, Tensor | None])
TIMEOUT_S = 600.0
"""Longest that a process waits for the others before it gives up."""


@contextmanager
def join(timeout_s: float = TIMEOUT_S) -> Iterator[None]:
    """Be one of several processes for the length of the block, as the environment says.

    RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR and MASTER_PORT are those that torchrun, Ray Train and `run` set. Tensors
    on the processor go by gloo, those on graphics cards by NCCL, a card for each process of a machine. A process that
    waits longer than `timeout_s` seconds for the others gets a RuntimeError. Where the launcher has joined already
    (Ray Train does), it is left as it is.
    """
    if dist.is_initialized():
        yield
        return
    cards = torch.cuda.is_available()
    if cards:
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(max(1, torch.get_num_threads() // int(os.environ.get("LOCAL_WORLD_SIZE", "1"))))
    dist.init_process_group("cpu:gloo,cuda:nccl" if cards else "gloo", timeout=timedelta(seconds=timeout_s))
    try:
        yield
    finally:
        dist.destroy_process_group()


def n_processes() -> int:
    """How many processes learn together; 1 for one that has joined nobody."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    """The number of this process, from 0."""
    return dist.get_rank() if n_processes() > 1 else 0


def is_first() -> bool:
    """Whether this process writes files, tells of progress, and decides."""
    return rank() == 0


def from_first(work: Callable[[], T]) -> T:
    """What `work` gives in the first process, which alone does it; the same in all.

    The answer is pickled. An error of Aisle that it raises is raised in all.
    """
    if n_processes() == 1:
        return work()
    told: list[Any] = [None, None, None]
    if is_first():
        try:
            told[0] = work()
        except errors.AisleError as error:
            told[1:] = type(error).__name__, str(error)
    dist.broadcast_object_list(told)
    if told[1]:
        raise remade(told[1], told[2])
    return told[0]  # type: ignore[no-any-return]


def agreed(value: float) -> float:
    """`value` of the first process."""
    if n_processes() == 1:
        return value
    told = torch.tensor([value], dtype=torch.float64)
    dist.broadcast(told, 0)
    return float(told)


def of_all(value: T) -> list[T]:
    """`value` of every process, by rank."""
    if n_processes() == 1:
        return [value]
    told: list[Any] = [None] * n_processes()
    dist.all_gather_object(told, value)
    return told


def own_part(n: int) -> slice:
    """The share of `n` rows that is this process's; the shares differ by one row at most."""
    return slice(n * rank() // n_processes(), n * (rank() + 1) // n_processes())


def apart(work: Callable[[slice], Answer], n: int) -> Answer:
    """What `work` gives for all of `n` rows: each process does its `own_part`, and `gathered` puts them together.

    So a loss over the answer is the loss of the whole batch, negatives of other processes included. An answer is a
    tensor, or a tuple of tensors and None.
    """
    if n_processes() == 1:
        return work(slice(0, n))
    part = own_part(n)
    idle = part.start == part.stop
    # a process without a row does one for nothing, so that all weights take part in its gradient too
    found: Any = work(slice(0, 1) if idle else part)
    several = isinstance(found, tuple)
    parts = [one if one is None else gathered(one[:0] if idle else one) for one in (found if several else (found,))]
    whole: Any = tuple(parts) if several else parts[0]
    return whole  # type: ignore[no-any-return]


def answers(network: nn.Module, tokens: dict[str, Tensor]) -> Tensor:
    """`network(tokens)`, (n, ...) of `n` texts, each process reading its part of them."""

    def of_rows(part: slice) -> Tensor:
        found: Tensor = network({name: one[part] for name, one in tokens.items()})
        return found

    return apart(of_rows, len(tokens["input_ids"]))


def gathered(x: Tensor) -> Tensor:
    """The rows of every process behind one another, by rank; each process may have another number of them.

    All go on from here alike, so each finds the gradient of the whole loss for its own rows by itself. It is handed
    back times the number of processes, because their gradients are averaged at the weights.
    """
    if n_processes() == 1:
        return x
    whole: Tensor = _Gathered.apply(x)  # type: ignore[no-untyped-call]
    return whole


class _Gathered(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        lengths = [int(one) for one in _collected(torch.tensor([len(x)], device=x.device))]
        before = sum(lengths[: rank()])
        ctx.own = slice(before, before + len(x))
        widened = x.new_zeros((max(lengths), *x.shape[1:]))
        widened[: len(x)] = x.detach()
        return torch.cat([one[:length] for one, length in zip(_collected(widened), lengths, strict=True)])

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        own: Tensor = grads[0][ctx.own]
        return own * n_processes()


def _collected(x: Tensor) -> list[Tensor]:
    """`x` of every process, of the same shape in all."""
    found = [torch.empty_like(x) for _ in range(n_processes())]
    dist.all_gather(found, x.contiguous())
    return found


def remade(kind: str, message: str) -> errors.AisleError:
    """The error of class `kind` with `message`, as another process raised it."""
    found: type[errors.AisleError] = getattr(errors, kind, errors.AisleError)
    return found.__new__(found, message)  # a class may be made from other things than its message
