"""What was typed, read as this shop's language: mended, in words, each with what else is meant by it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path

import polars as pl

from aisle.text.compounds import apart, together
from aisle.text.near_words import NearWords
from aisle.text.normalise import normalise
from aisle.text.pieces import pieces
from aisle.text.spelling import Speller
from aisle.text.stopwords import optional_words
from aisle.text.synonyms import MAX_WORDS, Alternatives, Synonyms, merge_synonyms, mine_synonyms, read_synonyms
from aisle.text.vocabulary import Vocabulary, learn_vocabulary, plain
from aisle.types import Item

MAX_ALTERNATIVES = 4
"""Other ways to say one word that are looked for, the most certain ones."""
REMEMBERED = 5_000
"""Readings that are kept: people ask for second pages, and for the same as others."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a query, or a measure."""

    term_text: str
    """As it was typed or mended; `terms(term_text)` are its words in the index."""
    alternatives: Alternatives = ()
    """Synonyms and compounds with weights below 1, the heaviest first; those of two words must both be found."""
    optional: bool = False
    """True for a stop word: it may be left out."""


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """A query as it was understood."""

    query: str
    """What was typed, in normal form."""
    corrected: str
    """What was meant instead; empty when the spelling is right."""
    words: tuple[Word, ...]
    """The words of what was meant; empty only for a query without a letter or digit."""


@dataclass(frozen=True)
class Language:
    """The words of a shop, learned once for each release."""

    speller: Speller
    synonyms: Synonyms

    def read(self, query: str, *, spelling: bool = True) -> ReadQuery:
        """The query in words; with `spelling` off, exactly as it was typed."""
        return self._remembered(query, spelling)

    @cached_property
    def _remembered(self) -> Callable[[str, bool], ReadQuery]:
        return lru_cache(REMEMBERED)(self._read)

    def _read(self, query: str, spelling: bool) -> ReadQuery:
        query = normalise(query)
        corrected = self.speller.correct(query) if spelling else query
        found = pieces(corrected)
        plains = [plain(piece) for piece in found]
        others = self._alternatives(plains)
        words = map(Word, found, others, optional_words(plains))
        return ReadQuery(query, corrected if corrected != query else "", tuple(words))

    def _alternatives(self, words: Sequence[str]) -> list[Alternatives]:
        """For each word what else is meant by it, alone or with its neighbours."""
        vocabulary = self.speller.vocabulary
        weights: list[dict[str, float]] = [dict(apart(vocabulary, word)) for word in words]
        for at, (left, right) in enumerate(pairwise(words)):
            for whole, weight in together(vocabulary, left, right):
                weights[at][whole] = weights[at + 1][whole] = weight
        for start in range(len(words)) if self.synonyms.by_phrase else ():
            for end in range(start + 1, min(start + MAX_WORDS, len(words)) + 1):
                for other, weight in self.synonyms.of(words[start:end]):
                    for at in range(start, end):
                        weights[at][other] = max(weight, weights[at].get(other, 0.0))
        return [tuple(sorted(ways.items(), key=lambda way: -way[1])[:MAX_ALTERNATIVES]) for ways in weights]

    def save(self, folder: Path) -> None:
        """Write words, near words and synonyms into `folder`, which is made where there is none."""
        folder.mkdir(parents=True, exist_ok=True)
        self.speller.vocabulary.save(folder)
        self.speller.near.save(folder)
        self.synonyms.save(folder)

    @classmethod
    def load(cls, folder: Path) -> "Language":
        """Read what `save` wrote. Raises ReleaseError when a file is missing or damaged."""
        vocabulary = Vocabulary.load(folder)
        near = NearWords.load(folder, len(vocabulary.words))
        return cls(Speller(vocabulary, near), Synonyms.load(folder))


def learn_language(
    items: Iterable[Item],
    queries: Mapping[str, int] | None = None,
    synonyms_file: Path | None = None,
    co_clicks: pl.DataFrame | None = None,
    *,
    english: Mapping[str, float] | None = None,
) -> Language:
    """The language of a shop: its items' words, those of its searches, and other words for the same.

    `queries` gives how often each query led to a click; `co_clicks` has the columns query, item_id, n;
    `english` the share of each English word in text (default: `general_english`). Raises InputError for a
    synonyms file that cannot be read.
    """
    vocabulary = learn_vocabulary(items, queries, english)
    synonyms = read_synonyms(synonyms_file) if synonyms_file else Synonyms({})
    if co_clicks is not None:
        synonyms = merge_synonyms(synonyms, mine_synonyms(co_clicks))
    return Language(Speller.of(vocabulary), synonyms)
