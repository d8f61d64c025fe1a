"""Fine-tune a model on what a shop knows: for search, to read users, for re-ranking, or to tell texts apart."""

from dataclasses import replace
from pathlib import Path

from aisle.encoders.finetuning.recipe import check_method
from aisle.pipelines.build import Progress
from aisle.pipelines.finetune_classify import finetune_classify
from aisle.pipelines.finetune_rerank import finetune_rerank
from aisle.pipelines.finetune_search import finetune_search
from aisle.pipelines.finetuned import Finetuned, FinetunePlan
from aisle.settings import Settings, use_setting
from aisle.store import Store


def finetune(store: Store, settings: Settings, folder: Path, plan: FinetunePlan, progress: Progress) -> Finetuned:
    """Fine-tune as `plan` says, save the model in `folder`/models, and say what it is worth.

    Raises InputError when there is too little to learn from, when the model cannot learn this or does not fit into
    memory, and when the disk is full; MissingExtraError without peft where the method needs it.
    """
    check_method(plan.recipe.method)
    if not plan.model:
        chosen = settings.search.reranker if plan.task == "rerank" else ""
        plan = replace(plan, model=chosen or settings.encoder.model)
    if plan.task == "classify":
        return finetune_classify(store, folder, plan, progress)
    teach = finetune_rerank if plan.task == "rerank" else finetune_search
    return teach(store, settings, folder, plan, progress)


def use(folder: Path, done: Finetuned) -> None:
    """Write the settings that make the shop in `folder` use the model into its aisle.toml."""
    for path, value in done.settings.items():
        use_setting(folder, path, value)
