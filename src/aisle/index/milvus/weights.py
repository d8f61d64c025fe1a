"""Words as sparse vectors whose inner product is BM25 in the best field, as lexical.py has it (k1=1.2, b=0.75).

Milvus sums what query and item have in common, and cannot take the best of several fields. So the best is
taken before: an item's weight of a word is the word's whole score, max + 0.1 * (sum - max) over its fields,
by the document frequencies and mean lengths of the time when it was indexed, and a query's weight of a word
is 1. Only where a word may be said in several ways, of which the best counts, is the inner product more
than the score: then what Milvus found is scored again, by the items' own weights.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

from aisle.index.lexical import FIELDS, MAX_TERMS, TIE_BREAKER, TRANSLATED, item_texts
from aisle.settings import FieldWeights
from aisle.text import terms
from aisle.text.bm25 import K1, B, rarity
from aisle.text.language import Word
from aisle.text.words import analyser
from aisle.types import Item

N_DIMENSIONS = 2**32 - 2
WITHOUT_WORDS = N_DIMENSIONS
"""The dimension of items that have no word at all, which Milvus would refuse; no query asks for it."""
Sparse = Mapping[int, float]
"""Weight by dimension."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """How many items there are, and how many words their fields have in all."""

    n_items: int = 0
    words: Mapping[str, int] | None = None

    def with_items(self, items: Iterable[Item]) -> "Lengths":
        """These and the lengths of `items`."""
        n_items, words = self.n_items, Counter(self.words or {})
        for item in items:
            n_items += 1
            words.update({field: len(analyser().analyze(text)) for field, text in item_texts(item).items()})
        return Lengths(n_items, dict(words))

    def mean(self, field: str) -> float:
        """Words of the field in an item, on average over all items; those without the field count."""
        return (self.words or {}).get(field, 0) / max(1, self.n_items)


class Weigher:
    """Gives the words of items their weights. `n_with(field, word)` is how many items have a word in a field."""

    def __init__(self, weights: FieldWeights, lengths: Lengths, n_with: Callable[[str, str], int]) -> None:
        boosts = weights.model_dump()
        self._boosts = {f"{kind}{field}": boosts[field] for kind in ("", TRANSLATED) for field in FIELDS}
        self._lengths = lengths
        self._rarity = lru_cache(1_000_000)(lambda field, word: rarity(lengths.n_items, n_with(field, word)))

    def __call__(self, item: Item) -> dict[int, float]:
        """The item's weight of each of its words, by dimension."""
        scores: dict[str, list[float]] = {}
        for field, text in item_texts(item).items():
            words = analyser().analyze(text)
            norm = K1 * (1 - B + B * kept_length(len(words)) / (self._lengths.mean(field) or 1))
            for word, n in Counter(words).items() if self._boosts[field] > 0 else ():
                score = self._boosts[field] * self._rarity(field, word) * n * (K1 + 1) / (n + norm)
                scores.setdefault(word, []).append(score)
        found = {dimension(word): max(own) + TIE_BREAKER * (sum(own) - max(own)) for word, own in scores.items()}
        return found or {WITHOUT_WORDS: 1.0}


@dataclass(frozen=True, slots=True)
class Way:
    """One way to say a word of a query: its dimensions, whether all must be found, and what it is worth."""

    dimensions: tuple[int, ...]
    all_of: bool = False
    weight: float = 1.0

    def score(self, item: Sparse) -> float:
        """What an item gets for it."""
        found = [item[one] for one in self.dimensions if one in item]
        return 0.0 if self.all_of and len(found) < len(self.dimensions) else self.weight * sum(found)


@dataclass(frozen=True, slots=True)
class SparseQuery:
    """A query as words, each in the ways to say it: `LexicalIndex.search` asks tantivy the same."""

    words: tuple[tuple[Way, ...], ...]

    @property
    def exact(self) -> bool:
        """Whether the inner product with `weights` is the score."""
        return all(len(ways) == 1 for ways in self.words)

    @property
    def weights(self) -> dict[int, float]:
        """A weight by dimension: with an item's, their inner product is at least the item's score."""
        total: Counter[int] = Counter()
        for ways in self.words:
            best: dict[int, float] = {}
            for way in ways:
                best |= {one: max(best.get(one, 0.0), way.weight) for one in way.dimensions}
            total.update(best)
        return dict(total)

    def score(self, item: Sparse) -> float:
        """What an item with these weights gets: of each word, the best way."""
        return sum(max(way.score(item) for way in ways) for ways in self.words)


def sparse_query(words: Sequence[Word]) -> SparseQuery:
    """The words of a query, each term once, at most 40."""
    found: list[tuple[Way, ...]] = []
    seen: set[str] = set()
    for word in words:
        own = [term for term in dict.fromkeys(terms(word.term_text)) if term not in seen]
        seen.update(own)
        if own and word.alternatives:
            others = [(dict.fromkeys(terms(text)), weight) for text, weight in word.alternatives]
            ways = [Way(_dimensions(other), all_of=True, weight=weight) for other, weight in others if other]
            found.append((Way(_dimensions(own)), *ways))
        else:
            found += [(Way((dimension(term),)),) for term in own]
    return SparseQuery(tuple(found[:MAX_TERMS]))


def dimension(word: str) -> int:
    """The number that a word has in sparse vectors. Of a million words, about a hundred share theirs with another.

    >>> dimension("headphon")
    1965820772
    """
    return crc32(word.encode()) % N_DIMENSIONS


def kept_length(length: int) -> int:
    """A length as tantivy keeps it, in one byte: up to 40 as it is, then in 4 significant bits, rounded down.

    >>> [kept_length(length) for length in (12, 41, 57, 1000)]
    [12, 40, 56, 984]
    """
    above = length - 24
    shift = max(0, above.bit_length() - 4) if above > 0 else 0
    return 24 + (above >> shift << shift)


def _dimensions(found: Iterable[str]) -> tuple[int, ...]:
    return tuple(map(dimension, found))
