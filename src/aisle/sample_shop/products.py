"""Products before they are written down: a brand's offer in a leaf, with its variants and what nobody sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from aisle.sample_shop.brands import BRANDS, brands_of
from aisle.sample_shop.leaf import Leaf, Phrase, Value, meets

_NEW_SHARE = 0.10
_RISING_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Product:
    """One product in one to four variants."""

    leaf: int
    brand: int
    series: Phrase
    variants: tuple[Mapping[str, Value], ...]
    """What each variant carries, by attribute name."""
    level: float
    """Where it stands between the cheapest (0) and the dearest (1) of its leaf."""
    quality: float
    """How good it is, hidden from everybody: standard normal."""
    released_day: float
    """Day of the window on which it appeared; negative when it was there before."""
    rising_day: float
    """Day on which it starts to be talked about; infinite for most."""


def draw_products(leaves: Sequence[Leaf], n_items: int, days: int, rng: np.random.Generator) -> list[Product]:
    """Products with `n_items` variants in all, the earliest released first."""
    products = []
    for position, n_variants in enumerate(_shares(leaves, n_items)):
        left = n_variants
        while left:
            product = _product(leaves[position], position, min(left, _n_variants(rng)), days, rng)
            products.append(product)
            left -= len(product.variants)
    return sorted(products, key=lambda product: product.released_day)


def _shares(leaves: Sequence[Leaf], n_items: int) -> list[int]:
    """`n_items` divided by the shares of the leaves; what rounding leaves over goes to the first ones."""
    total = sum(leaf.share for leaf in leaves)
    counts = [int(n_items * leaf.share / total) for leaf in leaves]
    for position in range(n_items - sum(counts)):
        counts[position % len(counts)] += 1
    return counts


def _n_variants(rng: np.random.Generator) -> int:
    return int(rng.choice((1, 2, 3, 4), p=(0.3, 0.3, 0.25, 0.15)))


def _product(leaf: Leaf, position: int, n_variants: int, days: int, rng: np.random.Generator) -> Product:
    sellers = brands_of([part.en for part in leaf.path])
    brand = int(rng.choice(sellers))
    is_new, is_rising = rng.random(2) < (_NEW_SHARE, _RISING_SHARE)
    return Product(
        leaf=position,
        brand=brand,
        series=leaf.series[int(rng.integers(len(leaf.series)))],
        variants=_variants(leaf, n_variants, rng),
        level=0.08 + 0.6 * BRANDS[brand].tier + 0.14 * float(rng.random()),
        quality=float(rng.standard_normal()),
        released_day=float(rng.uniform(0.1, 0.9) * days if is_new else -rng.uniform(1, 900)),
        rising_day=float(rng.uniform(0.2, 0.8) * days) if is_rising else float("inf"),
    )


def _variants(leaf: Leaf, n_variants: int, rng: np.random.Generator) -> tuple[Mapping[str, Value], ...]:
    """Up to `n_variants` that differ in what the leaf lets vary; at least one."""
    chosen = [_choice(leaf, rng)]
    for _ in range(4 * n_variants):
        if len(chosen) == n_variants:
            break
        varied = {name: _pick(leaf, name, rng) for name in leaf.vary if name in chosen[0]}
        variant = {**chosen[0], **varied}
        if variant not in chosen and _allowed(leaf, variant):
            chosen.append(variant)
    return tuple(chosen)


def _choice(leaf: Leaf, rng: np.random.Generator) -> Mapping[str, Value]:
    while True:
        values = {attribute.name: _pick(leaf, attribute.name, rng) for attribute in leaf.attributes}
        carried = {name: value.en for name, value in values.items()}
        kept = {name: value for name, value in values.items() if meets(carried, leaf.only.get(name, {}))}
        if _allowed(leaf, kept):
            return kept


def _pick(leaf: Leaf, name: str, rng: np.random.Generator) -> Value:
    """A value of the attribute; the first ones, the most usual, more often."""
    values = leaf.attribute(name).values
    weights = 1 / np.sqrt(np.arange(1, len(values) + 1))
    return values[int(rng.choice(len(values), p=weights / weights.sum()))]


def _allowed(leaf: Leaf, values: Mapping[str, Value]) -> bool:
    carried = {name: value.en for name, value in values.items()}
    return not any(meets(carried, pair) for pair in leaf.never)
