"""How a network is to learn, and how it went."""

import math
from dataclasses import dataclass
from typing import Literal

from aisle.errors import InputError

Precision = Literal["auto", "float32", "bfloat16", "float16"]


@dataclass(frozen=True, slots=True)
class Course:
    """How to learn. Raises InputError when a value is out of range."""

    steps: int
    """Optimiser steps in all."""
    learning_rate: float = 5e-5
    """At its highest, after the warm-up."""
    warmup: float = 0.1
    """Share of the steps in which the learning rate grows from 0; after them it falls to 0, both in a straight line."""
    weight_decay: float = 0.01
    """Decoupled (AdamW): each step shrinks matrices by learning rate * weight_decay."""
    max_norm: float = 1.0
    """Longer gradients are cut to this length."""
    precision: Precision = "auto"
    """Of matrix products: auto is bfloat16 on a graphics card that can, float16 on others, float32 on the processor."""
    check_every: int = 0
    """Steps between checks of quality; 0 checks once, at the end."""
    patience: int = 3
    """Checks without a better one before learning ends."""
    save_every: int = 0
    """Steps between checkpoints; 0 keeps none."""
    budget_s: float = math.inf
    """Seconds of learning after which it ends, those before an interruption counted."""
    seed: int = 0
    """Of dropout and everything else that is drawn by chance."""
    shard: bool = False
    """In several processes, let each hold a part of the weights only: for networks that do not fit into one."""

    def __post_init__(self) -> None:
        if min(self.steps, self.patience) < 1 or min(self.check_every, self.save_every) < 0:
            raise InputError(
                f"steps={self.steps}, patience={self.patience}, check_every={self.check_every}, "
                f"save_every={self.save_every}; expected at least 1, 1, 0 and 0"
            )
        if not (0 < self.learning_rate < math.inf and self.max_norm > 0 and self.budget_s > 0):
            raise InputError(
                f"learning_rate={self.learning_rate}, max_norm={self.max_norm}, budget_s={self.budget_s}; "
                "expected more than 0"
            )
        if not 0 <= self.warmup <= 1 or not self.weight_decay >= 0:
            raise InputError(
                f"warmup={self.warmup}, weight_decay={self.weight_decay}; expected a share from 0 to 1, and at least 0"
            )

    def rate(self, number: int) -> float:
        """The learning rate of step `number`, which counts from 1.

        >>> [Course(4, 1.0, warmup=0.5).rate(number) for number in (1, 2, 3, 4)]
        [0.5, 1.0, 1.0, 0.5]
        """
        rising = round(self.steps * self.warmup)
        if number <= rising:
            return self.learning_rate * number / rising
        return self.learning_rate * (self.steps - number + 1) / (self.steps - rising)


@dataclass(frozen=True, slots=True)
class Step:
    """How one step went."""

    number: int
    """From 1."""
    loss: float
    """Of the step's batch, before the step."""
    quality: float | None
    """What the network was worth after the step, higher is better; None where it was not checked."""
    learning_rate: float
    elapsed_s: float
    """Of learning, those before an interruption counted."""


@dataclass(frozen=True, slots=True)
class Learned:
    """How learning went."""

    steps: tuple[Step, ...]
    """All of them, those before an interruption too."""
    best: int
    """The step whose weights are kept."""
    ending: str
    """Why it ended."""
    resumed_from: int
    """The step of the checkpoint that it went on from; 0 when it began anew."""
