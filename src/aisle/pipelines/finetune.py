"""Fine-tune a model on what a shop knows: for search, to read users, for re-ranking, or to tell texts apart."""

from dataclasses import replace
from pathlib import Path

from aisle.encoders import located
from aisle.encoders.families import read_json
from aisle.encoders.finetuning.recipe import check_method
from aisle.errors import InputError
from aisle.pipelines.build import Progress
from aisle.pipelines.finetune_classify import finetune_classify
from aisle.pipelines.finetune_rerank import finetune_rerank
from aisle.pipelines.finetune_search import finetune_search
from aisle.pipelines.finetuned import Finetuned, FinetunePlan
from aisle.pipelines.own_models import origin
from aisle.settings import Settings, use_setting
from aisle.store import Store

SAME_CUT = {"search": "queries", "rerank": "queries", "user": "histories"}
"""What the parts to learn from and to measure on are drawn from, by task; of classify it is any file."""


def finetune(store: Store, settings: Settings, folder: Path, plan: FinetunePlan, progress: Progress) -> Finetuned:
    """Fine-tune as `plan` says, save the model in `folder`/models, and say what it is worth.

    Raises InputError when there is too little to learn from, when the model cannot learn this or does not fit into
    memory, and when the disk is full; MissingExtraError without peft where the method needs it.
    """
    check_method(plan.recipe.method)
    plan = with_model(plan, settings, folder)
    check_start(plan, folder)
    if plan.task == "classify":
        return finetune_classify(store, folder, plan, progress)
    teach = finetune_rerank if plan.task == "rerank" else finetune_search
    return teach(store, settings, folder, plan, progress)


def with_model(plan: FinetunePlan, settings: Settings, folder: Path) -> FinetunePlan:
    """The plan with the model that it starts from, by the settings of the shop in `folder` where it names none."""
    if plan.model:
        return plan
    chosen = settings.search.reranker if plan.task == "rerank" else ""
    return replace(plan, model=origin(chosen or settings.encoder.model, folder))


def check_start(plan: FinetunePlan, folder: Path) -> None:
    """Raise InputError when `plan` would measure on queries, or histories, that the model it starts from has seen.

    The cut follows from the seed, so that going on by the same seed asks none of them again.
    """
    told = read_json(Path(located(plan.model, folder)).expanduser() / "aisle.json")
    if told.get("task") not in SAME_CUT or SAME_CUT[told["task"]] != SAME_CUT.get(plan.task):
        return
    seed = told["recipe"]["seed"]
    if plan.folds > 1 or plan.recipe.seed != seed:
        raise InputError(
            f"{plan.model} has learned from nine tenths of what would be asked (seed {seed}), so it cannot be "
            f"measured with seed {plan.recipe.seed} and {plan.folds} folds; use --seed {seed} and no --folds, or start "
            f"--from {told['origin']}"
        )


def use(folder: Path, done: Finetuned) -> bool:
    """Write the settings that make the shop in `folder` use the model into its aisle.toml; False when it is no better.

    Then nothing is written: a model has to earn its place.
    """
    if done.quality.after <= done.quality.before or not done.settings:
        return False
    for path, value in done.settings.items():
        use_setting(folder, path, value)
    return True
