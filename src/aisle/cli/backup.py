"""`aisle backup`: a copy from which the shop can be made again."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

import aisle
from aisle.cli.console import print_json, say
from aisle.cli.options import HERE, AsJson, ShopFolder
from aisle.cli.progress import reported_progress


def backup(
    folder: Annotated[Path, typer.Argument(help="The folder to make; it must not be there.", metavar="FOLDER")],
    shop: ShopFolder = HERE,
    json: AsJson = False,
) -> None:
    """Copy what cannot be made again: settings, store, models and the running release. The shop may serve meanwhile.

    A store in PostgreSQL is not copied: pg_dump does that (docs/operations.md).
    """
    with closing(aisle.open(shop)) as opened, reported_progress() as report:
        made = opened.back_up(folder, report)
    if json:
        return print_json(made)
    say(f"{len(made.files):,} files are in {folder}" + ("" if made.store else "; the store is not: run pg_dump"))
