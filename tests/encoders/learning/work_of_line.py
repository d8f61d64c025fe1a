"""What the tests of launching let processes do: a small network, and no more to import than it needs."""

import os
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from time import sleep

import torch
from torch import Tensor, nn

from aisle.encoders.learning.distributed import apart, from_first, is_first, rank
from aisle.encoders.learning.loop import Course, learn
from aisle.errors import InputError

COURSE = Course(steps=7, learning_rate=0.05, warmup=0.0, save_every=3)
Points = tuple[Tensor, Tensor]


def network() -> nn.Module:
    """With dropout, so that the generators of every process matter."""
    torch.manual_seed(7)
    return nn.Sequential(nn.Linear(2, 8), nn.Dropout(0.2), nn.Linear(8, 1))


def batches(epoch: int) -> Iterator[Points]:
    """Four batches of nine points."""
    drawn = torch.Generator().manual_seed(epoch)
    for _ in range(4):
        x = torch.randn(9, 2, generator=drawn)
        yield x, x.sum(dim=1, keepdim=True)


def losses(folder: Path, shard: bool, tell: Callable[..., None]) -> list[float]:
    """Of each step; the checkpoint is kept in `folder`."""
    line = network()

    def loss_of(batch: Points) -> Tensor:
        return nn.functional.mse_loss(apart(lambda part: line(batch[0][part]), 9), batch[1])

    course = Course(**{name: getattr(COURSE, name) for name in COURSE.__slots__} | {"shard": shard})
    learned = learn(line, batches, loss_of, course, folder=folder, watch=lambda step: tell(step.number))
    return [step.loss for step in learned.steps]


def struck(blow: signal.Signals, folder: Path, shard: bool, tell: Callable[..., None]) -> None:
    """As `losses`, but the second process is killed or stopped when it should take the fifth step."""
    global batches
    if rank() == 1:
        batches = partial(_deadly, batches, blow)
    losses(folder, shard, tell)


def again(folder: Path, whole: Path, shard: bool, tell: Callable[..., None]) -> tuple[list[float], list[float]]:
    """The losses of a run that goes on in `folder`, and those of one that was never interrupted."""
    return losses(folder, shard, tell), losses(whole, shard, lambda *_: None)


def refused(kind: str, tell: Callable[..., None]) -> None:
    """Fails in the second process, in the first as it works for all, or in no way that anybody foresaw."""
    if kind == "first":
        from_first(_mind)
    if rank() == 1:
        raise InputError("one of us minds") if kind == "second" else KeyError("surprise")
    sleep(60)


def _mind() -> None:
    assert is_first()
    raise InputError("one of us minds")


def _deadly(batches: Callable[[int], Iterator[Points]], blow: signal.Signals, epoch: int) -> Iterator[Points]:
    for number, batch in enumerate(batches(epoch)):
        if epoch == 1 and number == 0:
            os.kill(os.getpid(), blow)
        yield batch
