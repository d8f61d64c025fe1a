"""What shoppers of the sample shop type: a query for what they need, now and then with a typing error."""

from dataclasses import dataclass, field

import numpy as np

from aisle.sample_shop.queries import LOCALES, Locale
from aisle.sample_shop.typos import misspell
from aisle.sample_shop.users import Floats, Ints
from aisle.sample_shop.world import World

_TYPO_SHARE = {"en": 0.09, "zh": 0.05}
_SAME_NEED = 0.55
"""Chance that the next search of a visit is for the same kind of thing."""


@dataclass(slots=True)
class Typed:
    """The texts that were typed, and what the mistaken ones were meant to be."""

    texts: list[str]
    """First the queries of the world, then what was typed by mistake."""
    typos: dict[str, str] = field(default_factory=dict)
    """Mistaken text to intended text."""


def draw_needs(world: World, users: Ints, day: Floats, last: Ints, rng: np.random.Generator) -> Ints:
    """(n,) the leaf that each user wants something of: by taste, often the `last` one (-1: none yet) again."""
    likely = world.tastes.category_at(users, day / world.days) * _is_searchable(world)
    upto = np.cumsum(likely, axis=1)
    drawn = (rng.random((len(users), 1)) * upto[:, -1:] >= upto).sum(axis=1)
    again = (last >= 0) & (rng.random(len(users)) < _SAME_NEED)
    return np.where(again, last, drawn)


def draw_queries(world: World, users: Ints, needs: Ints, rng: np.random.Generator) -> Ints:
    """(n,) a query for each need, in the user's language."""
    queries = np.empty(len(users), np.int64)
    by_need = _by_need(world)
    for leaf in np.unique(needs):
        for locale in LOCALES:
            asking = np.flatnonzero((needs == leaf) & (world.tastes.reads_chinese[users] == (locale == "zh")))
            known, shares = by_need[int(leaf), locale]
            queries[asking] = rng.choice(known, len(asking), p=shares)
    return queries


def type_queries(world: World, queries: Ints, typed: Typed, rng: np.random.Generator) -> Ints:
    """(n,) positions in `typed.texts` of what is typed for each query; new mistakes are added to `typed`."""
    positions = queries.copy()
    slips = rng.random(len(queries))
    for page, query in enumerate(queries):
        meant = world.queries[query]
        if slips[page] < _TYPO_SHARE[meant.locale]:
            positions[page] = _slip(meant.text, int(query), typed, rng)
    return positions


def _slip(text: str, query: int, typed: Typed, rng: np.random.Generator) -> int:
    """The position of a mistaken `text`; that of the query itself where the mistake would mean something else."""
    mistaken = misspell(text, rng)
    if mistaken in typed.typos:
        return typed.texts.index(mistaken) if typed.typos[mistaken] == text else query
    if mistaken in typed.texts:
        return query
    typed.typos[mistaken] = text
    typed.texts.append(mistaken)
    return len(typed.texts) - 1


def _by_need(world: World) -> dict[tuple[int, Locale], tuple[Ints, Floats]]:
    """By leaf and language: the queries and how often each is typed."""
    found: dict[tuple[int, Locale], list[int]] = {}
    for position, query in enumerate(world.queries):
        found.setdefault((query.leaf, query.locale), []).append(position)
    shares = {}
    for key, positions in found.items():
        weights = np.array([world.queries[position].weight for position in positions])
        shares[key] = (np.array(positions, np.int64), weights / weights.sum())
    return shares


def _is_searchable(world: World) -> Floats:
    """(n_leaves,) 1 where the shop has something that can be asked for in both languages."""
    known = {(query.leaf, query.locale) for query in world.queries}
    return np.array([float({(leaf, "en"), (leaf, "zh")} <= known) for leaf in range(len(world.leaves))])
