"""`aisle store prune`: which events are kept?"""

from contextlib import closing
from typing import Annotated

import typer

import aisle
from aisle.cli.console import print_json, say
from aisle.cli.options import HERE, AsJson, ShopFolder, wrong_call

KeepDays = Annotated[
    int | None, typer.Option(min=1, help="Drop events older than this; default: store.keep_days.", metavar="DAYS")
]

app = typer.Typer(no_args_is_help=True, help="Look after the events that are kept.")


@app.callback()
def options() -> None:
    """Look after the events that are kept."""


@app.command()
def prune(shop: ShopFolder = HERE, keep_days: KeepDays = None, json: AsJson = False) -> None:
    """Drop old events for good: in PostgreSQL whole months at once. Run it every day."""
    with closing(aisle.open(shop)) as opened, wrong_call():
        pruned = opened.prune(keep_days)
    if json:
        return print_json(pruned)
    months = f", {len(pruned.months)} months of them whole" if pruned.months else ""
    say(f"Dropped {pruned.n_events:,} events before {pruned.before:%Y-%m-%d %H:%M} UTC{months}")
