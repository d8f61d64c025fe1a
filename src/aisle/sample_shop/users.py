"""The shoppers of the sample shop and their hidden tastes, which drift over the window."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aisle.sample_shop.catalogue import Traits

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Tastes:
    """What each user likes at the start ([0]) and at the end ([1]) of the window; in between it moves evenly."""

    category: Floats
    """(2, n_users, n_leaves): how likely a need is for a thing of the leaf; each row sums to 1."""
    brand: Floats
    """(2, n_users, n_brands): liking of each brand, standard normal."""
    price_level: Floats
    """(2, n_users): preferred place between the cheapest (0) and the dearest (1) of a leaf."""
    reads_chinese: NDArray[np.bool_]
    """(n_users,)"""
    activity: Floats
    """(n_users,): share of all visits, sums to 1."""

    def category_at(self, users: Ints, progress: Floats) -> Floats:
        """(n, n_leaves) category tastes of these users, each at its own `progress` from 0 to 1."""
        part = progress[:, None]
        mixed: Floats = (1 - part) * self.category[0, users] + part * self.category[1, users]
        return mixed


def draw_tastes(n_users: int, n_leaves: int, n_brands: int, rng: np.random.Generator) -> Tastes:
    """Tastes of `n_users`: a few favourite categories each; one user in four changes a lot, the others a little."""
    start = rng.normal(0, 1.6, (n_users, n_leaves))
    turn = np.where(rng.random(n_users) < 0.25, 0.8, 0.15)[:, None]
    end = np.sqrt(1 - turn**2) * start + turn * rng.normal(0, 1.6, (n_users, n_leaves))
    brand = rng.standard_normal((n_users, n_brands))
    later_brand = np.sqrt(1 - 0.3**2) * brand + 0.3 * rng.standard_normal((n_users, n_brands))
    level = rng.beta(2.0, 2.2, n_users)
    activity = rng.lognormal(0, 0.9, n_users)
    return Tastes(
        category=np.stack([_softmax(start), _softmax(end)]),
        brand=np.stack([brand, later_brand]),
        price_level=np.stack([level, np.clip(level + rng.normal(0, 0.08, n_users), 0, 1)]),
        reads_chinese=rng.random(n_users) < 0.25,
        activity=activity / activity.sum(),
    )


def liking(tastes: Tastes, traits: Traits, users: Ints, rows: Ints, day: Floats, days: int) -> Floats:
    """How much each user likes the item beside it on its `day`: (n, k) for `users` (n,), `rows` (n, k), `day` (n,).

    The sum of five parts, about 0 on average and about 1.5 in spread:
    0.7 log(category taste x n_leaves), clipped to -1.5..2; 0.7 brand taste; -3 (price level - preferred level)^2;
    0.6 appeal of the item on that day; and a constant 0.4.
    """
    part = np.clip(day / days, 0, 1)[:, None]  # who rates after the last day has the taste of that day
    seen = traits.taken(rows)
    at = users[:, None]
    category = (1 - part) * tastes.category[0, at, seen.leaf] + part * tastes.category[1, at, seen.leaf]
    brand = (1 - part) * tastes.brand[0, at, seen.brand] + part * tastes.brand[1, at, seen.brand]
    preferred = (1 - part) * tastes.price_level[0, at] + part * tastes.price_level[1, at]
    needed = 0.7 * np.clip(np.log(category * tastes.category.shape[2]), -1.5, 2.0)
    dear = 3.0 * (seen.price_level - preferred) ** 2
    total: Floats = 0.4 + needed + 0.7 * brand - dear + 0.6 * seen.appeal(day[:, None])
    return total


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares
