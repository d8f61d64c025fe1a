"""Learn in several processes at once: each opens the shop by itself and does the same, the first writes and tells."""

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from aisle.encoders.learning.launching import run
from aisle.encoders.learning.tracking import Tracking
from aisle.encoders.pretraining.plan import Pretrained, Pretraining
from aisle.errors import InputError
from aisle.pipelines.finetune import finetune
from aisle.pipelines.finetuned import Finetuned, FinetunePlan
from aisle.pipelines.ingest import Progress
from aisle.pipelines.pretrain import pretrain
from aisle.settings import Settings
from aisle.store import open_store

Tell = Callable[..., None]


def finetune_together(
    folder: Path, settings: Settings, plan: FinetunePlan, progress: Progress, n_processes: int
) -> Finetuned:
    """`finetune` in `n_processes` of this machine. Raises as it does, and ProcessError when one of them dies."""
    done: Finetuned = run(finetune_in_step, n_processes, folder, settings, plan, hear=progress)
    return done


def pretrain_together(
    folder: Path,
    settings: Settings,
    plan: Pretraining,
    progress: Progress,
    n_processes: int,
    **options: Any,
) -> Pretrained:
    """`pretrain` with its `options` in `n_processes` of this machine.

    Raises as it does, and ProcessError when one of them dies.
    """
    tracking: Tracking = options.pop("tracking")

    def hear(what: str, *values: object) -> None:
        if what == "note":
            tracking.note(str(values[0]))
        else:
            progress(*values)  # type: ignore[arg-type]

    told = tracking.tensorboard, tracking.wandb
    done: Pretrained = run(pretrain_in_step, n_processes, folder, settings, plan, told, options, hear=hear)
    return done


def finetune_in_step(folder: Path, settings: Settings, plan: FinetunePlan, *, tell: Tell) -> Finetuned:
    """What each of several processes that have joined does; `tell` hears of progress in the first."""
    with closing(open_store(settings.store.url, folder)) as store:
        return finetune(store, settings, folder, plan, tell)


def pretrain_in_step(
    folder: Path,
    settings: Settings,
    plan: Pretraining,
    tracked: tuple[bool, str],
    options: Mapping[str, Any],
    *,
    tell: Tell,
) -> Pretrained:
    """What each of several processes that have joined does; `tell` hears "progress" and "note" in the first.

    `tracked` is whether TensorBoard, and which project of Weights & Biases, sees it; `options` go to `pretrain`.
    """
    tracking = Tracking(*tracked, note=lambda text: tell("note", text))

    def progress(*told: object) -> None:
        tell("progress", *told)

    with closing(open_store(settings.store.url, folder)) as store:
        return pretrain(store, folder, plan, progress, tracking=tracking, **options)


def check_processes(n_processes: int, *, shard: bool) -> None:
    """Raise InputError unless there is a process, and two where weights are to be parted."""
    if n_processes < 1 + shard:
        needs = "; the weights of a model are parted among several" if shard else ""
        raise InputError(f"processes={n_processes}; expected at least {1 + shard}{needs}")
