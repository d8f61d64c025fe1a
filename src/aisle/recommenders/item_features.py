"""What is known of items before anybody chooses them: what their texts say, their categories, their prices."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError
from aisle.types import Item, Vectors

MAX_CATEGORIES = 300
"""Columns for categories: the commonest, of any level."""
NO_CATEGORY = 0
"""The number that items without a category share."""


def item_features(items: Sequence[Item | None], vectors: Vectors) -> Vectors:
    """(n_items, dim + n_categories + 2) float32: what a network reads of each item, known or not (None).

    `vectors` is (n_items, dim), of length 1: the items' texts. A category path of m levels has 1 / sqrt(m) in the
    column of each level. The price comes last but one: the logarithm, in standard deviations from the mean of its
    currency, at most 3 either way; then 1 where there is a price. What is not known is 0.

    Raises InputError when there is not one vector an item.
    """
    if len(items) != len(vectors):
        raise InputError(f"{len(vectors)} vectors for {len(items)} items; give one an item")
    prices, priced = _prices(items)
    parts = [vectors, _categories(items), prices[:, np.newaxis], priced[:, np.newaxis]]
    return np.concatenate(parts, axis=1).astype(np.float32)


def category_numbers(items: Sequence[Item]) -> NDArray[np.int64]:
    """(n_items,) int64: the number of each item's whole category path, from 1; items without one share 0.

    >>> mugs, hats = Item("a", "Mug", category=("Kitchen", "Cups")), Item("b", "Hat", category=("Clothes",))
    >>> category_numbers([mugs, hats, Item("c", "Thing"), mugs]).tolist()
    [1, 2, 0, 1]
    """
    numbers: dict[tuple[str, ...], int] = {(): NO_CATEGORY}
    return np.array([numbers.setdefault(tuple(item.category), len(numbers)) for item in items], np.int64)


def product_rows(items: Sequence[Item]) -> NDArray[np.int64]:
    """(n_items,) int64: the row of the first variant of each item's product; its own for an item without variants.

    >>> red, blue = Item("r", "Mug", group_id="mug"), Item("b", "Mug", group_id="mug")
    >>> product_rows([Item("x", "Hat"), red, Item("y", "Pot"), blue]).tolist()
    [0, 1, 2, 1]
    """
    first: dict[str, int] = {}
    rows = (first.setdefault(item.group_id, row) if item.group_id else row for row, item in enumerate(items))
    return np.fromiter(rows, np.int64, len(items))


def _categories(items: Sequence[Item | None]) -> NDArray[np.float32]:
    paths = [_levels(item) for item in items]
    common = Counter(level for path in paths for level in path).most_common(MAX_CATEGORIES)
    columns = {level: column for column, (level, n_items) in enumerate(common) if n_items > 1}
    told = np.zeros((len(items), len(columns)), np.float32)
    for row, path in enumerate(paths):
        known = [columns[level] for level in path if level in columns]
        told[row, known] = max(1, len(path)) ** -0.5
    return told


def _levels(item: Item | None) -> list[tuple[str, ...]]:
    """Each level of the path with those above it, so that "Men / Shoes" is not "Women / Shoes"."""
    return [item.category[: depth + 1] for depth in range(len(item.category))] if item else []


def _prices(items: Sequence[Item | None]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(n_items,) the standardised logarithm, and (n_items,) whether there is a price."""
    known = np.array([row for row, item in enumerate(items) if item and item.price is not None], np.int64)
    scaled, priced = np.zeros(len(items), np.float32), np.zeros(len(items), np.float32)
    priced[known] = 1
    logs = np.log1p([items[row].price for row in known])
    currencies = np.array([items[row].currency for row in known], object)
    for currency in set(currencies):
        of = currencies == currency
        spread = logs[of].std()
        scaled[known[of]] = np.clip((logs[of] - logs[of].mean()) / (spread if spread > 0 else 1), -3, 3)
    return scaled, priced
