"""Turns the records of a table into Items, by a mapping."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from aisle.errors import InputError, nearest
from aisle.sources.feed import Feed, Record, Table, built, once_each, peeked
from aisle.sources.mapping import TRANSLATED, column_currency, translation
from aisle.sources.prices import parse_price
from aisle.sources.texts import identifier, plain_text, text
from aisle.sources.times import parse_date
from aisle.sources.values import (
    as_object,
    attribute_name,
    flatten,
    is_blank,
    is_empty,
    looks_boolean,
    looks_numeric,
    parse_attribute,
    parse_category,
    parse_number,
    parse_stock,
    parse_whole,
)
from aisle.types import AttributeValue, Item, Translation

Parse = Callable[[str, object], object]

_TEXTS: Mapping[str, Parse] = {
    "item_id": identifier,
    "title": text,
    "description": plain_text,
    "brand": text,
    "category": lambda _, value: parse_category(value),
    "url": identifier,
    "image_url": identifier,
    "gtin": identifier,
    "group_id": identifier,
}
_NUMBERS: Mapping[str, Parse] = {
    "stock": lambda _, value: parse_stock(value),
    "rating": parse_number,
    "rating_count": parse_whole,
    "released_at": lambda name, value: parse_date(value, name),
}
"""Fields in which null, N/A and the like mean nothing."""
_CODE = re.compile(r"(?:^|[^a-z])(?:id|code|mpn|model|sku|gtin|ean|upc|isbn|number|category)$", re.IGNORECASE)
"""Names of columns whose digits are no quantity."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column of a table holds which field of an Item."""

    fields: tuple[tuple[str, str], ...]
    """(field, column) of texts and numbers."""
    price: str
    """The column of the price, or empty."""
    cents: bool
    """True where that column counts hundredths."""
    currency_column: str
    currency: str
    """Of prices that name none themselves."""
    bag: str
    """The column that holds an object of attributes, or empty."""
    translated: str
    """The column that holds an object of translations by language, or empty."""
    translations: tuple[tuple[str, str, str], ...]
    """(language, field, column)"""
    numeric: frozenset[str]
    """Columns whose text is numbers, or true and false."""
    used: frozenset[str]
    """Columns that are a field, and so no attribute."""


def layout(mapping: Mapping[str, str], currency: str = "", numeric: frozenset[str] = frozenset()) -> Layout:
    """The layout that `mapping` (field = column) means. `currency` is that of prices which name none."""
    translated = ((translation(field), column) for field, column in mapping.items())
    price = mapping.get("price") or mapping.get("price_cents", "")
    return Layout(
        fields=tuple((field, column) for field, column in mapping.items() if field in _TEXTS or field in _NUMBERS),
        price=price,
        cents="price_cents" in mapping,
        currency_column=mapping.get("currency", ""),
        currency=column_currency(price) or currency,
        bag=mapping.get("attributes", ""),
        translated=mapping.get("translations", ""),
        translations=tuple((found[1], found[0], column) for found, column in translated if found),
        numeric=numeric,
        used=frozenset(mapping.values()),
    )


def items(feed: Feed, table: Table, mapping: Mapping[str, str], currency: str = "") -> Iterator[Item]:
    """The items of `table`; rows that make no Item are quarantined.

    Where an id comes again the later row is yielded too, to replace the earlier one, and is reported. For this
    eight bytes of each id are kept in a set: about 70 MB a million items. In a table without types a column is
    numeric when its first 100 values are.
    """
    records = table.records
    numeric: frozenset[str] = frozenset()
    if not table.typed:
        first, records = peeked(records)
        numeric = _numeric_columns(first)
    plan = layout(mapping, currency, numeric)
    yield from once_each(feed, built(feed, records, lambda values: build_item(values, plan)), lambda item: item.item_id)


def build_item(values: Mapping[str, object], layout: Layout) -> Item:
    """The Item that one record means. Raises InputError when a value cannot be right."""
    fields: dict[str, object] = {"item_id": "", "title": ""}
    for field, column in layout.fields:
        value = values.get(column)
        if field in _TEXTS:
            if not is_empty(value):
                fields[field] = _TEXTS[field](field, value)
        elif not is_blank(value):
            fields[field] = _NUMBERS[field](field, value)
    if layout.price and not is_blank(price := values.get(layout.price)):
        named = values.get(layout.currency_column)
        own = layout.currency if is_blank(named) else identifier("currency", named)
        amount, fields["currency"] = parse_price(price, own)
        fields["price"] = amount / 100 if layout.cents else amount
    if attributes := _attributes(values, layout):
        fields["attributes"] = attributes
    if (layout.translations or layout.translated) and (translations := _translations(values, layout)):
        fields["translations"] = translations
    return Item(**fields)  # type: ignore[arg-type]


def _attributes(values: Mapping[str, object], layout: Layout) -> dict[str, AttributeValue]:
    attributes: dict[str, AttributeValue] = {}
    for column, value in values.items():
        if column in layout.used or is_empty(value):
            continue
        if isinstance(value, Mapping):
            _add(attributes, ((f"{column}.{name}", one) for name, one in flatten(value)))
        elif (parsed := parse_attribute(column, value, column in layout.numeric)) is not None:
            attributes[attribute_name(column)] = parsed
    if layout.bag and not is_blank(bag := values.get(layout.bag)):
        _add(attributes, flatten(bag))
    return attributes


def _add(attributes: dict[str, AttributeValue], pairs: Iterable[tuple[str, object]]) -> None:
    """Columns of their own win over the same name in a bag."""
    for name, value in pairs:
        if (parsed := parse_attribute(name, value)) is not None:
            attributes.setdefault(attribute_name(name), parsed)


def _translations(values: Mapping[str, object], layout: Layout) -> dict[str, Translation]:
    fields: dict[str, dict[str, object]] = {}
    for language, field, column, value in _translated(values, layout):
        if is_empty(value):
            continue
        if field == "attributes":
            bag: dict[str, AttributeValue] = {}
            _add(bag, flatten(value))
            fields.setdefault(language, {})[field] = bag
        else:
            fields.setdefault(language, {})[field] = _TEXTS[field](column, value)
    return {language: Translation(**found) for language, found in fields.items()}  # type: ignore[arg-type]


def _translated(values: Mapping[str, object], layout: Layout) -> Iterator[tuple[str, str, str, object]]:
    """(language, field, name, value) of each translation; columns of their own come last, and so win."""
    if layout.translated and not is_blank(bag := values.get(layout.translated)):
        for language, texts in as_object("translations", bag).items():
            for field, value in as_object(f"translations.{language}", texts).items():
                if field not in TRANSLATED:
                    raise InputError(f"translations.{language}.{field} is not translated; {nearest(field, TRANSLATED)}")
                yield language, field, f"{field}_{language}", value
    for language, field, column in layout.translations:
        yield language, field, column, values.get(column)


def _numeric_columns(records: Iterable[Record]) -> frozenset[str]:
    """Columns of text that is all numbers, or all true and false; codes such as mpn stay text."""
    seen: dict[str, list[str]] = {}
    for record in records:
        for column, value in record.values.items():
            if isinstance(value, str) and not is_empty(value) and not _CODE.search(column):
                seen.setdefault(column, []).append(value)
    return frozenset(
        column for column, found in seen.items() if all(map(looks_numeric, found)) or all(map(looks_boolean, found))
    )
