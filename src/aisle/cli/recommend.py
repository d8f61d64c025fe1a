"""`aisle recommend`: what would this user be shown?"""

from contextlib import closing
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, cast

import typer

import aisle
from aisle.cli.console import print_json, show
from aisle.cli.options import HERE, AsJson, Count, SessionId, ShopFolder, UserId, wrong_call
from aisle.cli.tables import hits_table, next_act_text

if TYPE_CHECKING:
    from aisle.types import ShelfName


def recommend(
    user: UserId = "",
    shop: ShopFolder = HERE,
    k: Count = 10,
    session: SessionId = "",
    shelf: Annotated[
        str, typer.Option(help="for_you, because_viewed, in_your_categories, rising or popular.", metavar="NAME")
    ] = "for_you",
    json: AsJson = False,
) -> None:
    """Recommend items to a user, and say what they may do next. Someone unknown gets what is popular now."""
    with closing(aisle.open(shop)) as opened, wrong_call():
        found = opened.recommend(user, k, session_id=session, shelf=cast("ShelfName", shelf))
        coming = opened.next_act(user, session_id=session)
    if json:
        return print_json({part.name: getattr(found, part.name) for part in fields(found)} | {"next_act": coming})
    show(hits_table(found.hits, f"{found.name}, in {found.latency_ms:.1f} ms"))
    if coming:
        show(f"Next act: {next_act_text(coming)}")
