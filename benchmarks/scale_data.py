"""A synthetic catalogue with lengths and words as real shops have them: as many items as are asked for.

Words follow Zipf's law in every category; each leaf of the category tree has words and brands of its own. Item n is the
same whatever number is asked for, and no more than one item is in memory.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aisle.text.vocabulary import general_english
from aisle.types import Item

N_WORDS = 40_000
N_DEPARTMENTS, N_AISLES, N_LEAVES = 12, 8, 5
"""Levels of the category tree: 480 leaves."""
N_BRANDS = 4_000
LEAF_WORDS, LEAF_BRANDS = 400, 40
OWN_SHARE = 0.7
"""Of the words of a text, those of its category; the rest comes from all words."""
ZIPF = 1.07
"""Exponent: that of English text."""
COLORS = ("black", "white", "silver", "grey", "blue", "red", "green", "brown", "beige", "yellow", "pink", "purple")
MATERIALS = ("steel", "wood", "cotton", "plastic", "leather", "glass", "ceramic", "aluminium", "polyester", "bamboo")
SEED = 20_26


@dataclass(frozen=True, slots=True)
class World:
    """What all items are drawn from."""

    words: tuple[str, ...]
    shares: NDArray[np.float64]
    """(n_words,) cumulative, by Zipf's law."""
    leaves: tuple[tuple[str, ...], ...]
    """Category paths."""
    leaf_words: NDArray[np.int32]
    """(n_leaves, LEAF_WORDS) which words each category has of its own, the most frequent first."""
    leaf_shares: NDArray[np.float64]
    brands: tuple[str, ...]
    leaf_brands: NDArray[np.int32]


def make_world() -> World:
    """The words, categories and brands of the shop."""
    rng = np.random.default_rng(SEED)
    english = general_english()
    words = tuple(sorted(english, key=lambda word: -english[word])[100 : 100 + N_WORDS])
    names = [word.capitalize() for word in rng.choice(words[2_000:20_000], 8_000, replace=False)]
    leaves = []
    for department in range(N_DEPARTMENTS):
        for aisle in range(N_AISLES):
            first = N_DEPARTMENTS + department * N_AISLES + aisle
            below = N_DEPARTMENTS + N_DEPARTMENTS * N_AISLES + (first - N_DEPARTMENTS) * N_LEAVES
            leaves += [(names[department], names[first], names[below + leaf]) for leaf in range(N_LEAVES)]
    return World(
        words,
        _zipf(len(words)),
        tuple(leaves),
        np.stack([rng.choice(len(words), LEAF_WORDS, replace=False) for _ in leaves]).astype(np.int32),
        _zipf(LEAF_WORDS),
        tuple(names[2_000 : 2_000 + N_BRANDS]),
        rng.integers(0, N_BRANDS, (len(leaves), LEAF_BRANDS)).astype(np.int32),
    )


def make_items(world: World, n_items: int) -> Iterator[Item]:
    """Items 0 to `n_items` - 1: titles of 5 to 15 words, descriptions of 10 to 60, six attributes, some variants."""
    for number in range(n_items):
        rng = np.random.default_rng((SEED, number))
        leaf = min(int(rng.pareto(0.6)), len(world.leaves) - 1) if rng.random() < 0.5 else int(rng.integers(480))
        brand = world.brands[world.leaf_brands[leaf, int(rng.random() ** 2 * LEAF_BRANDS)]]
        color, material = COLORS[int(rng.integers(12))], MATERIALS[int(rng.integers(10))]
        model = f"{brand[:2].upper()}-{int(rng.integers(100, 99_999))}"
        title = _text(world, leaf, rng, int(rng.integers(3, 12)))
        yield Item(
            f"i{number:08d}",
            f"{brand} {model} {title} {color}" if rng.random() < 0.5 else f"{brand} {title}, {material}",
            description=_text(world, leaf, rng, int(rng.integers(10, 61))),
            brand=brand,
            category=world.leaves[leaf],
            price=round(float(np.exp(rng.normal(3.4, 1.0))), 2),
            currency="EUR",
            stock=int(rng.integers(0, 50)),
            rating=round(float(rng.uniform(2.5, 5)), 1),
            rating_count=int(rng.pareto(1.0) * 5),
            gtin=f"40{number:011d}",
            group_id=f"g{number // 3}" if number % 9 < 3 else "",
            attributes={
                "color": color,
                "material": material,
                "weight_kg": round(float(np.exp(rng.normal(0, 1))), 1),
                "width_cm": int(rng.integers(5, 200)),
                "warranty_years": int(rng.integers(1, 6)),
                "model": model,
            },
        )


def make_queries(items: Sequence[Item], n: int) -> list[str]:
    """`n` queries of one to four words, each out of the title, brand or category of one of `items`."""
    rng = np.random.default_rng(SEED + 1)
    queries = []
    for row in rng.integers(0, len(items), n).tolist():
        item = items[row]
        words = item.title.replace(",", "").split()
        chosen = sorted(rng.choice(len(words), min(len(words), int(rng.integers(1, 5))), replace=False).tolist())
        head = [item.category[-1]] if rng.random() < 0.2 else []
        queries.append(" ".join([*head, *(words[place] for place in chosen)]))
    return queries


def _text(world: World, leaf: int, rng: np.random.Generator, n_words: int) -> str:
    own = world.leaf_words[leaf, np.searchsorted(world.leaf_shares, rng.random(n_words))]
    any_ = np.searchsorted(world.shares, rng.random(n_words))
    return " ".join(world.words[place] for place in np.where(rng.random(n_words) < OWN_SHARE, own, any_).tolist())


def _zipf(n: int) -> NDArray[np.float64]:
    shares = np.cumsum(np.arange(1, n + 1) ** -ZIPF)
    return np.asarray(shares / shares[-1])
