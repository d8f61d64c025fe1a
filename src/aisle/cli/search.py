"""`aisle search`: what would a shopper see?"""

from contextlib import closing
from typing import TYPE_CHECKING, Annotated, cast

import typer

import aisle
from aisle.cli.console import print_json, say, show
from aisle.cli.options import HERE, AsJson, Count, SessionId, ShopFolder, UserId, wrong_call
from aisle.cli.tables import facets_table, hits_table, search_notes

if TYPE_CHECKING:
    from aisle.types import Sort


def search(
    query: Annotated[str, typer.Argument(help="What a shopper types; empty browses.", metavar="[QUERY]")] = "",
    shop: ShopFolder = HERE,
    k: Count = 10,
    offset: Annotated[int, typer.Option(min=0, max=10_000, help="How many items to skip.")] = 0,
    filters: Annotated[str, typer.Option("--filter", help="Keep what passes: 'price < 20 AND brand = \"Sony\"'.")] = "",
    sort: Annotated[
        str, typer.Option(help="relevance, price_asc, price_desc, rating, newest or popularity.")
    ] = "relevance",
    facets: Annotated[bool, typer.Option("--facets", help="Count brands, categories and prices.")] = False,
    user: UserId = "",
    session: SessionId = "",
    locale: Annotated[str, typer.Option(help="Language of the shopper: en or zh.")] = "en",
    spelling: Annotated[
        bool, typer.Option("--spelling/--no-spelling", help="Mend typing errors, or search for exactly what was typed.")
    ] = True,
    without: Annotated[
        list[str] | None, typer.Option(help="Take back what was understood, by its filter; may be given again.")
    ] = None,
    grouped: Annotated[bool, typer.Option("--grouped", help="Show one item of each group of variants.")] = False,
    json: AsJson = False,
) -> None:
    """Search the shop as a shopper would."""
    with closing(aisle.open(shop)) as opened, wrong_call():
        response = opened.search(
            query, k, offset=offset, filters=filters, sort=cast("Sort", sort), facets=facets,
            user_id=user, session_id=session, locale=locale, spelling=spelling, without=without or (), grouped=grouped,
        )  # fmt: skip
    if json:
        return print_json(response)
    for note in search_notes(response):
        say(note)
    title = f'{response.n_hits:,} items for "{response.corrected or response.query}" in {response.latency_ms:.1f} ms'
    show(hits_table(response.hits, title))
    if response.facets:
        show("", facets_table(response.facets))
