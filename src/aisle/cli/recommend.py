"""`aisle recommend`: what would this user be shown?"""

from contextlib import closing

import aisle
from aisle.cli.console import print_json, show
from aisle.cli.options import HERE, AsJson, Count, SessionId, ShopFolder, UserId, wrong_call
from aisle.cli.tables import hits_table


def recommend(
    user: UserId = "", shop: ShopFolder = HERE, k: Count = 10, session: SessionId = "", json: AsJson = False
) -> None:
    """Recommend items to a user. Someone unknown gets what is popular now."""
    with closing(aisle.open(shop)) as opened, wrong_call():
        shelf = opened.recommend(user, k, session_id=session)
    if json:
        return print_json(shelf)
    show(hits_table(shelf.hits, f"{shelf.name}, in {shelf.latency_ms:.1f} ms"))
