"""What fine-tuning is asked for, and what comes of it: values alone, so that nothing heavy is loaded for them."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from aisle.encoders.finetuning.recipe import Recipe
from aisle.errors import InputError, nearest
from aisle.evaluation.significance import Comparison, compare, intervals
from aisle.pipelines.own_models import check_name, command_line, origin

Task = Literal["search", "user", "rerank", "classify"]
TASKS: tuple[str, ...] = get_args(Task)
R2 = "R2"
"""The measure of numbers: the share of their variance that is foretold."""


@dataclass(frozen=True, slots=True)
class FinetunePlan:
    """What is to be fine-tuned. Raises InputError for an unknown task, a name that is no folder's, too few folds."""

    task: Task = "search"
    model: str = ""
    """Where it starts: as in encoder.model; empty: what encoder.model names."""
    name: str = ""
    """Of the folder in models/; empty: the task's."""
    recipe: Recipe = field(default_factory=lambda: Recipe())
    folds: int = 1
    """With 2 and more quality is measured by cross-validation, so that every query or text is asked once."""
    texts: str = ""
    """Task classify: a CSV, Parquet or JSON lines file; empty: the shop's items, by category."""
    text: str = "text"
    """Column of `texts`."""
    label: str = "label"
    """Column of what is learned."""
    numbers: bool = False
    """Learn numbers instead of classes."""
    out_of_scope: str = ""
    """A label that is no class: texts that belong to none."""

    def __post_init__(self) -> None:
        if self.task not in TASKS:
            raise InputError(f"task={self.task!r} is no task; {nearest(self.task, TASKS)}")
        check_name(self.name)
        if self.folds < 1:
            raise InputError(f"folds={self.folds}; expected at least 1")
        if self.recipe.method == "prompt" and self.task == "rerank":
            raise InputError("method 'prompt' puts learned words before single texts; a reranker reads pairs: use lora")

    @property
    def chosen_name(self) -> str:
        """The name of the model's folder."""
        return self.name or self.task

    @property
    def command(self) -> str:
        """How the shell would ask for it; values that are as usual are left out."""
        recipe, usual = self.recipe, Recipe()
        names = (
            "epochs",
            "batch",
            "learning_rate",
            "negatives",
            "frozen_layers",
            "augment",
            "dropout",
            "seed",
            "precision",
        )
        values = {name.replace("_", "-"): getattr(recipe, name) for name in names}
        unusual = {name: value for name, value in values.items() if value != getattr(usual, name.replace("-", "_"))}
        options = {
            "task": self.task,
            "method": recipe.method,
            "name": self.chosen_name,
            "loss": recipe.loss if self.task in ("search", "user") else "",
            "minutes": f"{recipe.budget_s / 60:g}",
            "from": self.model,
            "texts": self.texts,
            "text": self.text if self.texts else "",
            "label": self.label if self.texts else "",
            "numbers": self.numbers,
            "out-of-scope": self.out_of_scope,
            "folds": self.folds if self.folds > 1 else 0,
            "dims": ",".join(map(str, recipe.dims)),
            "smoothing": recipe.label_smoothing,
            "balanced": recipe.balanced,
            # 0 is a value of its own where it is not the usual one
            **{name.replace("_", "-"): str(value) for name, value in unusual.items()},
        }
        return command_line("aisle finetune", options)


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a model is before and after, on the same questions, none of which it learned from."""

    measure: str
    baseline: str
    """What stands for before."""
    n: int
    before: float
    after: float
    before_interval: tuple[float, float]
    """95 %, bootstrap."""
    after_interval: tuple[float, float]
    comparison: Comparison

    @property
    def gain(self) -> float:
        """How much better it is, as a share of before; NaN where that is 0, and of R2, which is a share itself."""
        return self.after / self.before - 1 if self.before > 0 and self.measure != R2 else math.nan


def quality_of(measure: str, baseline: str, before: NDArray[np.float64], after: NDArray[np.float64]) -> Quality:
    """The quality of (n,) values of the same questions before and after. Raises InputError without any."""
    compared = compare(after, before)
    bounds = intervals({"before": before, "after": after})
    return Quality(
        measure,
        baseline,
        len(before),
        float(before.mean()),
        float(after.mean()),
        bounds["before"],
        bounds["after"],
        compared,
    )


@dataclass(frozen=True, slots=True)
class Finetuned:
    """A model that was fine-tuned, where it lies and what it is worth."""

    folder: Path
    task: Task
    settings: Mapping[str, Any]
    """Lines for aisle.toml that make the shop use it: {"encoder.model": "models/search"}."""
    quality: Quality
    n_learned_from: int
    """Pairs or texts."""
    n_trainable: int
    """Weights that learned."""
    n_weights: int
    """Weights of the model."""
    ending: str
    """Why learning ended."""
    extra: Mapping[str, float] = field(default_factory=dict)
    """Further measures on the same questions."""


def told(plan: FinetunePlan, done: Finetuned, folder: Path) -> dict[str, Any]:
    """What aisle.json says of how a model of the shop in `folder` was made."""
    quality = asdict(done.quality)
    return {
        "aisle": version("aisle"),
        "command": plan.command,
        "task": plan.task,
        "from": plan.model,
        "origin": origin(plan.model, folder),
        "recipe": {**asdict(plan.recipe), "budget_s": min(plan.recipe.budget_s, 1e9)},
        "learned_from": done.n_learned_from,
        "trainable": done.n_trainable,
        "weights": done.n_weights,
        "ending": done.ending,
        "quality": quality,
        "measures": dict(done.extra),
    }
