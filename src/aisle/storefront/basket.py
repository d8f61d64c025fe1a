"""What a shopper's cookies hold: the cart (pieces by item id) and the saved items."""

from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote

MAX_PIECES = 99
MAX_COOKIE_BYTES = 3_500
"""Browsers refuse cookies of more than 4,096 bytes, the name and the attributes included."""


def read_cart(cookie: str) -> dict[str, int]:
    """Pieces by item id, in the order in which they were added. Unreadable parts are left out.

    >>> read_cart("a%7Cb:2|c:1|nonsense")
    {'a|b': 2, 'c': 1}
    """
    cart = {}
    for line in cookie.split("|"):
        item_id, _, pieces = line.rpartition(":")
        if item_id and pieces.isascii() and pieces.isdigit() and int(pieces[:4]) > 0:
            cart[unquote(item_id)] = min(int(pieces[:4]), MAX_PIECES)
    return cart


def write_cart(cart: Mapping[str, int]) -> str:
    """The cookie's text for `cart`; lines without pieces are left out.

    >>> write_cart({"a|b": 2, "c": 0})
    'a%7Cb:2'
    """
    return "|".join(f"{quote(item_id, safe='')}:{min(n, MAX_PIECES)}" for item_id, n in cart.items() if n > 0)


def read_saved(cookie: str) -> tuple[str, ...]:
    """The saved item ids, the latest first, each once.

    >>> read_saved("b|a%2F1|b")
    ('b', 'a/1')
    """
    return tuple(dict.fromkeys(unquote(part) for part in cookie.split("|") if part))


def write_saved(item_ids: Iterable[str]) -> str:
    """The cookie's text for saved items, the latest first; the oldest go when it grows too long for a cookie.

    >>> write_saved(["b", "a/1"])
    'b|a%2F1'
    """
    text = "|".join(quote(item_id, safe="") for item_id in item_ids)
    return text if len(text) <= MAX_COOKIE_BYTES else text[:MAX_COOKIE_BYTES].rpartition("|")[0]
