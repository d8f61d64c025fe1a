"""`aisle ingest items|events|judgments`: read feeds into the store."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

import typer

import aisle
from aisle.cli.console import print_json, say
from aisle.cli.options import HERE, AsJson, Queries, ShopFolder, wrong_call
from aisle.cli.progress import Report, reported_progress
from aisle.errors import InputError

if TYPE_CHECKING:
    from aisle.pipelines import IngestReport

Read = Callable[[Sequence[str], Mapping[str, str], Report], "IngestReport"]
Kind = Literal["items", "events", "judgments"]
Files = Annotated[list[str], typer.Argument(help="Files of any format that docs/feeds.md lists.", metavar="FILE")]
Pairs = Annotated[
    list[str] | None,
    typer.Option("--map", help="A field's column, as title=product_name. Repeatable.", metavar="FIELD=COLUMN"),
]

app = typer.Typer(no_args_is_help=True, help="Read feeds of items, events or judgments.")


@app.command()
def items(files: Files, shop: ShopFolder = HERE, pairs: Pairs = None, json: AsJson = False) -> None:
    """Add or change items of the catalogue."""
    with closing(aisle.open(shop)) as opened:
        ingest("items", opened.ingest_items, opened.settings.sources.items, files, pairs or (), json)


@app.command()
def events(files: Files, shop: ShopFolder = HERE, pairs: Pairs = None, json: AsJson = False) -> None:
    """Add events: who viewed, clicked, searched, bought what, and when."""
    with closing(aisle.open(shop)) as opened:
        ingest("events", opened.ingest_events, opened.settings.sources.events, files, pairs or (), json)


@app.command()
def judgments(
    files: Files, shop: ShopFolder = HERE, pairs: Pairs = None, queries: Queries = "", json: AsJson = False
) -> None:
    """Add judgments: how well an item answers a query, as graded by people."""
    with closing(aisle.open(shop)) as opened:
        read = partial(opened.ingest_judgments, queries=queries or None)
        ingest("judgments", read, opened.settings.sources.judgments, files, pairs or (), json)


def ingest(
    kind: Kind, read: Read, settled: Mapping[str, str], files: Sequence[str], pairs: Sequence[str], json: bool
) -> None:
    """Read `files`, say what went in and what was set aside; raises InputError when nothing was good."""
    mapping = parse_pairs(pairs)
    show_feeds(kind, files, mapping, settled)
    with reported_progress() as progress:
        report = read(files, mapping, progress)
    if report.n_rejected == report.n_read:
        raise InputError(summary(kind, report))
    say(summary(kind, report))
    if json:
        print_json(report)


def show_feeds(kind: Kind, files: Sequence[str], mapping: Mapping[str, str], settled: Mapping[str, str]) -> None:
    """Say what each feed looks like and what its columns are taken for.

    Raises typer.BadParameter when `mapping`, which was typed, does not fit; InputError when a feed cannot be read.
    """
    from aisle.sources import describe, detect  # noqa: PLC0415 - loads Parquet and XML readers

    for file in files:
        detect(file)
        with wrong_call() if mapping else nullcontext():
            feed = describe(file, kind, {**settled, **mapping})
        say(
            f"{feed.location}: {feed.format}, "
            + ", ".join(f"{field} = {column}" for field, column in feed.mapping.items())
        )


def parse_pairs(pairs: Sequence[str]) -> Mapping[str, str]:
    """The mapping that --map options spell. Raises typer.BadParameter for one that is not FIELD=COLUMN.

    >>> parse_pairs(["title=product_name", "price_cents=price"])
    {'title': 'product_name', 'price_cents': 'price'}
    """
    mapping = {}
    for pair in pairs:
        field, separator, column = (part.strip() for part in pair.partition("="))
        if not (field and separator and column):
            raise typer.BadParameter(f"--map {pair!r}; expected FIELD=COLUMN, as in --map title=product_name")
        mapping[field] = column
    return mapping


def summary(kind: Kind, report: "IngestReport") -> str:
    """One line: how many rows were read, how many went in, and where the others are."""
    if not report.n_read:
        return f"No {kind} found: the files hold no rows"
    n_good = report.n_read - report.n_rejected
    text = f"Read {report.n_read:,} rows: {n_good:,} {kind} good ({report.n_new:,} new)"
    if not report.n_rejected:
        return text
    return f"{text}, {report.n_rejected:,} set aside in {report.quarantine} with line number and reason"
