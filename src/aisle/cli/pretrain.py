"""`aisle pretrain`: teach a language model how this shop speaks."""

from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, cast

import typer

import aisle
from aisle.cli.console import print_json, say, show, table
from aisle.cli.options import HERE, AsJson, Cluster, Precision, Processes, Seed, Shard, ShopFolder, wrong_call
from aisle.cli.progress import noted, reported_progress


def pretrain(
    shop: ShopFolder = HERE,
    objective: Annotated[
        str, typer.Option(help="masked: hidden tokens (BERT). causal: the next token (GPT).", metavar="NAME")
    ] = "masked",
    source: Annotated[
        str,
        typer.Option(
            "--from", help="Go on from this model: all-MiniLM-L6-v2, a folder or a Hugging Face id.", metavar="MODEL"
        ),
    ] = "",
    size: Annotated[str, typer.Option(help="Of a new model: tiny, small or base.", metavar="NAME")] = "tiny",
    vocabulary: Annotated[int, typer.Option(help="Most tokens of a new model's tokenizer.", metavar="N")] = 8_000,
    texts: Annotated[
        list[str] | None,
        typer.Option(
            help="More texts: a file with one a line, or FILE:COLUMN of a CSV, JSON Lines or Parquet file. Repeatable.",
            metavar="FILE",
        ),
    ] = None,
    minutes: Annotated[float, typer.Option(help="How long it learns.", metavar="MINUTES")] = 5.0,
    steps: Annotated[int, typer.Option(help="Optimiser steps instead of minutes.", metavar="N")] = 0,
    max_tokens: Annotated[int, typer.Option(help="Longer texts are cut into pieces.", metavar="N")] = 128,
    batch_tokens: Annotated[int, typer.Option(help="Tokens of a step.", metavar="N")] = 1_024,
    learning_rate: Annotated[
        float, typer.Option(help="0 is 0.003 for a new tiny model, 0.001 for another, 0.0001 to go on.", metavar="RATE")
    ] = 0.0,
    whole_words: Annotated[bool, typer.Option("--whole-words", help="Hide all pieces of a word together.")] = False,
    precision: Precision = "auto",
    name: Annotated[str, typer.Option(help="The model goes to models/NAME in the shop's folder.", metavar="NAME")] = "",
    fresh: Annotated[bool, typer.Option("--fresh", help="Start over where a run was interrupted.")] = False,
    tensorboard: Annotated[bool, typer.Option("--tensorboard", help="Write events for TensorBoard.")] = False,
    wandb: Annotated[str, typer.Option(help="Log to this project of Weights & Biases.", metavar="PROJECT")] = "",
    processes: Processes = 1,
    shard: Shard = False,
    seed: Seed = 0,
    cluster: Cluster = "",
    json: AsJson = False,
) -> None:
    """Pre-train a language model on the shop's titles, descriptions and queries.

    The model, its loss curve and how it was made go to models/NAME. Interrupted and run again, it goes on exactly.
    """
    from aisle.encoders.learning.tracking import Tracking  # noqa: PLC0415 - `--help` need not wait for it
    from aisle.encoders.pretraining.plan import Pretraining  # noqa: PLC0415

    if shard and processes == 1:
        raise typer.BadParameter("--shard needs --processes 2 or more")
    with wrong_call():
        plan = Pretraining(
            objective=cast(Any, objective),
            source=source,
            size=cast(Any, size),
            vocabulary=vocabulary,
            max_tokens=max_tokens,
            minutes=minutes,
            steps=steps,
            learning_rate=learning_rate,
            batch_tokens=batch_tokens,
            whole_words=whole_words,
            precision=cast(Any, precision),
            shard=shard,
            seed=seed,
        )
    with closing(aisle.open(shop)) as opened, reported_progress() as report:
        progress, note = noted(report)
        tracking = Tracking(tensorboard, wandb, note)
        result = opened.pretrain(
            plan,
            name=name,
            texts=texts or (),
            fresh=fresh,
            tracking=tracking,
            progress=progress,
            cluster=cluster,
            processes=processes,
        )
    if json:
        return print_json(result)
    show(table(("measure", "value"), _rows(result), right=("value",)))
    if result.resumed_from:
        say(f"Went on from step {result.resumed_from:,}")
    say(f"Ended because {result.ending}. The model is in {result.folder}")
    own = Path("models") / result.folder.name
    if plan.objective == "masked":
        say(f'To search with it: set encoder.model = "{own}" in aisle.toml, then run: aisle build --shop {shop}')
        say(f"It finds better once it is fine-tuned: aisle finetune --shop {shop} --from {own}")


def _rows(result: Any) -> list[tuple[str, str]]:
    rows = [
        ("texts learned from", f"{result.n_texts:,}"),
        ("tokens of them", f"{result.n_tokens:,}"),
        ("weights", f"{result.n_parameters:,}"),
        ("steps", f"{result.n_steps:,}"),
        ("seconds of learning", f"{result.elapsed_s:.0f}"),
        ("tokens/s", f"{result.tokens_per_s:,.0f}"),
        ("held-out loss, by frequency alone", f"{result.unigram_loss:.4f}"),
        ("held-out loss, before", f"{result.loss_before:.4f}"),
        ("held-out loss, after", f"{result.loss_after:.4f}"),
        ("below frequency alone", f"{result.gain:.1%}"),
    ]
    if result.pairs_right is not None:
        rows.append(("descriptions told from foreign ones", f"{result.pairs_right:.1%}"))
    return rows
