"""What a shop sells."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from aisle.errors import InputError
from aisle.types.checks import MAX_COUNT, check_id, check_number, check_text, check_utc

AttributeValue = str | float | bool | tuple[str, ...]


def check_attributes(attributes: Mapping[str, AttributeValue]) -> None:
    """Raise InputError unless every value is a text, a finite number, true or false, or a tuple of texts."""
    for name, value in attributes.items():
        check_text("the name of an attribute", name)
        if isinstance(value, str):
            check_text(name, value)
        elif isinstance(value, tuple):
            for part in value:
                check_text(name, part)
        elif isinstance(value, int):
            if abs(value) > MAX_COUNT:
                raise InputError(f"{name}={value}; whole numbers beyond 2**53 lose digits in JSON; give it as text")
        elif not isinstance(value, float) or not math.isfinite(value):
            raise InputError(f"{name}={value!r}; expected text, a finite number, true or false, or a tuple of texts")


@dataclass(frozen=True, slots=True)
class Translation:
    """What an item is called in another language. Empty fields fall back to the item's own."""

    title: str = ""
    description: str = ""
    category: tuple[str, ...] = ()
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    """Translated values under the item's own attribute names."""

    def __post_init__(self) -> None:
        for text in (self.title, self.description, *self.category):
            check_text("translation", text)
        check_attributes(self.attributes)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in the catalogue. Raises InputError when a value cannot be right."""

    item_id: str
    title: str
    description: str = ""
    brand: str = ""
    category: tuple[str, ...] = ()
    """The path from the widest to the narrowest: ("Electronics", "Audio", "Headphones")."""
    price: float | None = None
    """In major units of `currency` (19.95 is nineteen euro and ninety-five cents)."""
    currency: str = ""
    stock: int | None = None
    """Pieces at hand; None when the shop does not say, which counts as in stock."""
    rating: float | None = None
    """Mean rating, 0 to 5."""
    rating_count: int | None = None
    url: str = ""
    image_url: str = ""
    gtin: str = ""
    group_id: str = ""
    """Shared by the variants (sizes, colours) of one product."""
    released_at: datetime | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    translations: Mapping[str, Translation] = field(default_factory=dict)
    """By language code: {"zh": Translation(...)}."""

    def __post_init__(self) -> None:
        check_id("item_id", self.item_id)
        if not self.title.strip():
            raise InputError(f"title of item {self.item_id!r} is empty; every item needs a title")
        check_text("title", self.title)
        check_text("description", self.description)
        for name in ("brand", "currency", "url", "image_url", "gtin", "group_id"):
            if text := getattr(self, name):
                check_text(name, text)
        for part in self.category:
            check_text("category", part)
        check_number("price", self.price)
        check_number("stock", self.stock, 0, MAX_COUNT)
        check_number("rating", self.rating, 0, 5)
        check_number("rating_count", self.rating_count, 0, MAX_COUNT)
        check_attributes(self.attributes)
        if self.released_at is not None:
            check_utc("released_at", self.released_at)

    @property
    def in_stock(self) -> bool:
        """True unless the shop says that none is left."""
        return self.stock is None or self.stock > 0
