"""What the page of one item tells beside its title: where it belongs, its facts, and its variants."""

from collections.abc import Sequence

from aisle.shop import Shop
from aisle.storefront.facets import PATH_SEPARATOR, Choice, field_label
from aisle.storefront.i18n import Language, item_words
from aisle.storefront.urls import SearchState, equals, item_url, search_url
from aisle.types import Item

N_VARIANTS = 24


def crumbs(item: Item, lang: Language) -> tuple[Choice, ...]:
    """The category path from the widest on, each with the address that shows what is in it."""
    spoken = item_words(item, lang.code).category
    names = spoken if len(spoken) == len(item.category) else item.category
    paths = (PATH_SEPARATOR.join(item.category[:depth]) for depth in range(1, len(names) + 1))
    urls = (search_url(SearchState(filters=(equals("category", path),))) for path in paths)
    return tuple(Choice(name, url) for name, url in zip(names, urls, strict=True))


def brand_url(item: Item) -> str:
    """The address that shows everything of the item's brand."""
    return search_url(SearchState(filters=(equals("brand", item.brand),)))


def facts(item: Item, lang: Language) -> tuple[tuple[str, str], ...]:
    """Name and value of everything that the shop says about the item, in the shopper's language."""
    known = [("brand", item.brand)] if item.brand else []
    attributes = item_words(item, lang.code).attributes
    known += [(name, text) for name, value in attributes.items() if (text := lang.attribute(value))]
    known += [("released_at", lang.date(item.released_at))] if item.released_at else []
    known += [("gtin", item.gtin)] if item.gtin else []
    known.append(("item_id", item.item_id))
    return tuple((field_label(lang, name), value) for name, value in known)


def variants(shop: Shop, item: Item, lang: Language) -> tuple[Choice, ...]:
    """The items of the same group, this one among them, each named by what sets it apart; empty when it is alone."""
    if not item.group_id:
        return ()
    found = shop.search("", N_VARIANTS, filters=equals("group_id", item.group_id), sort="price_asc")
    family = [hit.item for hit in found.hits]
    if not any(one.item_id != item.item_id for one in family):
        return ()
    return tuple(
        Choice(_apart(one, family, lang), item_url(one.item_id), selected=one.item_id == item.item_id) for one in family
    )


def _apart(item: Item, family: Sequence[Item], lang: Language) -> str:
    """The attribute values that the whole family does not share, or the title when there are none."""
    words = item_words(item, lang.code)
    differing = [name for name in item.attributes if len({str(one.attributes.get(name)) for one in family}) > 1]
    return " · ".join(lang.attribute(words.attributes[name]) for name in differing) or words.title
