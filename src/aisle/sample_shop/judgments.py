"""Graded answers to some of the queries of the sample shop, from the truth."""

from collections.abc import Iterator

import numpy as np

from aisle.sample_shop.queries import Locale, Query
from aisle.sample_shop.world import World
from aisle.types import Judgment

_N_QUERIES: tuple[tuple[Locale, int], ...] = (("en", 150), ("zh", 50))
_N_COMPLEMENTS = 10
_N_IRRELEVANT = 20


def judge(world: World, rng: np.random.Generator) -> list[Judgment]:
    """Grades 0 to 3 for 150 English and 50 Chinese queries, evenly over the categories.

    Of each query's own leaf every item is judged, of complementary ones up to ten, of the others twenty.
    """
    queries = [query for locale, n in _N_QUERIES for query in _chosen(world, locale, n, rng)]
    return [judgment for query in queries for judgment in _judged(world, query, rng)]


def _chosen(world: World, locale: Locale, n: int, rng: np.random.Generator) -> list[int]:
    """Positions of up to `n` queries of the language: one a leaf in turn, the frequent ones rather first."""
    by_leaf: dict[int, list[int]] = {}
    for position, query in enumerate(world.queries):
        if query.locale == locale:
            by_leaf.setdefault(query.leaf, []).append(position)
    turns = []
    for positions in by_leaf.values():
        weights = np.array([world.queries[position].weight for position in positions])
        order = rng.choice(positions, len(positions), replace=False, p=weights / weights.sum())
        turns += [(turn, int(position)) for turn, position in enumerate(order)]
    return [position for _, position in sorted(turns)[:n]]


def _judged(world: World, position: int, rng: np.random.Generator) -> Iterator[Judgment]:
    query = world.queries[position]
    leaf_of = world.traits.leaf
    own = world.stands[query.leaf].rows
    along = np.isin(leaf_of, list(world.complements[query.leaf]))
    others = ~along & (leaf_of != query.leaf)
    for row, grade in zip(own, world.grades[position], strict=True):
        yield _judgment(world, query, row, int(grade))
    for mask, n, grade in ((along, _N_COMPLEMENTS, 1), (others, _N_IRRELEVANT, 0)):
        for row in rng.permutation(np.flatnonzero(mask))[:n]:
            yield _judgment(world, query, row, grade)


def _judgment(world: World, query: Query, row: int, grade: int) -> Judgment:
    return Judgment(query.text, world.items[row].item_id, grade)
