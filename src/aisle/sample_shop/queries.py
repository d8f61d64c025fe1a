"""The queries that shoppers of the sample shop have in mind, and which items truly answer them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from aisle.sample_shop.brands import BRANDS
from aisle.sample_shop.leaf import Leaf, Wants
from aisle.types import Item

Locale = Literal["en", "zh"]


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


def write_queries(leaves: Sequence[Leaf], items: Sequence[Item]) -> list[Query]:
    """Every query that some item answers fully, in both languages; each text once in a language."""
    carried = [_carried(leaves, items, position) for position in range(len(leaves))]
    queries: dict[tuple[Locale, str], Query] = {}
    for position, leaf in enumerate(leaves):
        for query in _of_leaf(leaf, position):
            if _is_answered(query.wants, carried[position]):
                queries.setdefault((query.locale, query.text), query)
    return list(queries.values())


def grade_items(query: Query, leaves: Sequence[Leaf], items: Sequence[Item]) -> NDArray[np.int64]:
    """(n_items,) grades as in the Shopping Queries data set (ESCI: Reddy et al. 2022, arXiv:2206.06588).

    3 exact: the leaf, and everything that is wanted. 2 substitute: the leaf, but something wanted is
    missing. 1 complement: used together with things of the leaf, or the leaf with nothing of two or
    more wants. 0 irrelevant.
    """
    leaf = leaves[query.leaf]
    return np.array([_grade(query.wants, leaf, item) for item in items], np.int64)


def _grade(wants: Wants, leaf: Leaf, item: Item) -> int:
    if item.category[-1] != leaf.name.en:
        return int(item.category[-1] in leaf.complement_names)
    carried = {**_texts(item), "brand": item.brand}
    n_met = sum(carried.get(name) in values for name, values in wants.items())
    if n_met == len(wants):
        return 3
    return 1 if n_met == 0 and len(wants) > 1 else 2


def _texts(item: Item) -> dict[str, str]:
    return {name: value for name, value in item.attributes.items() if isinstance(value, str)}


def _carried(leaves: Sequence[Leaf], items: Sequence[Item], position: int) -> list[Mapping[str, str]]:
    name = leaves[position].name.en
    return [{**_texts(item), "brand": item.brand} for item in items if item.category[-1] == name]


def _is_answered(wants: Wants, carried: Sequence[Mapping[str, str]]) -> bool:
    return any(all(values.get(name) in wanted for name, wanted in wants.items()) for values in carried)


def _of_leaf(leaf: Leaf, position: int) -> Iterator[Query]:
    """The leaf's queries, the plain ones first: they keep their text where another query has the same."""
    for n_before, noun in enumerate(leaf.nouns):
        yield from _both(noun.en, noun.zh, position, {}, 12 / (1 + n_before))
    for wish in leaf.wishes:
        yield from _both(wish.words.en, wish.words.zh, position, wish.wants, 2.0)
    yield from _with_attributes(leaf, position)
    yield from _with_brands(leaf, position)


def _with_attributes(leaf: Leaf, position: int) -> Iterator[Query]:
    noun = leaf.nouns[0]
    for name in leaf.asked:
        for value in leaf.attribute(name).values:
            wants = {name: (value.en,)}
            if value.en.lower().endswith(noun.en):
                yield from _both(value.en.lower(), value.zh, position, wants, 2.0)
            else:
                yield from _both(f"{value.en.lower()} {noun.en}", f"{value.zh}{noun.zh}", position, wants, 1.5)
    first, second = leaf.asked[:2]
    for one in leaf.attribute(first).values[:3]:
        for two in leaf.attribute(second).values[:3]:
            wants = {first: (one.en,), second: (two.en,)}
            english = f"{two.en} {one.en} {noun.en}".lower()
            yield from _both(english, f"{one.zh} {noun.zh} {two.zh}", position, wants, 0.6)


def _with_brands(leaf: Leaf, position: int) -> Iterator[Query]:
    noun = leaf.nouns[0]
    for brand in BRANDS:
        wants = {"brand": (brand.name,)}
        yield from _both(f"{brand.name} {noun.en}".lower(), f"{brand.zh}{noun.zh}", position, wants, 1.2)


def _both(english: str, chinese: str, leaf: int, wants: Wants, weight: float) -> Iterator[Query]:
    yield Query(english, "en", leaf, wants, weight)
    yield Query(chinese, "zh", leaf, wants, weight)
