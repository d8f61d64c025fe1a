"""One loop for every model that learns in steps: mixed precision, checks, checkpoints, exact resume, no silent NaN."""

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn

from aisle.encoders.learning.checkpoints import (
    load_checkpoint,
    random_states,
    restore_random_states,
    save_checkpoint,
)
from aisle.encoders.learning.course import Course, Learned, Step
from aisle.encoders.learning.devices import device, moved
from aisle.encoders.learning.distributed import from_first, is_first, of_all, rank
from aisle.encoders.learning.run import Run, load_weights
from aisle.encoders.learning.spreading import spread
from aisle.errors import InputError

__all__ = ["Course", "Learned", "Step", "device", "learn", "moved"]

B = TypeVar("B")


def learn(
    network: nn.Module,
    batches: Callable[[int], Iterable[B]],
    loss_of: Callable[[B], Tensor],
    course: Course,
    *,
    quality: Callable[[], float] | None = None,
    folder: Path | None = None,
    watch: Callable[[Step], None] | None = None,
) -> Learned:
    """Teach `network` on `device()`, and leave it there with its best weights, in evaluation mode.

    `batches(epoch)`, from 0, gives the same batches for the same number; `loss_of(batch)` is the mean
    loss of one (a tensor, or a dict, dataclass, list or tuple of tensors), with its tensors on the
    device; `quality()` is what the network is worth now, higher is better, asked in evaluation mode
    without gradients. Without `quality` the last step is the best. Only weights with requires_grad learn.
    `watch` hears of every step.

    With `folder` and `course.save_every` checkpoints are kept there, also when learning ends; where it
    holds one already, learning goes on from it, on the processor bit for bit as if it had never stopped.

    In several processes (see `distributed`) all call it alike, and every process must find the same loss, that of the
    whole batch: `loss_of` has the network answer its own part of the batch, and gathers the answers (`apart`).
    `quality` is asked in all, and that of the first counts; the first alone reads and writes checkpoints and is
    watched. With another number of processes learning goes on as well, but what is drawn by chance differs.

    A loss or gradient that is not finite ends learning with the last weights that were checked. Raises
    InputError when there are none; when there is no batch; when the checkpoint is of another network
    or course; and when a checkpoint cannot be written, after which the one before it is still there.
    """
    course = from_first(lambda: course)
    with spread(network, loss_of, device(), shard=course.shard) as loss_of:
        run = Run(network, course)
        saved = from_first(lambda: load_checkpoint(folder)) if folder else None
        if saved:
            run.restore(saved)
        resumed_from = run.number
        stream = _endless(batches, run.epoch, run.place)
        if saved and not run.ending():
            stream = chain([next(stream)], stream)  # what is skipped may draw by chance as well
            if rank() < len(saved["random"]):
                restore_random_states(saved["random"][rank()])
        ending = _follow(run, stream, loss_of, quality, folder if course.save_every else None, watch)
        if run.kept and run.best != run.number:
            load_weights(network, run.kept)
    network.eval()
    return Learned(tuple(run.steps), run.best, ending, resumed_from)


def _follow(
    run: Run,
    stream: Iterator[tuple[int, int, B]],
    loss_of: Callable[[B], Tensor],
    quality: Callable[[], float] | None,
    folder: Path | None,
    watch: Callable[[Step], None] | None,
) -> str:
    """Take step after step until there is a reason to end, and return it."""
    course = run.course
    while not (ending := run.ending()):
        run.epoch, run.place, batch = next(stream)
        loss = run.step(batch, loss_of)
        if not math.isfinite(loss):
            return _give_up(run, loss)
        run.tick()
        run.steps.append(Step(run.number + 1, loss, None, course.rate(run.number + 1), run.elapsed_s))
        due = bool(course.check_every) and run.number % course.check_every == 0
        if due or run.number == course.steps or run.elapsed_s > course.budget_s:
            last, found = run.steps[-1], run.check(quality)
            run.tick()
            run.steps[-1] = Step(last.number, loss, found, last.learning_rate, run.elapsed_s)
        if watch and is_first():
            watch(run.steps[-1])
        if folder and (run.number % course.save_every == 0 or run.ending()):
            _save(folder, run)
    return ending


def _save(folder: Path, run: Run) -> None:
    state = run.state() | {"random": of_all(random_states())}
    from_first(lambda: save_checkpoint(folder, state))


def _give_up(run: Run, loss: float) -> str:
    """Why learning cannot go on. Raises InputError when no weights were found good before."""
    happened = f"the loss or its gradient became {loss} at step {run.number + 1}"
    remedy = f"lower the learning rate ({run.course.learning_rate:g})"
    if run.dtype != torch.float32:
        remedy += ", or use --precision float32"
    if run.kept is None:
        raise InputError(f"{happened}; {remedy}, and start over")
    load_weights(run.network, run.kept)
    return f"{happened}; the weights of step {run.best} are kept; to get further {remedy}"


def _endless(batches: Callable[[int], Iterable[B]], epoch: int, place: int) -> Iterator[tuple[int, int, B]]:
    """Epoch, number of the batch in it from 1, and batch, after the first `place` batches of `epoch`."""
    while True:
        number = 0
        for number, batch in enumerate(batches(epoch), 1):
            if number > place:
                yield epoch, number, batch
        if not number:
            raise InputError("there is nothing to learn from: not one batch; expected at least one text or pair")
        epoch, place = epoch + 1, 0
