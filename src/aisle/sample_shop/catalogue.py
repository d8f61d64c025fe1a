"""The items of the sample shop: products written down in both languages, and what is true of each item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import prod

import numpy as np
from numpy.typing import NDArray

from aisle.sample_shop.brands import BRANDS
from aisle.sample_shop.leaf import Leaf, Value
from aisle.sample_shop.prices import price_of
from aisle.sample_shop.products import Product
from aisle.sample_shop.texts import description, fitting, title, words_of
from aisle.types import Item, Translation


@dataclass(frozen=True, slots=True, eq=False)
class Traits:
    """What is true of each item, one position an item: `leaf` and `brand` are seen, `quality` is hidden."""

    leaf: NDArray[np.int64]
    brand: NDArray[np.int64]
    """Position in BRANDS."""
    price_level: NDArray[np.float64]
    """Rank of the price within the leaf, 0 for the cheapest to 1 for the dearest."""
    quality: NDArray[np.float64]
    released_day: NDArray[np.float64]
    """Day of the window on which the item appeared; negative when it was there before."""
    rising_day: NDArray[np.float64]
    """Day on which the item starts to be talked about; infinite for most."""

    def appeal(self, day: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """How much shoppers in general like each item on `day`: its quality, and up to 2.5 more while it rises."""
        rise = np.clip((day - self.rising_day) / 10, 0, 1)
        return self.quality + 2.5 * rise

    def taken(self, rows: NDArray[np.int64]) -> "Traits":
        """The traits of the items in these rows; any shape."""
        return Traits(
            self.leaf[rows],
            self.brand[rows],
            self.price_level[rows],
            self.quality[rows],
            self.released_day[rows],
            self.rising_day[rows],
        )


def write_items(
    products: Sequence[Product], leaves: Sequence[Leaf], start: datetime, days: int, rng: np.random.Generator
) -> tuple[list[Item], Traits]:
    """The items of `products` in their order, and their traits. `start` is midnight of day 0 of the window."""
    items: list[Item] = []
    for number, product in enumerate(products):
        items.extend(_items_of(product, leaves[product.leaf], number, len(items), start, days, rng))
    variants = [product for product in products for _ in product.variants]
    leaf = np.array([product.leaf for product in variants], np.int64)
    traits = Traits(
        leaf=leaf,
        brand=np.array([product.brand for product in variants], np.int64),
        price_level=_levels(np.array([item.price for item in items], np.float64), leaf),
        quality=np.array([product.quality for product in variants]) + rng.normal(0, 0.15, len(variants)),
        released_day=np.array([product.released_day for product in variants]),
        rising_day=np.array([product.rising_day for product in variants]),
    )
    return items, traits


def _items_of(
    product: Product, leaf: Leaf, number: int, n_before: int, start: datetime, days: int, rng: np.random.Generator
) -> list[Item]:
    """The variants share the pattern of their title, their rating and, but for what varies, their description."""
    brand = BRANDS[product.brand]
    patterns = fitting(leaf.titles, words_of(brand, product.series, product.variants[0]))
    pattern = patterns[int(rng.integers(len(patterns)))]
    seed = int(rng.integers(2**63))
    rating, n_ratings = _rating(product, days, rng)
    items = []
    for position, values in enumerate(product.variants):
        words = words_of(brand, product.series, values)
        named = title(pattern, words)
        told = description(leaf, values, words, np.random.default_rng(seed))
        item_id = f"P{10001 + n_before + position}"
        items.append(
            Item(
                item_id=item_id,
                title=named.en,
                description=told.en,
                brand=brand.name,
                category=tuple(part.en for part in leaf.path),
                price=price_of(product.level, prod(value.price_factor for value in values.values()), leaf.prices),
                currency="EUR",
                stock=_stock(rng),
                rating=rating,
                rating_count=n_ratings,
                image_url=f"/pictures/{item_id}.svg",
                gtin=_gtin(n_before + position),
                group_id=f"G{1001 + number}" if len(product.variants) > 1 else "",
                released_at=start + timedelta(days=int(np.floor(product.released_day)), hours=6),
                attributes={name: value.en for name, value in values.items()},
                translations={"zh": _chinese(leaf, named.zh, told.zh, values)},
            )
        )
    return items


def _chinese(leaf: Leaf, named: str, told: str, values: Mapping[str, Value]) -> Translation:
    return Translation(
        title=named,
        description=told,
        category=tuple(part.zh for part in leaf.path),
        attributes={name: value.zh for name, value in values.items()},
    )


def _rating(product: Product, days: int, rng: np.random.Generator) -> tuple[float | None, int]:
    """Old products have many ratings, new ones few or none; good ones have better ones."""
    age = (days - product.released_day) / 365
    n_ratings = int(rng.lognormal(3.2 + 0.4 * product.quality, 1.0) * min(age, 2.0))
    if n_ratings == 0:
        return None, 0
    mean = 4.05 + 0.4 * product.quality + float(rng.normal(0, 0.6)) / np.sqrt(n_ratings)
    return round(float(min(max(mean, 1.0), 5.0)), 1), n_ratings


def _stock(rng: np.random.Generator) -> int:
    return 0 if rng.random() < 0.05 else 1 + int(rng.geometric(0.025))


def _gtin(number: int) -> str:
    """An EAN-13 that starts with 2, as shops number goods of their own: it is nobody's.

    >>> _gtin(0)
    '2000000000008'
    """
    digits = f"2{number:011d}"
    weighted = sum(int(digit) * (3 if position % 2 else 1) for position, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


def _levels(prices: NDArray[np.float64], leaf: NDArray[np.int64]) -> NDArray[np.float64]:
    levels = np.full(len(prices), 0.5)
    for position in np.unique(leaf):
        rows = np.flatnonzero(leaf == position)
        ranks = np.searchsorted(np.sort(prices[rows]), prices[rows])
        levels[rows] = ranks / max(len(rows) - 1, 1)
    return levels
