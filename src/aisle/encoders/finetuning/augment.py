"""Texts a little otherwise: typos, other words for the same, parts left out. Seeded by the caller's generator."""

import re
from collections.abc import Sequence

import numpy as np

from aisle.sample_shop.typos import misspell
from aisle.text import segment
from aisle.text.synonyms import MAX_WORDS, Synonyms

NO_SYNONYMS = Synonyms({})
WORD = re.compile(r"\w+(?:[./-]\w+)*")
FIRST = 150
"""Characters of a text that made queries take their words from: its name, mostly."""


def changed_queries(
    queries: Sequence[str], share: float, rng: np.random.Generator, synonyms: Synonyms = NO_SYNONYMS
) -> list[str]:
    """`queries` with a `share` of them changed: a synonym where one is known and a coin says so, else one typo."""
    chosen = rng.random(len(queries)) < share
    return [_changed(query, rng, synonyms) if change else query for query, change in zip(queries, chosen, strict=True)]


def changed_items(texts: Sequence[str], share: float, rng: np.random.Generator) -> list[str]:
    """`texts` with a `share` of them without one of their parts."""
    chosen = rng.random(len(texts)) < share
    return [without_part(text, rng) if change else text for text, change in zip(texts, chosen, strict=True)]


def with_synonym(query: str, synonyms: Synonyms, rng: np.random.Generator) -> str:
    """`query` with one phrase replaced by another word for it, or as it is where none is known."""
    words = query.split()
    found = [
        (start, end, other)
        for start in range(len(words))
        for end in range(start + 1, min(len(words), start + MAX_WORDS) + 1)
        for other, _ in synonyms.of([word.casefold() for word in words[start:end]])
    ]
    if not found:
        return query
    start, end, other = found[int(rng.integers(len(found)))]
    return " ".join([*words[:start], other, *words[end:]])


def without_part(text: str, rng: np.random.Generator) -> str:
    """`text` without one of its parts between commas or full stops; the first, its name, always stays.

    >>> without_part("Blue mug, 300 ml", np.random.default_rng(0))
    'Blue mug'
    """
    for mark in (". ", ", "):
        first, *parts = text.split(mark)
        if parts:
            del parts[int(rng.integers(len(parts)))]
            return mark.join([first, *parts])
    return text


def made_query(text: str, rng: np.random.Generator) -> str:
    """Two to five words of the beginning of `text`, in their order, as somebody might ask for it.

    >>> made_query("Blue coffee mug, 300 ml", np.random.default_rng(0))
    'mug 300ml'
    """
    words = WORD.findall(segment(text[:FIRST]).casefold())
    chosen = rng.permutation(len(words))[: int(rng.integers(2, 6))]
    return " ".join(words[place] for place in np.sort(chosen).tolist())


def _changed(query: str, rng: np.random.Generator, synonyms: Synonyms) -> str:
    other = with_synonym(query, synonyms, rng) if rng.random() < 0.5 else query
    return other if other != query else misspell(query, rng)
