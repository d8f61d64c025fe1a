"""How many steps fit into the time given, so that the learning rate has fallen to 0 when it ends."""

import math
import time
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

from torch import Tensor, nn

from aisle.encoders.finetuning.recipe import Recipe
from aisle.encoders.learning.course import Course, Learned, Precision, Step
from aisle.encoders.learning.devices import computed_with, device, mixed, moved
from aisle.encoders.learning.distributed import agreed
from aisle.encoders.learning.loop import learn

B = TypeVar("B")
Watch = Callable[[Step, int], None]
"""Hears of each step, and how many there will be at most."""
N_TIMED = 3
CHECKED_SHARE = 0.2
"""Most of a budget that checks may take: with little time they are fewer than the recipe wants."""


def learn_by(
    recipe: Recipe,
    network: nn.Module,
    batches: Callable[[int], Iterable[B]],
    loss_of: Callable[[B], Tensor],
    n_batches: int,
    quality: Callable[[], float] | None = None,
    watch: Watch | None = None,
) -> Learned:
    """`learn` at the pace of `recipe`; `n_batches` are in an epoch. Raises InputError as `learn` does."""
    course = paced_course(recipe, network, batches, loss_of, n_batches, quality)

    def told(step: Step) -> None:
        if watch:
            watch(step, course.steps)

    return learn(network, batches, loss_of, course, quality=quality, watch=told)


def paced_course(
    recipe: Recipe,
    network: nn.Module,
    batches: Callable[[int], Iterable[B]],
    loss_of: Callable[[B], Tensor],
    n_batches: int,
    quality: Callable[[], float] | None = None,
) -> Course:
    """The course of `recipe.epochs` passes over `n_batches`, or of as many steps as `recipe.budget_s` allows.

    With a budget a few steps and one check of `quality` are timed first, which counts; without one nothing is run, and
    the same seed learns the same.
    """
    steps, checks = max(1, math.ceil(recipe.epochs * n_batches)), recipe.checks
    began = time.perf_counter()
    if math.isfinite(recipe.budget_s):
        step_s = agreed(seconds_of_a_step(network, batches, loss_of, recipe.precision))
        check_s = agreed(_seconds(quality)) if quality else 0.0
        left = recipe.budget_s - agreed(time.perf_counter() - began)
        checks = max(1, min(checks, int(CHECKED_SHARE * left / max(check_s, 1e-9))))
        steps = max(1, min(steps, int((left - checks * check_s) / step_s)))
    return Course(
        steps=steps,
        learning_rate=recipe.rate,
        check_every=math.ceil(steps / checks),
        patience=recipe.patience,
        precision=recipe.precision,
        budget_s=max(1e-3, recipe.budget_s - (time.perf_counter() - began)),
        seed=recipe.seed,
        shard=recipe.shard,
    )


def seconds_of_a_step(
    network: nn.Module,
    batches: Callable[[int], Iterable[B]],
    loss_of: Callable[[B], Tensor],
    precision: Precision = "auto",
) -> float:
    """Seconds that forward and backward of one batch take; the network's weights stay as they are."""
    where = device()
    network.to(where).train()
    began, n_steps = time.perf_counter(), 0
    for number, batch in enumerate(islice(batches(0), N_TIMED + 1)):
        with mixed(computed_with(precision, where), where):
            loss = loss_of(moved(batch, where))
        loss.backward()  # type: ignore[no-untyped-call]
        float(loss.detach())  # waits for a graphics card
        network.zero_grad(set_to_none=True)
        n_steps = number
        if not number:  # the first makes what all later ones use again
            began = time.perf_counter()
    return max(1e-4, (time.perf_counter() - began) / n_steps) if n_steps else 1e-4


def _seconds(work: Callable[[], float]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
