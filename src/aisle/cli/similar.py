"""`aisle similar`: what else is like this item?"""

from contextlib import closing
from typing import Annotated

import typer

import aisle
from aisle.cli.console import print_json, show
from aisle.cli.options import HERE, AsJson, Count, ShopFolder
from aisle.cli.tables import hits_table


def similar(
    item: Annotated[str, typer.Argument(help="The shop's own id of the item.", metavar="ITEM_ID")],
    shop: ShopFolder = HERE,
    k: Count = 10,
    bought_together: Annotated[
        bool, typer.Option("--bought-together", help="Show what is bought with it instead.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Show the items most like one item, or those bought together with it."""
    with closing(aisle.open(shop)) as opened:
        shelf = opened.bought_together(item, k) if bought_together else opened.similar(item, k)
    if json:
        return print_json(shelf)
    title = "bought together with" if bought_together else "similar to"
    show(hits_table(shelf.hits, f"{title} {item}, in {shelf.latency_ms:.1f} ms"))
