"""`aisle finetune`: teach a pre-trained model what this shop knows, and say what it brought."""

import math
import time
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

import aisle
from aisle.cli.console import print_json, say, show, table
from aisle.cli.options import HERE, AsJson, Cluster, Precision, Processes, Seed, Shard, ShopFolder, wrong_call
from aisle.cli.progress import reported_progress

if TYPE_CHECKING:
    from aisle.pipelines.finetuned import Finetuned

METHODS = (
    "What learns: lora, full, adapters (IA3), prompt (learned words), bitfit (biases); lora changes 3 % of the weights."
)
LOSSES = (
    "Tasks search and user: contrastive, soft-contrastive (words and meaning teach, too), bce and cosent (grades), "
    "margin-mse (a reranker teaches)."
)


def finetune(
    shop: ShopFolder = HERE,
    task: Annotated[
        str,
        typer.Option(
            help="search (the encoder by queries), user (by histories), rerank (a cross-encoder), classify (a head).",
            metavar="NAME",
        ),
    ] = "search",
    model: Annotated[
        str, typer.Option("--from", help="Where it starts: a Hugging Face id or a folder; else the shop's model.")
    ] = "",
    method: Annotated[str, typer.Option(help=METHODS, metavar="NAME")] = "lora",
    loss: Annotated[str, typer.Option(help=LOSSES, metavar="NAME")] = "contrastive",
    minutes: Annotated[
        float, typer.Option(help="Longest time of learning; encoding the items before and after comes on top.")
    ] = 10.0,
    epochs: Annotated[float, typer.Option(help="Most passes over the pairs or texts.")] = 3.0,
    name: Annotated[str, typer.Option(help="Of the new folder in models/; else the task's.", metavar="NAME")] = "",
    use: Annotated[bool, typer.Option("--use", help="If it is better, write it into aisle.toml.")] = False,
    folds: Annotated[
        int, typer.Option(min=1, help="With 2 and more: measure by cross-validation; learns once a fold and once more.")
    ] = 1,
    texts: Annotated[
        str, typer.Option(help="Task classify: CSV, Parquet or JSON lines; else the items' categories.", metavar="FILE")
    ] = "",
    text: Annotated[str, typer.Option(help="Column of the texts.", metavar="COLUMN")] = "text",
    label: Annotated[str, typer.Option(help="Column of the labels.", metavar="COLUMN")] = "label",
    numbers: Annotated[bool, typer.Option("--numbers", help="The labels are numbers, not classes.")] = False,
    out_of_scope: Annotated[
        str, typer.Option(help="The label of texts that belong to no class.", metavar="LABEL")
    ] = "",
    balanced: Annotated[bool, typer.Option("--balanced", help="Weigh rare classes more.")] = False,
    smoothing: Annotated[float, typer.Option(help="Label smoothing of classes, from 0 to 1.")] = 0.0,
    dropout: Annotated[
        float, typer.Option(help="Task classify: share of hidden values and of words left out in each step.")
    ] = 0.0,
    augment: Annotated[
        float, typer.Option(help="Share of texts changed in each pass: typos, synonyms, parts of items left out.")
    ] = 0.0,
    learning_rate: Annotated[float, typer.Option(help="0 takes the usual one of the method.")] = 0.0,
    batch: Annotated[int, typer.Option(help="Pairs or texts in a step.")] = 64,
    negatives: Annotated[int, typer.Option(help="Hard negatives mined for each pair.")] = 1,
    frozen_layers: Annotated[int, typer.Option(help="Method full: lowest layers that do not learn.")] = 0,
    dims: Annotated[
        str, typer.Option(help="Matryoshka: leading dimensions that are to be vectors too: 64,128.", metavar="NUMBERS")
    ] = "",
    precision: Precision = "auto",
    processes: Processes = 1,
    shard: Shard = False,
    seed: Seed = 0,
    cluster: Cluster = "",
    json: AsJson = False,
) -> None:
    """Fine-tune a model on the shop's judgments, clicks and purchases, or on a file of labelled texts.

    A tenth of the queries or texts is kept apart: on it the model is measured before and after. A graphics
    card is used where there is one.
    """
    from aisle.encoders.finetuning.recipe import Recipe  # noqa: PLC0415 - `--help` need not wait for it
    from aisle.pipelines.finetuned import FinetunePlan  # noqa: PLC0415

    if shard and processes == 1:
        raise typer.BadParameter("--shard needs --processes 2 or more")
    with wrong_call():
        recipe = Recipe(
            method=cast(Any, method),
            loss=cast(Any, loss),
            learning_rate=learning_rate,
            epochs=epochs,
            batch=batch,
            budget_s=minutes * 60,
            negatives=negatives,
            frozen_layers=frozen_layers,
            dims=parse_dims(dims),
            augment=augment,
            dropout=dropout,
            label_smoothing=smoothing,
            balanced=balanced,
            precision=cast(Any, precision),
            shard=shard,
            seed=seed,
        )
        plan = FinetunePlan(
            cast(Any, task), model, name, recipe, folds, texts, text, label, numbers=numbers, out_of_scope=out_of_scope
        )
    started = time.perf_counter()
    with closing(aisle.open(shop)) as opened, reported_progress() as progress:
        done, used = opened.finetune(plan, progress, cluster=cluster, processes=processes), False
        if use:
            from aisle.pipelines.finetune import use as write_settings  # noqa: PLC0415

            used = write_settings(opened.folder, done)
    if json:
        print_json({**asdict(done), "folder": str(done.folder), "used": used})
    else:
        report(done)
    say(f"Saved in {done.folder}, {(time.perf_counter() - started) / 60:.1f} minutes")
    say(next_step(done, shop, used))


def report(done: "Finetuned") -> None:
    """Show what the model was worth before and after."""
    quality = done.quality
    rows = [
        (name, f"{value:.4f}", f"{low:.3f} to {high:.3f}")
        for name, value, (low, high) in (
            (quality.baseline, quality.before, quality.before_interval),
            ("fine-tuned", quality.after, quality.after_interval),
        )
    ]
    show(table(("", quality.measure, "95 %"), rows, right=(quality.measure,)))
    more = quality.after - quality.before
    gain = f"{more:+.4f}" if math.isnan(quality.gain) else f"{quality.gain:+.1%}"
    show(
        f"{gain} on {quality.n} held-out questions, p = {quality.comparison.p_randomised:.3f}; "
        f"{done.n_trainable:,} of {done.n_weights:,} weights learned from {done.n_learned_from:,} examples"
    )
    for name, value in done.extra.items():
        show(f"{name}: {value:.4f}")
    say(f"Learning ended: {done.ending}")


def next_step(done: "Finetuned", shop: Path, used: bool) -> str:
    """What to do now."""
    if done.task == "classify":
        return f'To ask it: aisle classify {done.folder} "a text"; in Python: aisle.encoders.load_classifier'
    if used:
        return f"aisle.toml names it; next: aisle build --shop {shop}"
    if done.quality.after <= done.quality.before:
        return "It is no better than before, so nothing should use it; try more minutes, another method, or more data"
    from aisle.settings import toml_value  # noqa: PLC0415

    lines = ", ".join(f"{path} = {toml_value(value)}" for path, value in done.settings.items())
    return f"To use it, run again with --use, or set {lines} in aisle.toml; then: aisle build --shop {shop}"


def parse_dims(text: str) -> tuple[int, ...]:
    """The numbers of `--dims`. Raises typer.BadParameter for anything else.

    >>> parse_dims("64, 128")
    (64, 128)
    """
    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise typer.BadParameter(f"--dims {text}; expected whole numbers parted by commas: 64,128") from error
