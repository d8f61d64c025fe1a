"""Which brands, categories and attribute values a query names: a phrase dictionary learned from the catalogue."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from aisle.text.measures import BASE_UNITS
from aisle.text.normalise import CHINESE, has_chinese, normalise
from aisle.text.words import analyser

Pair = tuple[str, str]
"""A field and its value, as filters name them: ("brand", "Sony"), ("category", "Electronics > Audio")."""
Carried = Mapping[Pair, Sequence[tuple[str, str]]]
"""What one item carries: its pairs, each with what the value is called in other languages (language, label)."""
MAX_VALUES = 300
"""A field other than brand and category with more different values is no closed list, and is not learned."""
MAX_WORDS = 8
MAX_MEANINGS = 6
"""A phrase with more meanings keeps those that most items carry."""
PRIOR = 0.5
PRIOR_WEIGHT = 2.0
"""With no title to count in, a phrase means what it says half of the time: two imagined titles, one of each kind."""
MIN_BRAND_ITEMS = 3
"""A brand's name in another language is looked for in the titles of this many of its items."""
_NO_VALUES = {"yes", "no", "y", "n", "true", "false", "none", "other", "others", "unknown", "n/a", "unspecified"}
_SEPARATOR = " > "
_TOKEN = re.compile(rf"[{CHINESE}]|\d+(?:[.,]\d+)+|[^\W_{CHINESE}]+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a phrase can mean."""

    meanings: tuple[Pair, ...]
    """The pairs that it names, the one that most items carry first."""
    share: float
    """Of the items with the phrase in their title, the share that carries one of the pairs."""
    n_titles: int
    """Items with the phrase in their title."""


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase of the dictionary in a query."""

    phrase: Phrase
    start: int
    end: int
    """Where it stands: [start, end) of the query in normal form."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text as phrases are made of: a stem, a number with its unit, or one Chinese character."""

    term: str
    start: int
    end: int


class Phrases:
    """The dictionary: phrases by their words; the longest match wins, left to right. Immutable."""

    def __init__(self, phrases: Mapping[tuple[str, ...], Phrase]) -> None:
        self.phrases = phrases
        self._longest: dict[str, int] = {}
        for words in phrases:
            self._longest[words[0]] = max(len(words), self._longest.get(words[0], 0))

    def __len__(self) -> int:
        return len(self.phrases)

    def find(self, query: str) -> tuple[Found, ...]:
        """The phrases in `query`, in normal form, from left to right and not overlapping."""
        return tuple(Found(self.phrases[words], start, end) for words, start, end in self._matches(phrase_words(query)))

    def _matches(self, words: Sequence[Word]) -> Iterable[tuple[tuple[str, ...], int, int]]:
        place = 0
        while place < len(words):
            longest = min(self._longest.get(words[place].term, 0), len(words) - place)
            for length in range(longest, 0, -1):
                key = tuple(word.term for word in words[place : place + length])
                if key in self.phrases:
                    yield key, words[place].start, words[place + length - 1].end
                    place += length - 1
                    break
            place += 1

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {" ".join(words): [list(of.meanings), of.share, of.n_titles] for words, of in self.phrases.items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Phrases":
        """What `to_dict` gave. Raises ValueError or TypeError when it is something else."""
        return cls(
            {
                tuple(words.split(" ")): Phrase(tuple((str(f), str(v)) for f, v in pairs), float(share), int(n))
                for words, (pairs, share, n) in data.items()
            }
        )


@lru_cache(maxsize=1_024)
def phrase_words(text: str) -> tuple[Word, ...]:
    """The words of `text` that phrases are compared by.

    A number and its unit are one word, however they are spaced; Chinese is compared by character,
    because where its words end depends on what stands around them.

    >>> [word.term for word in phrase_words("Headphones 64 GB 耳机")]
    ['headphon', '64gb', '耳', '机']
    """
    words: list[Word] = []
    for match in _TOKEN.finditer(text):
        term = _stem(match.group())
        if not term:
            continue
        if words and term in BASE_UNITS and _NUMBER.fullmatch(words[-1].term) and match.start() - words[-1].end <= 1:
            words[-1] = Word(words[-1].term + term, words[-1].start, match.end())
        else:
            words.append(Word(term, match.start(), match.end()))
    return tuple(words)


def learn_phrases(carried: Sequence[Carried], titles: Sequence[Sequence[str]]) -> Phrases:
    """The dictionary of a catalogue: `carried` and `titles` (in every language) by item.

    Learned are brands, every category on a path, values of fields with at most 300 different ones,
    what all of them are called in other languages, and the names of fields that are true. Numbers
    and single letters are left out: they mean too many things.
    """
    names = _names(carried)
    for pair, aliases in _brand_aliases(carried, titles).items():
        names[pair] |= aliases
    n_items = Counter(pair for pairs in carried for pair in pairs)
    meanings: dict[tuple[str, ...], set[Pair]] = {}
    for pair, texts in names.items():
        for text in texts:
            words = tuple(word.term for word in phrase_words(normalise(text)))
            if _usable(words):
                meanings.setdefault(words, set()).add(pair)
    ranked = {
        words: tuple(sorted(pairs, key=lambda pair: (-n_items[pair], pair))[:MAX_MEANINGS])
        for words, pairs in meanings.items()
    }
    return Phrases(_counted(ranked, carried, titles))


def _names(carried: Sequence[Carried]) -> dict[Pair, set[str]]:
    """By pair: what it is called."""
    values: dict[str, set[str]] = {}
    for pairs in carried:
        for field, value in pairs:
            values.setdefault(field, set()).add(value)
    closed = {field for field, of in values.items() if field in ("brand", "category") or len(of) <= MAX_VALUES}
    names: dict[Pair, set[str]] = {}
    for pairs in carried:
        for (field, value), labels in pairs.items():
            if field in closed:
                own = names.setdefault((field, value), set())
                own |= {text for text in (_name(field, value), *(label for _, label in labels)) if text}
    if "category" in values:
        names = {
            pair: {text.split(_SEPARATOR)[-1] for text in texts} if pair[0] == "category" else texts
            for pair, texts in names.items()
        }
    return names


def _name(field: str, value: str) -> str:
    if value == "true":
        return field.replace("_", " ")
    return "" if value.casefold() in _NO_VALUES else value


def _usable(words: Sequence[str]) -> bool:
    return (
        0 < len(words) <= MAX_WORDS
        and not all(_NUMBER.fullmatch(word) or (len(word) == 1 and not has_chinese(word)) for word in words)
        and sum(map(len, words)) > 1
    )


def _counted(
    meanings: Mapping[tuple[str, ...], tuple[Pair, ...]],
    carried: Sequence[Carried],
    titles: Sequence[Sequence[str]],
) -> dict[tuple[str, ...], Phrase]:
    """Count in how many titles each phrase stands, and in how many of them it means what it says."""
    draft = Phrases({words: Phrase(pairs, PRIOR, 0) for words, pairs in meanings.items()})
    n_titles: Counter[tuple[str, ...]] = Counter()
    n_meant: Counter[tuple[str, ...]] = Counter()
    for pairs, texts in zip(carried, titles, strict=True):
        inside = {words for text in texts for words, *_ in draft._matches(phrase_words(normalise(text)))}
        n_titles.update(inside)
        n_meant.update(words for words in inside if any(pair in pairs for pair in meanings[words]))
    return {
        words: Phrase(
            pairs, (n_meant[words] + PRIOR * PRIOR_WEIGHT) / (n_titles[words] + PRIOR_WEIGHT), n_titles[words]
        )
        for words, pairs in meanings.items()
    }


def _brand_aliases(carried: Sequence[Carried], titles: Sequence[Sequence[str]]) -> dict[Pair, set[str]]:
    """What brands are called in Chinese titles: characters that most titles of the brand begin with, and no others.

    Feeds translate titles but not brands: "声维 无线耳机" names Sonavik.
    """
    begins: dict[Pair, Counter[str]] = {}
    everywhere: Counter[str] = Counter()
    totals: Counter[Pair] = Counter()
    for pairs, texts in zip(carried, titles, strict=True):
        brand = next((pair for pair in pairs if pair[0] == "brand"), None)
        for text in filter(has_chinese, texts):
            heads = _heads(normalise(text))
            everywhere.update(heads)
            if brand is not None:
                begins.setdefault(brand, Counter()).update(heads)
                totals[brand] += 1
    found: dict[Pair, set[str]] = {}
    for brand, heads_of in begins.items():
        if totals[brand] < MIN_BRAND_ITEMS:
            continue
        fitting = [
            head for head, n in heads_of.items() if n >= math.ceil(0.8 * totals[brand]) and n >= 0.95 * everywhere[head]
        ]
        if fitting:
            found[brand] = {max(fitting, key=lambda head: (len(head), head))}
    return found


def _heads(text: str) -> list[str]:
    """The beginnings of `text`, of two to five Chinese characters."""
    run = re.match(f"[{CHINESE}]+", text)
    return [run.group()[:length] for length in range(2, min(5, len(run.group())) + 1)] if run else []


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    if _NUMBER.fullmatch(word):
        return re.sub(r",(?=\d{3}\b)", "", word)
    stems = analyser().analyze(word)
    return stems[0] if stems else (word if has_chinese(word) else "")
