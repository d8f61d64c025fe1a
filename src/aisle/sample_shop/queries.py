"""The queries that shoppers of the sample shop have in mind, and which items truly answer them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from aisle.sample_shop.brands import BRANDS
from aisle.sample_shop.leaf import Leaf, Phrase, Wants, meets
from aisle.types import Item

Locale = Literal["en", "zh"]
LOCALES: tuple[Locale, ...] = get_args(Locale)


@dataclass(frozen=True, slots=True)
class Query:
    """What a shopper types, and what is meant by it."""

    text: str
    locale: Locale
    leaf: int
    wants: Wants
    """Attribute values that the item should have; "brand" is its English name."""
    weight: float
    """How often it is typed, relative to the other queries of the leaf."""


@dataclass(frozen=True, slots=True, eq=False)
class Stand:
    """The items of one leaf, side by side."""

    rows: NDArray[np.int64]
    """(n,) ascending rows of the items."""
    carried: tuple[Mapping[str, str], ...]
    """What each carries: its texts of attributes, and "brand"."""


def stands_of(leaves: Sequence[Leaf], items: Sequence[Item]) -> list[Stand]:
    """One stand a leaf; empty where the shop has nothing of it."""
    rows: dict[str, list[int]] = {leaf.name.en: [] for leaf in leaves}
    for row, item in enumerate(items):
        rows[item.category[-1]].append(row)
    return [
        Stand(np.array(found, np.int64), tuple({**_texts(items[row]), "brand": items[row].brand} for row in found))
        for found in rows.values()
    ]


def write_queries(leaves: Sequence[Leaf], stands: Sequence[Stand]) -> list[Query]:
    """Every query that some item answers fully, in both languages; each text once in a language."""
    queries: dict[tuple[Locale, str], Query] = {}
    for position, leaf in enumerate(leaves):
        for query in _of_leaf(leaf, position):
            if any(meets(carried, query.wants) for carried in stands[position].carried):
                queries.setdefault((query.locale, query.text), query)
    return list(queries.values())


def grade_stand(query: Query, stand: Stand) -> NDArray[np.int64]:
    """(n,) grades of the items of the query's own leaf.

    As in the Shopping Queries data set (ESCI: Reddy et al. 2022, arXiv:2206.06588), 3 is exact:
    everything that is wanted; 2 a substitute: something wanted is missing. An item that has nothing
    of two or more wants gets 1, as things of a complementary leaf do; everything else is 0.
    """
    return np.array([_grade(query.wants, carried) for carried in stand.carried], np.int64)


def _grade(wants: Wants, carried: Mapping[str, str]) -> int:
    n_met = sum(carried.get(name) in values for name, values in wants.items())
    if n_met == len(wants):
        return 3
    return 1 if n_met == 0 and len(wants) > 1 else 2


def _texts(item: Item) -> dict[str, str]:
    return {name: value for name, value in item.attributes.items() if isinstance(value, str)}


def _of_leaf(leaf: Leaf, position: int) -> Iterator[Query]:
    """The leaf's queries, the plain ones first: they keep their text where another query has the same."""
    for n_before, noun in enumerate(leaf.nouns):
        yield from _both(noun.en, noun.zh, position, {}, 12 / (1 + n_before))
    for wish in leaf.wishes:
        yield from _both(wish.words.en, wish.words.zh, position, wish.wants, 2.0)
    yield from _with_attributes(leaf, position)
    yield from _with_brands(leaf, position)


def _with_attributes(leaf: Leaf, position: int) -> Iterator[Query]:
    for name in leaf.asked:
        noun = _noun(leaf, name)
        for value in leaf.attribute(name).values:
            english, chinese = f"{value.en} {noun.en}".lower().strip(), f"{value.zh}{noun.zh}"
            yield from _both(english, chinese, position, {name: (value.en,)}, 1.5)
    first, second = leaf.asked[:2]
    noun = _noun(leaf, first, second)
    for one in leaf.attribute(first).values[:3]:
        for two in leaf.attribute(second).values[:3]:
            ahead, last = (one, two) if second == leaf.named_by else (two, one)
            english = f"{ahead.en} {last.en} {noun.en}".lower().strip()
            chinese = " ".join(word for word in (last.zh, noun.zh, ahead.zh) if word)
            yield from _both(english, chinese, position, {first: (one.en,), second: (two.en,)}, 0.6)


def _noun(leaf: Leaf, *asked: str) -> Phrase:
    return Phrase("", "") if leaf.named_by in asked else leaf.nouns[0]


def _with_brands(leaf: Leaf, position: int) -> Iterator[Query]:
    noun = leaf.nouns[0]
    for brand in BRANDS:
        wants = {"brand": (brand.name,)}
        yield from _both(f"{brand.name} {noun.en}".lower(), f"{brand.zh}{noun.zh}", position, wants, 1.2)


def _both(english: str, chinese: str, leaf: int, wants: Wants, weight: float) -> Iterator[Query]:
    yield Query(english, "en", leaf, wants, weight)
    yield Query(chinese, "zh", leaf, wants, weight)
