"""Reads Shopify's product CSV: several rows a product, told apart by their handle.

Both generations of column names are understood ("Handle" and "URL handle", "Variant SKU" and "SKU"); the format:
https://help.shopify.com/en/manual/products/import-export/using-csv
"""

import re
from collections.abc import Iterator, Mapping

from aisle.sources.delimited import read as read_delimited
from aisle.sources.feed import Feed, Record, Table, peeked, seen_columns
from aisle.sources.values import is_empty

_COLUMNS = {
    "handle": ("handle", "url handle"),
    "title": ("title",),
    "description": ("body (html)", "description"),
    "brand": ("vendor",),
    "category": ("product category",),
    "type": ("type",),
    "tags": ("tags",),
    "published": ("published", "published on online store"),
    "status": ("status",),
    "sku": ("variant sku", "sku"),
    "price": ("variant price", "price"),
    "regular_price": ("variant compare at price", "compare-at price"),
    "quantity": ("variant inventory qty", "inventory quantity"),
    "tracker": ("variant inventory tracker", "inventory tracker"),
    "policy": ("variant inventory policy", "continue selling when out of stock"),
    "barcode": ("variant barcode", "barcode"),
    "image": ("image src", "product image url"),
    "variant_image": ("variant image", "variant image url"),
}
_METAFIELD = re.compile(r"(?P<name>.+?)\s*\(product\.metafields\..+\)")
_GOOGLE = re.compile(r"Google Shopping / (?P<name>Gender|Age Group|Condition|MPN)")
COLUMNS = ("item_id", "title", "description", "brand", "category", "price", "stock", "gtin", "group_id", "image_url")


def is_shopify(columns: tuple[str, ...]) -> bool:
    """True for the header of a Shopify product CSV."""
    names = {column.strip().lower() for column in columns}
    product = {"handle", "url handle"} & names and "title" in names
    return bool(product and {"option1 name", "variant sku", "variant price"} & names)


def read(feed: Feed) -> Table:
    """The table of a Shopify product CSV: one record a variant, with `group_id` = handle where a product has several.

    The item id is the variant's SKU; without one it is the handle, followed by the values of its options where the
    product has several variants. Stock is None where Shopify does not track it or sells on without it, and what is
    oversold (negative) is 0. Options, tags, metafields, type and compare-at price ("regular_price") become attributes;
    costs, taxes and SEO texts are left out. Quarantined: products that are drafts, archived or not published,
    and rows without a handle or apart from the other rows of their product.
    """
    table = read_delimited(feed)
    first, records = peeked(_variants(feed, table.records))
    return Table(tuple(dict.fromkeys((*COLUMNS, *seen_columns(first)))), records)


def _variants(feed: Feed, rows: Iterator[Record]) -> Iterator[Record]:
    product: list[tuple[Record, dict[str, str]]] = []
    for row in rows:
        cells = _cells(row.values)
        handle = cells["handle"]
        if not handle:
            feed.bad(row.line, "Handle is missing; every row names its product", row.text)
        elif product and product[0][1]["handle"] == handle:
            product.append((row, cells))
        elif not cells["title"]:
            feed.bad(
                row.line, f"the first row of product {handle!r} is not right above; sort the rows by Handle", row.text
            )
        else:
            yield from _product(feed, product)
            product = [(row, cells)]
    yield from _product(feed, product)


def _product(feed: Feed, rows: list[tuple[Record, dict[str, str]]]) -> Iterator[Record]:
    """The variants of one product."""
    if not rows:
        return
    first = rows[0][1]
    if first["published"].lower() in ("false", "no") or first["status"].lower() in ("draft", "archived", "unlisted"):
        state = first["status"] if first["status"].lower() != "active" else ""
        for row, _ in rows:
            feed.bad(row.line, f"product {first['handle']!r} is not for sale ({state or 'not published'})", row.text)
        return
    # Rows that only bring a further picture are no variants.
    variants = [(row, cells) for row, cells in rows if cells["price"] or cells["sku"] or cells["option1 value"]]
    names = [first[f"option{number} name"] for number in (1, 2, 3)]
    shared = _shared(rows[0][0].values, first)
    for row, cells in variants or rows[:1]:
        options = {
            name: cells[f"option{number} value"]
            for number, name in enumerate(names, 1)
            if name and cells[f"option{number} value"] and cells[f"option{number} value"] != "Default Title"
        }
        several = len(variants) > 1
        parts = [first["handle"], *(options.values() if several else ())]
        values = {
            "item_id": cells["sku"] or "/".join(parts),
            **shared,
            "price": cells["price"],
            "stock": _stock(cells),
            "gtin": cells["barcode"],
            "group_id": first["handle"] if several else "",
            "image_url": cells["variant_image"] or first["image"],
            "regular_price": cells["regular_price"],
            **options,
        }
        yield Record(row.line, {name: value for name, value in values.items() if not is_empty(value)}, row.text)


def _shared(values: Mapping[str, object], first: Mapping[str, str]) -> dict[str, object]:
    """What all variants of a product have in common."""
    shared: dict[str, object] = {
        "title": first["title"],
        "description": first["description"],
        "brand": first["brand"],
        "category": first["category"] or first["type"],
        "type": first["type"] if first["category"] else "",
        "tags": [tag.strip() for tag in first["tags"].split(",") if tag.strip()],
    }
    for column, value in values.items():
        if found := _METAFIELD.fullmatch(column) or _GOOGLE.fullmatch(column):
            shared.setdefault(found["name"], value)
    return shared


def _stock(cells: Mapping[str, str]) -> str | int | None:
    if cells["policy"].lower() in ("continue", "true") or not cells["quantity"]:
        return None
    # An empty tracker means that Shopify does not count; older files may lack the column.
    if "tracker" in cells and not cells["tracker"]:
        return None
    return 0 if cells["quantity"].startswith("-") else cells["quantity"]


def _cells(values: Mapping[str, object]) -> dict[str, str]:
    """The cells of a row under one name each; missing ones are empty, but a missing tracker is left out."""
    plain = {column.strip().lower(): str(value).strip() for column, value in values.items()}
    cells = {
        f"option{number} {part}": plain.get(f"option{number} {part}", "")
        for number in (1, 2, 3)
        for part in ("name", "value")
    }
    for field, names in _COLUMNS.items():
        found = next((plain[name] for name in names if name in plain), None)
        if found is not None or field != "tracker":
            # Spreadsheets put an apostrophe before numbers that are text.
            cells[field] = (found or "").removeprefix("'") if field in ("sku", "barcode") else found or ""
    return cells
