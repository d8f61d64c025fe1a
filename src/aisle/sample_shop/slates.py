"""What the sample shop shows: eight items a page, chosen by a ranking that knows no shopper."""

from dataclasses import dataclass

import numpy as np

from aisle.sample_shop.users import Floats, Ints
from aisle.sample_shop.world import World

SLATE_SIZE = 8
_INTRUDER_SHARE = 0.25
_POPULAR_POOL = 48


@dataclass(frozen=True, slots=True, eq=False)
class Slates:
    """What is shown on n pages."""

    rows: Ints
    """(n, 8) rows of the items by rank; -1 where there was nothing to show."""
    grades: Ints
    """(n, 8) true grades for the query; 0 on shelves, which have none."""


def search_slates(world: World, queries: Ints, day: Floats, rng: np.random.Generator) -> Slates:
    """The answers to `queries` (n,): by grade, appeal and noise; on every fourth page one item is off the mark."""
    slates = _empty(len(queries))
    leaf_of = np.array([query.leaf for query in world.queries], np.int64)[queries]
    for leaf in np.unique(leaf_of):
        pages = np.flatnonzero(leaf_of == leaf)
        stand = world.stands[leaf].rows
        grades = np.stack([world.grades[query] for query in queries[pages]])
        scores = 1.1 * grades + _worth(world, stand, day[pages]) + rng.gumbel(0, 0.7, grades.shape)
        best, rows = _top(scores, stand)
        width = best.shape[1]
        slates.rows[pages, :width] = rows
        slates.grades[pages, :width] = np.take_along_axis(grades, best, axis=1)
    return _with_intruders(world, slates, leaf_of, day, rng)


def popular_slates(world: World, day: Floats, rng: np.random.Generator) -> Slates:
    """Eight of the most liked items of each day in random order: its click-through by rank shows the position bias."""
    slates = _empty(len(day))
    everything = np.arange(len(world.items))
    for date in np.unique(np.floor(day)):
        pages = np.flatnonzero(np.floor(day) == date)
        _, pool = _top(_worth(world, everything, np.array([date])), everything, _POPULAR_POOL)
        shuffled = rng.permuted(np.repeat(pool[pool >= 0][None], len(pages), axis=0), axis=1)[:, :SLATE_SIZE]
        slates.rows[pages, : shuffled.shape[1]] = shuffled
    return slates


def similar_slates(world: World, anchors: Ints, day: Floats, rng: np.random.Generator) -> Slates:
    """Other items of the leaf of each of `anchors` (n,): of the same brand, of about the same price, liked."""
    slates = _empty(len(anchors))
    traits = world.traits
    leaf_of = traits.leaf[anchors]
    for leaf in np.unique(leaf_of):
        pages = np.flatnonzero(leaf_of == leaf)
        stand = world.stands[leaf].rows
        anchor = anchors[pages][:, None]
        same_brand = traits.brand[stand] == traits.brand[anchor]
        apart = np.abs(traits.price_level[stand] - traits.price_level[anchor])
        scores = 0.8 * same_brand - 2.0 * apart + _worth(world, stand, day[pages])
        scores += rng.gumbel(0, 0.7, scores.shape)
        scores[stand == anchor] = -np.inf
        _, rows = _top(scores, stand)
        slates.rows[pages, : rows.shape[1]] = rows
    return slates


def _empty(n_pages: int) -> Slates:
    shape = (n_pages, SLATE_SIZE)
    return Slates(np.full(shape, -1, np.int64), np.zeros(shape, np.int64))


def _worth(world: World, rows: Ints, day: Floats) -> Floats:
    """(n, len(rows)) half the appeal of the items on each day, -inf before their release."""
    seen = world.traits.taken(rows)
    at = day[:, None]
    return np.where(seen.released_day <= at, 0.5 * seen.appeal(at), -np.inf)


def _top(scores: Floats, stand: Ints, k: int = SLATE_SIZE) -> tuple[Ints, Ints]:
    """Positions in `stand` of the `k` highest scores of each page, and their rows: -1 for a score of -inf."""
    best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    shown = np.isfinite(np.take_along_axis(scores, best, axis=1))
    return best, np.where(shown, stand[best], -1)


def _with_intruders(world: World, slates: Slates, leaf_of: Ints, day: Floats, rng: np.random.Generator) -> Slates:
    """The slates with an item of another leaf in one place of some pages, as a ranking by words has it."""
    n_pages = len(leaf_of)
    stranger = rng.integers(len(world.items), size=n_pages)
    place = rng.integers(SLATE_SIZE, size=n_pages)
    fits = (world.traits.leaf[stranger] != leaf_of) & (world.traits.released_day[stranger] <= day)
    fits &= (rng.random(n_pages) < _INTRUDER_SHARE) & (slates.rows[np.arange(n_pages), place] >= 0)
    pages = np.flatnonzero(fits)
    complements = world.complements
    pairs = zip(leaf_of[pages], world.traits.leaf[stranger[pages]], strict=True)
    rows, grades = slates.rows.copy(), slates.grades.copy()
    rows[pages, place[pages]] = stranger[pages]
    grades[pages, place[pages]] = [int(other in complements[leaf]) for leaf, other in pairs]
    return Slates(rows, grades)
