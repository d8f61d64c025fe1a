"""The sample shop before anybody visits: its shelves, its shoppers and the queries they have in mind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from aisle.sample_shop.brands import BRANDS
from aisle.sample_shop.catalogue import Traits, write_items
from aisle.sample_shop.leaf import Leaf
from aisle.sample_shop.products import draw_products
from aisle.sample_shop.queries import Query, Stand, grade_stand, stands_of, write_queries
from aisle.sample_shop.taxonomy import read_leaves
from aisle.sample_shop.users import Floats, Ints, Tastes, draw_tastes, liking
from aisle.types import Item


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """Everything that is decided before the first visit."""

    leaves: Sequence[Leaf]
    items: Sequence[Item]
    traits: Traits
    tastes: Tastes
    stands: Sequence[Stand]
    queries: Sequence[Query]
    grades: Sequence[Ints]
    """By query: the grades of the items of its own leaf."""
    start: datetime
    days: int

    @property
    def n_users(self) -> int:
        """How many shoppers there are."""
        return len(self.tastes.activity)

    @property
    def complements(self) -> Mapping[int, Mapping[int, float]]:
        """By leaf: the leaves bought along with it, and how likely."""
        position = {leaf.slug: number for number, leaf in enumerate(self.leaves)}
        return {
            number: {position[slug]: chance for slug, chance in leaf.complements.items()}
            for number, leaf in enumerate(self.leaves)
        }

    def liking(self, users: Ints, rows: Ints, day: Floats) -> Floats:
        """(n, k) how much each user likes the items beside it on its day: `users` (n,), `rows` (n, k), `day` (n,)."""
        return liking(self.tastes, self.traits, users, rows, day, self.days)


def make_world(n_items: int, n_users: int, start: datetime, days: int, rng: np.random.Generator) -> World:
    """A shop of `n_items` and its `n_users`, for the `days` that follow the midnight `start`."""
    leaves = read_leaves()
    products = draw_products(leaves, n_items, days, rng)
    items, traits = write_items(products, leaves, start, days, rng)
    stands = stands_of(leaves, items)
    queries = write_queries(leaves, stands)
    return World(
        leaves=leaves,
        items=items,
        traits=traits,
        tastes=draw_tastes(n_users, len(leaves), len(BRANDS), rng),
        stands=stands,
        queries=queries,
        grades=[grade_stand(query, stands[query.leaf]) for query in queries],
        start=start,
        days=days,
    )
