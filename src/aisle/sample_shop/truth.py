"""What is really so in the sample shop, hidden from everybody who only sees its feeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from aisle.sample_shop.brands import BRANDS
from aisle.sample_shop.catalogue import Traits
from aisle.sample_shop.clicks import PROPENSITIES
from aisle.sample_shop.queries import Locale
from aisle.sample_shop.users import Floats, Ints, Tastes, liking
from aisle.sample_shop.world import World


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """The hidden causes of the events and judgments, so that what is learned from them can be checked.

    A user's row is its position in `user_ids`, an item's its position in `item_ids`; leaves and brands
    are numbered by `leaves` and `brands`.
    """

    days: int
    """Length of the window; day 0 starts at its first midnight."""
    user_ids: tuple[str, ...]
    item_ids: tuple[str, ...]
    leaves: tuple[str, ...]
    """Slugs of the leaf categories."""
    leaf_names: tuple[str, ...]
    """The English names of the leaves: the last part of an item's category."""
    brands: tuple[str, ...]
    tastes: Tastes
    traits: Traits
    propensities: Floats
    """(8,) chance that a shopper looks at all at each rank, from the first."""
    typos: Mapping[str, str]
    """Mistaken query to the query that was meant."""
    queries: Mapping[Locale, tuple[str, ...]]
    """By language: every query that shoppers have in mind."""
    complements: Mapping[str, Mapping[str, float]]
    """By slug: what is bought along with things of that leaf, and how likely."""

    def liking(self, users: Ints, rows: Ints, day: Floats) -> Floats:
        """(n, k) how much each user likes the items beside it: `users` (n,), `rows` (n, k), `day` (n,) in days.

        The higher, the likelier are a click, a cart and a purchase; see `aisle.sample_shop.users.liking`.
        """
        return liking(self.tastes, self.traits, users, rows, day, self.days)

    @property
    def rising(self) -> tuple[str, ...]:
        """Ids of the items that rise during the window."""
        return tuple(self.item_ids[row] for row in np.flatnonzero(np.isfinite(self.traits.rising_day)))


def truth_of(world: World, user_ids: Sequence[str], typos: Mapping[str, str]) -> Truth:
    """The truth about `world`, with the typing errors that happened in it."""
    return Truth(
        days=world.days,
        user_ids=tuple(user_ids),
        item_ids=tuple(item.item_id for item in world.items),
        leaves=tuple(leaf.slug for leaf in world.leaves),
        leaf_names=tuple(leaf.name.en for leaf in world.leaves),
        brands=tuple(brand.name for brand in BRANDS),
        tastes=world.tastes,
        traits=world.traits,
        propensities=PROPENSITIES,
        typos=dict(typos),
        queries={
            "en": tuple(query.text for query in world.queries if query.locale == "en"),
            "zh": tuple(query.text for query in world.queries if query.locale == "zh"),
        },
        complements={leaf.slug: dict(leaf.complements) for leaf in world.leaves if leaf.complements},
    )


def truth_to_dict(truth: Truth) -> dict[str, Any]:
    """The truth as plain JSON values; tastes and traits to four decimals, infinite days as null."""
    data: dict[str, Any] = {}
    for column in fields(truth):
        value = getattr(truth, column.name)
        if isinstance(value, Tastes | Traits):
            data[column.name] = {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
        else:
            data[column.name] = _plain(value) if isinstance(value, np.ndarray) else value
    return data


def _plain(array: np.ndarray[Any, np.dtype[Any]]) -> Any:
    if not np.issubdtype(array.dtype, np.floating):
        return array.tolist()
    rounded = np.round(array, 4)
    plain = rounded.astype(object)
    plain[~np.isfinite(rounded)] = None
    return plain.tolist()
