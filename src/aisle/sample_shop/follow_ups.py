"""What a purchase leads to: things that go with it, the same again when it is used up, and a rating."""

import numpy as np

from aisle.sample_shop.chronicle import NOTHING, SURFACES, Happenings, happened, joined
from aisle.sample_shop.users import Floats, Ints
from aisle.sample_shop.world import World
from aisle.types import EVENT_KINDS

_SECOND = 1 / 86_400
_ITEM = SURFACES.index("item")
_REPURCHASE_SHARE = 0.4
_RATING_SHARE = 0.25
_CONSIDERED = 12
"""How many things of a complementary leaf a shopper compares."""


def after_purchases(world: World, log: Happenings, n_visits: int, rng: np.random.Generator) -> Happenings:
    """What follows the purchases in `log`; visits that are new are numbered from `n_visits`."""
    bought = log.taken(log.kind == EVENT_KINDS.index("purchase"))
    with_it = _complements(world, bought, rng)
    again = _repurchases(world, bought, n_visits, rng)
    rated = _ratings(world, joined([bought, with_it, again]), rng)
    return joined([_buying(with_it, rng), _buying(again, rng), rated])


def _complements(world: World, bought: Happenings, rng: np.random.Generator) -> Happenings:
    """Purchases of complements, a few minutes later on the same visit."""
    parts = [bought.taken(np.empty(0, np.int64))]
    leaf_of = world.traits.leaf[bought.row]
    for leaf, others in world.complements.items():
        for other, chance in others.items():
            if len(world.stands[other].rows) == 0:
                continue
            buyers = bought.taken((leaf_of == leaf) & (rng.random(len(bought)) < chance))
            day = buyers.day + _SECOND * rng.uniform(60, 400, len(buyers))
            chosen = _best_liked(world, buyers.user, world.stands[other].rows, day, rng)
            parts.append(_purchases(buyers, chosen, day, buyers.visit))
    complements = joined(parts)
    return complements.taken(world.traits.released_day[complements.row] <= complements.day)


def _repurchases(world: World, bought: Happenings, n_visits: int, rng: np.random.Generator) -> Happenings:
    """The same again about a month later, on a visit of its own."""
    is_used_up = np.array([leaf.consumable for leaf in world.leaves])[world.traits.leaf[bought.row]]
    buyers = bought.taken(is_used_up & (rng.random(len(bought)) < _REPURCHASE_SHARE))
    day = buyers.day + np.maximum(rng.normal(28, 6, len(buyers)), 7)
    return _purchases(buyers, buyers.row, day, n_visits + np.arange(len(buyers)))


def _purchases(buyers: Happenings, rows: Ints, day: Floats, visit: Ints) -> Happenings:
    return happened("purchase", day=day, user=buyers.user, visit=visit, row=rows, value=1.0, surface=_ITEM)


def _best_liked(world: World, users: Ints, stand: Ints, day: Floats, rng: np.random.Generator) -> Ints:
    """(n,) for each user the item that it likes best, more or less, of a few of the stand."""
    rows = stand[rng.integers(len(stand), size=(len(users), _CONSIDERED))]
    likes = world.liking(users, rows, day) + rng.gumbel(0, 0.5, rows.shape)
    best: Ints = np.take_along_axis(rows, likes.argmax(axis=1)[:, None], axis=1)[:, 0]
    return best


def _buying(purchases: Happenings, rng: np.random.Generator) -> Happenings:
    """The purchases with the view and the cart before each of them."""
    carts = purchases.changed("cart", day=purchases.day - _SECOND * rng.uniform(10, 25, len(purchases)))
    nothing = np.full(len(purchases), np.nan)
    views = carts.changed("view", day=carts.day - _SECOND * rng.uniform(5, 20, len(purchases)), value=nothing)
    return joined([views, carts, purchases])


def _ratings(world: World, bought: Happenings, rng: np.random.Generator) -> Happenings:
    """One to five stars, two to twelve days later: for the quality of the item, and a little for taste."""
    raters = bought.taken(rng.random(len(bought)) < _RATING_SHARE)
    pleased = world.liking(raters.user, raters.row[:, None], raters.day)[:, 0]
    opinion = 3.1 + 0.7 * world.traits.quality[raters.row] + 0.25 * pleased + rng.normal(0, 0.9, len(raters))
    nowhere = np.full(len(raters), NOTHING)
    return raters.changed(
        "rate",
        day=raters.day + rng.uniform(2, 12, len(raters)),
        visit=nowhere,
        page=nowhere,
        value=np.clip(np.rint(opinion), 1, 5),
        surface=np.zeros(len(raters), np.int64),
    )
