"""Understands what other systems call the kinds of events."""

import re

from aisle.errors import InputError, nearest
from aisle.types import EVENT_KINDS, EventKind

_SYNONYMS: dict[EventKind, str] = {
    "impression": "imp impressions exposure expose show shown display displayed view_item_list product_impression",
    "search": "on_search query searched view_search_results search_query",
    "view": "pv page_view pageview views viewed product_view product_viewed view_item item_view detail detail_view "
    "view_product product_detail watch visit",
    "click": "clk clicks clicked clickout click_out click_through clickthrough select_item product_click "
    "product_clicked result_click",
    "cart": "add_to_cart addtocart add_cart cart_add added_to_cart product_added add_to_basket addtobasket basket "
    "add_to_bag",
    "purchase": "buy bought order ordered orders transaction sale sold conversion checkout_completed order_completed "
    "place_order payment purchased",
    "favorite": "fav favourite favorites like liked wishlist add_to_wishlist wish save saved bookmark collect",
    "rate": "rating rated review reviewed stars",
    "dislike": "disliked thumbs_down not_interested hide hidden",
    "return": "returned returns refund refunded order_refunded product_returned send_back sent_back",
}
KINDS: dict[str, EventKind] = {word: kind for kind, words in _SYNONYMS.items() for word in (kind, *words.split())}
_BREAKS = re.compile(r"(?<=[a-z])(?=[A-Z])")


def known_kind(name: str) -> EventKind | None:
    """The kind that `name` means, or None.

    >>> known_kind("addToCart"), known_kind("pv"), known_kind("logout")
    ('cart', 'view', None)
    """
    plain = re.sub(r"[^a-z0-9]+", "_", _BREAKS.sub("_", name.strip()).lower()).strip("_")
    return KINDS.get(plain) or KINDS.get(plain.replace("_", ""))


def parse_kind(name: str) -> EventKind:
    """The kind that `name` means. Raises InputError where nothing is known by that name."""
    if kind := known_kind(name):
        return kind
    raise InputError(f"kind={name!r} is not an event kind; {nearest(name, EVENT_KINDS)}")
