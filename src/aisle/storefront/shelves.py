"""Shelves as a shopper sees them: a heading, the items, and for each the reason why it is there."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace

from aisle.errors import NotFoundError
from aisle.shop import Shop
from aisle.storefront.facets import department_choice
from aisle.storefront.i18n import Language, item_words
from aisle.types import SHELF_NAMES, FacetValue, Hit, Item, Reason, Shelf

SHELF_LENGTH = 12

_HEADINGS = (*SHELF_NAMES, "similar", "bought_together")
_ABOUT_AN_ITEM = ("similar", "chosen_together", "bought_together", "because_viewed")
_PLAIN = ("popular", "rising", "in_your_categories", "meaning", "behaviour", "taste")


@dataclass(frozen=True, slots=True)
class Card:
    """One item of a shelf with the reason in the shopper's language."""

    hit: Hit
    why: str


@dataclass(frozen=True, slots=True)
class ShelfView:
    """A shelf with its heading. `name` is the surface that its events carry."""

    name: str
    heading: str
    cards: tuple[Card, ...]
    url: str = ""
    """Where there is more of the same; may be empty."""


def shelf_views(shop: Shop, lang: Language, shelves: Iterable[Shelf]) -> tuple[ShelfView, ...]:
    """The shelves that hold anything, ready to be shown."""
    return tuple(_view(shop, lang, shelf) for shelf in shelves if shelf.hits)


def department_shelves(
    shop: Shop, lang: Language, departments: Iterable[FacetValue], shown: Container[tuple[str, str]] = ()
) -> tuple[ShelfView, ...]:
    """What is popular in each of some departments: in stock, one variant of each product, and none that is `shown`.

    `shown` holds products: see `product_of`.
    """
    views = []
    for department in departments:
        found = shop.search("", SHELF_LENGTH * 4, filters=department.filter, sort="popularity", locale=lang.code)
        way_in = department_choice(lang, department)
        heading = lang.say("shelf.popular_in", name=way_in.label)
        shelf = Shelf("department", one_of_each(found.hits, shown))
        views += [replace(view, heading=heading, url=way_in.url) for view in shelf_views(shop, lang, [shelf])]
    return tuple(views)


def product_of(item: Item) -> tuple[str, str]:
    """What the variants of one product share, and no other item.

    >>> product_of(Item("e1", "Cable")), product_of(Item("e2", "Cable", group_id="e1"))
    (('e1', ''), ('', 'e1'))
    """
    return ("", item.group_id) if item.group_id else (item.item_id, "")


def one_of_each(hits: Iterable[Hit], shown: Container[tuple[str, str]] = ()) -> tuple[Hit, ...]:
    """The first hits that can be bought, one of each product that is not `shown`, ranked anew."""
    products: dict[tuple[str, str], Hit] = {}
    for hit in hits:
        if hit.item.in_stock and product_of(hit.item) not in shown:
            products.setdefault(product_of(hit.item), hit)
    first = list(products.values())[:SHELF_LENGTH]
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(first, start=1))


def _view(shop: Shop, lang: Language, shelf: Shelf) -> ShelfView:
    anchors = {reason.detail for hit in shelf.hits for reason in hit.reasons if reason.kind in _ABOUT_AN_ITEM}
    titles = {item_id: title for item_id in anchors if (title := item_title(shop, lang, item_id))}
    cards = tuple(Card(hit, _why(lang, hit, titles)) for hit in shelf.hits)
    anchor = next((r.detail for r in shelf.hits[0].reasons if r.kind == "because_viewed"), "")
    if shelf.name == "because_viewed" and anchor in titles:
        heading = lang.say("shelf.because_viewed_item", title=titles[anchor])
    else:
        heading = lang.say(f"shelf.{shelf.name if shelf.name in _HEADINGS else 'other'}")
    return ShelfView(shelf.name, heading, cards)


def item_title(shop: Shop, lang: Language, item_id: str) -> str:
    """The title of an item, or "" when it has left the catalogue."""
    try:
        return item_words(shop.item(item_id), lang.code).title
    except NotFoundError:
        return ""


def _why(lang: Language, hit: Hit, titles: dict[str, str]) -> str:
    said = (_reason(lang, reason, titles) for reason in hit.reasons)
    return " ".join(dict.fromkeys(text for text in said if text)) or lang.say("reason.other")


def _reason(lang: Language, reason: Reason, titles: dict[str, str]) -> str:
    if reason.kind in _ABOUT_AN_ITEM:
        title = titles.get(reason.detail, "")
        return lang.say(f"reason.{reason.kind}", title=title) if title else ""
    if reason.kind == "words":
        return lang.say("reason.words", words=reason.detail)
    return lang.say(f"reason.{reason.kind}") if reason.kind in _PLAIN else ""
