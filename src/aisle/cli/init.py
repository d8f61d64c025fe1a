"""`aisle init`: make the folder of a new shop."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

import aisle
from aisle.cli.console import say


def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make; it must not hold a shop yet.", metavar="SHOP")],
    name: Annotated[str, typer.Option(help="The shop's name, shown on the storefront; default: the folder's.")] = "",
) -> None:
    """Make a new, empty shop.

    Writes SHOP/aisle.toml, SHOP/store.db and SHOP/releases/.
    """
    with closing(aisle.init(folder, name=name)) as shop:
        say(f'Made the shop "{shop.settings.shop.name}" in {folder}. Next: aisle ingest items FILE --shop {folder}')
