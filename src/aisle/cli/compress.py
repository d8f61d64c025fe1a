"""`aisle compress`: how small and fast can the shop's encoder be?"""

from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

import aisle
from aisle.cli.console import print_json, say, show, table
from aisle.cli.options import HERE, AsJson, Seed, ShopFolder, wrong_call
from aisle.cli.progress import reported_progress

if TYPE_CHECKING:
    from aisle.pipelines.compressed import CompressReport


def compress(
    shop: ShopFolder = HERE,
    model: Annotated[
        str, typer.Option("--from", help="A Hugging Face id or a folder; else the shop's model.", metavar="MODEL")
    ] = "",
    methods: Annotated[
        str, typer.Option(help="Names of docs/compression.md, parted by commas; else all.", metavar="NAMES")
    ] = "",
    keep: Annotated[
        str, typer.Option(help="The method whose model is kept in models/ of the shop's folder.", metavar="METHOD")
    ] = "",
    name: Annotated[str, typer.Option(help="Of the model that is kept; else the method's.", metavar="NAME")] = "",
    use: Annotated[bool, typer.Option("--use", help="Write the kept model into aisle.toml.")] = False,
    minutes: Annotated[
        float, typer.Option(help="Of learning a student and a table; encoding the items comes on top.")
    ] = 10.0,
    layers: Annotated[int, typer.Option(help="Layers that drop-layers and distil leave; 0: half.")] = 0,
    heads: Annotated[int, typer.Option(help="Heads that prune-heads takes away; 0: a quarter.")] = 0,
    dim: Annotated[int, typer.Option(help="Dimensions that truncate leaves; 0: half.")] = 0,
    queries: Annotated[int, typer.Option(help="Most queries that quality is measured on.")] = 300,
    items: Annotated[int, typer.Option(help="Most items that are searched; 0: the whole catalogue.")] = 0,
    seed: Seed = 0,
    json: AsJson = False,
) -> None:
    """Compress the encoder in every way, measure each on the shop's judgments, and recommend one.

    Without judgments quality is the agreement with the whole model's first ten results. The report is
    written to compress/ in the shop's folder: report.json, and report.png, a plot.
    """
    from aisle.pipelines.compressed import METHODS, CompressPlan  # noqa: PLC0415 - `--help` need not wait for it
    from aisle.settings import use_setting  # noqa: PLC0415

    chosen = tuple(part.strip() for part in methods.split(",") if part.strip()) or METHODS
    with wrong_call():
        plan = CompressPlan(chosen, model, minutes, keep, name, layers, heads, dim, queries, items, seed)
    if use and not keep:
        raise typer.BadParameter("--use needs --keep METHOD: which model is to be used?")
    with closing(aisle.open(shop)) as opened, reported_progress() as progress:
        report = opened.compress(plan, progress)
    if use:
        use_setting(opened.folder, "encoder.model", f"models/{name or keep}")
    if json:
        return print_json(asdict(report))
    _show(report)
    for method, why in report.left_out.items():
        say(f"Left out: {method}: {why}")
    if report.measure.startswith("agreement"):
        say("This shop has no judgments: quality is the share of the whole model's first ten results that stay.")
    say(f"Recommended: {report.recommended}: {report.why}")
    say(f"The report is in {opened.folder / 'compress'}")
    if use:
        say(f"aisle.toml names models/{name or keep} now; the next step: aisle build --shop {shop}")
    elif report.kept:
        say(f'Kept in {report.kept}; to use it: set encoder.model = "models/{name or keep}" and run aisle build')
    elif report.recommended != "float32":
        say(f"To use it: aisle compress --shop {shop} --methods {report.recommended} --keep {report.recommended} --use")


def _show(report: "CompressReport") -> None:
    columns = (
        "method",
        report.measure,
        "95 %",
        "of whole",
        "recall@100",
        "model MB",
        "vectors MB",
        "p50 ms",
        "texts/s",
    )
    rows = [
        (
            one.method,
            f"{one.quality:.4f}",
            f"{one.interval[0]:.3f} to {one.interval[1]:.3f}",
            f"{one.share:.1%}",
            f"{one.recall:.3f}",
            f"{one.model_mb:.1f}",
            f"{one.vectors_mb:.1f}",
            f"{one.p50_ms:.2f}",
            f"{one.texts_per_s:,.0f}",
        )
        for one in report.variants
    ]
    show(table(columns, rows, right=columns[1:]))
