"""`aisle restore`: make a shop again from a backup."""

from pathlib import Path
from typing import Annotated

import typer

import aisle
from aisle.cli.console import print_json, say
from aisle.cli.options import AsJson
from aisle.cli.progress import reported_progress


def restore(
    backup: Annotated[Path, typer.Argument(help="What `aisle backup` made.", metavar="BACKUP")],
    folder: Annotated[Path, typer.Argument(help="The shop's folder; it must be empty, or not there.", metavar="SHOP")],
    json: AsJson = False,
) -> None:
    """Make a shop again from a backup, after checking every file of it."""
    with reported_progress() as report:
        made = aisle.restore(backup, folder, report)
    if json:
        return print_json(made)
    say(f"The shop of {made.created_at:%Y-%m-%d %H:%M} UTC is in {folder}. Next: aisle serve --shop {folder}")
