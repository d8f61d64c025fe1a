"""Guesses which column of a feed holds which field, from the names of both, and checks what the caller says."""

import re
from collections.abc import Iterable, Mapping, Sequence

from aisle.errors import InputError, nearest
from aisle.sources.feed import NO_MAPPING, Kind
from aisle.sources.prices import CODES

_ITEM_ID = ("product_id", "productid", "itemid", "item", "sku", "asin", "article_id", "article_number", "product_code",
            "uniq_id", "product")  # fmt: skip

ITEM_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "item_id": ("id", *_ITEM_ID, "handle", "code"),
    "title": ("name", "product_name", "product_title", "productname", "item_name", "item_title", "display_name"),
    "description": ("short_description", "product_description", "long_description", "body", "body_html",
                    "desc", "summary"),
    "brand": ("brand_name", "manufacturer", "vendor", "maker", "producer"),
    "category": ("categories", "category_path", "product_type", "product_category", "google_product_category",
                 "category_name", "main_category"),
    "price": ("sale_price", "current_price", "selling_price", "unit_price", "list_price", "regular_price"),
    "price_cents": ("price_in_cents", "price_minor", "amount_cents"),
    "currency": ("price_currency", "currency_code"),
    "stock": ("stock_quantity", "inventory_quantity", "inventory", "quantity", "qty", "availability", "in_stock",
              "is_in_stock"),
    "rating": ("average_rating", "avg_rating", "rating_average", "mean_rating", "stars", "review_score"),
    "rating_count": ("ratings_count", "n_ratings", "num_ratings", "review_count", "reviews_count", "num_reviews",
                     "n_reviews"),
    "url": ("link", "product_url", "product_link", "canonical_url", "permalink"),
    "image_url": ("image_link", "image", "images", "img", "img_url", "image_src", "img_thumb", "thumbnail", "picture",
                  "picture_url", "photo"),
    "gtin": ("ean", "upc", "barcode", "gtin13", "ean13", "isbn", "isbn13"),
    "group_id": ("item_group_id", "parent_id", "parent_sku", "parent_asin", "product_group_id"),
    "released_at": ("date_released", "release_date", "released", "created_at", "published_at", "launch_date",
                    "date_added"),
    "attributes": ("attributes_json", "specifications", "specs", "properties", "attrs"),
    "translations": ("localizations", "localisations", "i18n"),
}  # fmt: skip
EVENT_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "event_id": ("id", "uuid", "eventid"),
    "kind": ("event", "event_type", "event_name", "action", "action_name", "action_type", "behavior", "behaviour",
             "behavior_type", "type", "interaction", "interaction_type"),
    "timestamp": ("time", "ts", "datetime", "date_time", "event_time", "event_timestamp", "created_at", "occurred_at",
                  "click_time", "unixtime", "date"),
    "user_id": ("user", "userid", "visitor_id", "visitorid", "visitor", "customer_id", "customerid", "customer",
                "client_id", "member_id", "account_id", "uid"),
    "session_id": ("session", "sessionid", "user_session", "visit_id"),
    "item_id": _ITEM_ID,
    "query": ("search_query", "user_query", "query_text", "search_term", "search_terms", "keyword", "keywords", "q"),
    "query_id": ("queryid", "search_id"),
    "rank": ("position", "result_rank", "slot"),
    "value": ("rating", "stars", "quantity", "qty", "n_items"),
    "surface": ("page_type", "placement", "widget"),
}  # fmt: skip
JUDGMENT_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "query": ("query_text", "search_query", "search_term", "user_query", "keyword", "keywords", "q"),
    "query_id": ("qid", "queryid", "topic_id", "topic"),
    "item_id": (*_ITEM_ID, "doc_id", "docid", "docno", "document_id"),
    "grade": ("relevance", "rating", "label", "final_rating", "judgment", "judgement", "relevance_grade", "rel"),
}
COLUMNS: Mapping[Kind, Mapping[str, tuple[str, ...]]] = {
    "items": ITEM_COLUMNS,
    "events": EVENT_COLUMNS,
    "judgments": JUDGMENT_COLUMNS,
}
"""Other names under which each field is looked for, the likeliest first."""

REQUIRED: Mapping[Kind, tuple[tuple[str, ...], ...]] = {
    "items": (("item_id",), ("title",)),
    "events": (("timestamp",), ("item_id", "query")),
    "judgments": (("query", "query_id"), ("item_id",), ("grade",)),
}
"""Of each group one field must have a column."""

LANGUAGES = frozenset(
    ("ar", "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "he", "hi", "hr", "hu", "it", "ja", "ko", "lt",
     "lv", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "th", "tr", "uk", "vi", "zh")
)  # fmt: skip
"""Suffixes that are taken for a language without being told. Indonesian is not: category_id is an id."""
TRANSLATED = ("title", "description", "category", "attributes")
_TRANSLATION = re.compile(rf"(?P<field>{'|'.join(TRANSLATED)})_(?P<language>[a-z]{{2}}(?:[-_][a-zA-Z]{{2,4}})?)")
_PRICE = re.compile(r"(?:sale_|list_|selling_|unit_|current_)?price_(?P<currency>[a-z]{3})")


def guess_mapping(kind: Kind, columns: Sequence[str], given: Mapping[str, str] = NO_MAPPING) -> dict[str, str]:
    """Field = column for every field of `kind` that one of `columns` looks like.

    `given` goes first; then columns called exactly as the field; then other usual names, the likeliest first; then
    prices with their currency (price_inr) and translations (title_zh). Each column serves one field.

    >>> guess_mapping("items", ["sku", "title", "name", "price_inr", "title_zh"])
    {'title': 'title', 'item_id': 'sku', 'price': 'price_inr', 'title_zh': 'title_zh'}
    """
    mapping = dict(given)
    free = {_plain(column): column for column in reversed(columns) if column not in mapping.values()}
    fields = [field for field in COLUMNS[kind] if field not in mapping]
    if kind == "items" and not {"price", "price_cents"}.isdisjoint(mapping):
        fields = [field for field in fields if field not in ("price", "price_cents")]
    for field in fields:
        if field in free:
            mapping[field] = free.pop(field)
    for field in fields:
        name = next((name for name in COLUMNS[kind][field] if name in free), None)
        if field not in mapping and name:
            mapping[field] = free.pop(name)
    if kind == "items":
        _guess_patterns(mapping, free, columns)
    return mapping


def resolve_mapping(kind: Kind, columns: Sequence[str], given: Mapping[str, str], location: str) -> dict[str, str]:
    """The guessed mapping with what the caller gave, complete enough to read `kind`.

    Raises InputError for a field that `kind` does not have and a column that the feed does not have (naming the
    nearest), for a column given to two fields, and for a field that must be there but has no column. A feed without
    any column has no readable row either, so there is nothing to map.
    """
    if not columns:
        return {}
    for field, column in given.items():
        if not is_field(kind, field):
            raise InputError(f"{field!r} is not a field of {kind}; {nearest(field, COLUMNS[kind])}")
        if column not in columns:
            raise InputError(f"{field} = {column!r}, but {location} has no such column; {nearest(column, columns)}")
    if len(set(given.values())) < len(given):
        raise InputError(f"two fields of the mapping {dict(given)} name the same column; give each its own")
    if {"price", "price_cents"} <= given.keys():
        raise InputError("both price and price_cents have a column; keep the one that the prices come from")
    mapping = guess_mapping(kind, columns, given)
    for group in REQUIRED[kind]:
        if mapping.keys().isdisjoint(group):
            raise InputError(
                f"{location} has no column that looks like the {' or '.join(group)} of {kind}; its columns are: "
                f"{', '.join(columns) or 'none'}; name the right one: {group[0]} = COLUMN"
            )
    return mapping


def is_field(kind: Kind, field: str) -> bool:
    """True when `field` can be mapped: a field of `kind`, or a translation of one such as title_zh."""
    return field in COLUMNS[kind] or (kind == "items" and translation(field) is not None)


def translation(field: str) -> tuple[str, str] | None:
    """The field and the language that a name such as title_zh or title_zh-CN means, or None.

    >>> translation("title_zh"), translation("title")
    (('title', 'zh'), None)
    """
    found = _TRANSLATION.fullmatch(field)
    return (found["field"], found["language"].replace("_", "-")) if found else None


def column_currency(column: str) -> str:
    """The currency that a price column carries in its name: "INR" for price_inr, "" for price."""
    found = _PRICE.fullmatch(_plain(column))
    code = found["currency"].upper() if found else ""
    return code if code in CODES else ""


def _guess_patterns(mapping: dict[str, str], free: dict[str, str], columns: Iterable[str]) -> None:
    for column in columns:
        name = _plain(column)
        if free.get(name) != column:
            continue
        if mapping.keys().isdisjoint({"price", "price_cents"}) and column_currency(column):
            mapping["price"] = free.pop(name)
        elif (found := translation(name)) and found[1][:2] in LANGUAGES and name not in mapping:
            mapping[name] = free.pop(name)


def _plain(column: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_")
