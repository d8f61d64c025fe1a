"""Who watches a network learn: a curve, TensorBoard, Weights & Biases."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from aisle.encoders.learning.course import Learned, Step
from aisle.errors import MissingExtraError

Watch = Callable[[Step], None]
SMOOTHING = 0.95
"""Share of the old in the moving average that the curve shows beside the losses."""


def watched_by(*watches: Watch | None) -> Watch:
    """One watch that tells all of `watches`; None among them is left out."""
    present = [watch for watch in watches if watch]

    def watch(step: Step) -> None:
        for one in present:
            one(step)

    return watch


def write_history(learned: Learned, path: Path, **more: Any) -> None:
    """Write every step, and `more`, as JSON to `path`."""
    told = {
        "best": learned.best,
        "ending": learned.ending,
        "resumed_from": learned.resumed_from,
        **more,
        "steps": [asdict(step) for step in learned.steps],
    }
    path.write_text(json.dumps(told, indent=1), "utf-8")


def loss_curve(learned: Learned, path: Path) -> None:
    """Draw the loss of each step, its moving average, and the checks of quality, as a PNG at `path`.

    Raises MissingExtraError without matplotlib.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415  an extra
    except ImportError as error:
        raise MissingExtraError("the loss curve", "learn") from error
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    numbers = [step.number for step in learned.steps]
    losses = [step.loss for step in learned.steps]
    axes.plot(numbers, losses, color="0.8", linewidth=0.8, label="loss")
    axes.plot(numbers, list(accumulate(losses, _smooth)), color="tab:blue", label="loss, moving average")
    axes.set_xlabel("step")
    axes.set_ylabel("loss")
    checks = [(step.number, step.quality) for step in learned.steps if step.quality is not None]
    if checks:
        right = axes.twinx()
        right.plot(*zip(*checks, strict=True), color="tab:orange", marker="o", markersize=3, label="quality")
        right.set_ylabel("quality")
        right.axvline(learned.best, color="tab:orange", linestyle=":", label="kept")
        right.legend(loc="upper center")
    axes.legend(loc="upper right")
    figure.savefig(path, dpi=120)


@contextmanager
def tensorboard(folder: Path) -> Iterator[Watch]:
    """A watch that writes events for TensorBoard into `folder`. Raises MissingExtraError without tensorboard."""
    try:
        from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415  an extra
    except ImportError as error:
        raise MissingExtraError("TensorBoard", "tracking") from error
    with SummaryWriter(str(folder)) as writer:

        def watch(step: Step) -> None:
            for name, value in _values(step).items():
                writer.add_scalar(name, value, step.number)

        yield watch


@contextmanager
def wandb(project: str, folder: Path, config: Mapping[str, Any]) -> Iterator[Watch]:
    """A watch that logs to Weights & Biases as a run of `project`, whose files lie in `folder`.

    With WANDB_MODE=offline in the environment nothing is sent. Raises MissingExtraError without wandb.
    """
    try:
        import wandb as library  # noqa: PLC0415  an extra
    except ImportError as error:
        raise MissingExtraError("Weights & Biases", "tracking") from error
    folder.mkdir(parents=True, exist_ok=True)
    mode: Any = os.environ.get("WANDB_MODE")
    with library.init(project=project, dir=str(folder), config=dict(config), mode=mode) as run:
        yield lambda step: run.log(_values(step), step=step.number)


@dataclass(frozen=True, slots=True)
class Tracking:
    """Who else is to see how learning goes; by default nobody."""

    tensorboard: bool = False
    wandb: str = ""
    """A project of Weights & Biases."""
    note: Callable[[str], None] = lambda _: None
    """Hears in words how learning goes."""


@contextmanager
def trackers(tracking: Tracking, folder: Path, config: Mapping[str, Any]) -> Iterator[Watch]:
    """One watch of those that are asked for; with none it does nothing. Files go into `folder`."""
    with ExitStack() as stack:
        asked = []
        if tracking.tensorboard:
            asked.append(stack.enter_context(tensorboard(folder / "tensorboard")))
        if tracking.wandb:
            asked.append(stack.enter_context(wandb(tracking.wandb, folder, config)))
        yield watched_by(*asked)


def _values(step: Step) -> dict[str, float]:
    values = {"loss": step.loss, "learning_rate": step.learning_rate, "quality": step.quality}
    return {name: value for name, value in values.items() if value is not None}


def _smooth(old: float, new: float) -> float:
    return SMOOTHING * old + (1 - SMOOTHING) * new
