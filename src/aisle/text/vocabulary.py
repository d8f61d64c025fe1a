"""Which words does this shop use, how often, and which of them stand side by side?"""

import re
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from aisle.errors import ReleaseError
from aisle.text.normalise import CHINESE, normalise
from aisle.types import Item

WORD = re.compile(rf"[^\W_{CHINESE}]+")
"""A run of letters and digits, none of them Chinese."""
DESCRIBED = 0.2
"""What an occurrence in a description counts; one in a title, brand, category or attribute counts 1."""
SHOP_SHARE = 0.9
"""The rest of a word's probability comes from general English."""
FIRM = 2.0
"""Words that occur this often outside of descriptions are right, however odd they look."""
MIN_PAIR = 2
"""Pairs of words that occur less often say nothing."""
MAX_LENGTH = 32
_NEVER = 1e-9


@dataclass(frozen=True)
class Vocabulary:
    """The words of the shop and of general English, in lower case without accents, with their frequencies."""

    words: tuple[str, ...]
    shop: NDArray[np.float32]
    """(n,) weighted occurrences in items and queries; 0 for words that are only English."""
    english: NDArray[np.float32]
    """(n,) share of general English text; 0 for words that are only the shop's."""
    firm: NDArray[np.bool_]
    """(n,) true for words that are certainly meant as they stand in the shop."""
    pairs: Mapping[str, int]
    """How often two words, "fence post", stand side by side in titles, attributes and queries, plurals as singulars."""

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each word."""
        return {word: place for place, word in enumerate(self.words)}

    @cached_property
    def log_shares(self) -> NDArray[np.float32]:
        """(n,) natural logarithm of each word's probability: mostly the shop's, some general English."""
        shop = self.shop / max(1.0, float(self.shop.sum()))
        mixed = SHOP_SHARE * shop + (1 - SHOP_SHARE) * self.english
        return np.asarray(np.log(np.maximum(mixed, _NEVER)), np.float32)

    def times(self, word: str) -> float:
        """How often the shop itself uses `word`, in plain form."""
        place = self.places.get(word)
        return 0.0 if place is None else float(self.shop[place])

    def sold(self, word: str) -> bool:
        """Whether the shop itself uses `word`."""
        return self.times(word) > 0

    def pair(self, left: str, right: str) -> int:
        """How often `left` stands before `right`."""
        return self.pairs.get(_pair(left, right), 0)

    def save(self, folder: Path) -> None:
        """Write words.json and words.npz."""
        (folder / "words.json").write_bytes(orjson.dumps({"words": self.words, "pairs": self.pairs}))
        arrays = {"shop": self.shop, "english": self.english, "firm": self.firm}
        np.savez(folder / "words.npz", allow_pickle=False, **arrays)

    @classmethod
    def load(cls, folder: Path) -> "Vocabulary":
        """Read what `save` wrote. Raises ReleaseError when it is missing or damaged."""
        try:
            known = orjson.loads((folder / "words.json").read_bytes())
            words, pairs = tuple(known["words"]), known["pairs"]
            with np.load(folder / "words.npz", allow_pickle=False) as stored:
                shop, english, firm = (stored[name] for name in ("shop", "english", "firm"))
            if not len(words) == len(shop) == len(english) == len(firm):
                raise ValueError(f"{len(words)} words with {len(shop)} frequencies")
        except (OSError, ValueError, EOFError, KeyError, TypeError, zipfile.BadZipFile, zlib.error) as error:
            raise ReleaseError(f"the words in {folder} cannot be read: {error}; run aisle build") from error
        return cls(words, shop, english, firm, pairs)


def learn_vocabulary(
    items: Iterable[Item], queries: Mapping[str, int] | None = None, english: Mapping[str, float] | None = None
) -> Vocabulary:
    """The words of `items`, of `queries` (how often each led to a click) and of general English.

    `english` gives the share of each word in English text; by default `general_english`.
    """
    named: Counter[str] = Counter()
    described: Counter[str] = Counter()
    beside: Counter[str] = Counter()
    for item in items:
        for text in _names(item):
            words = plain_words(text)
            named.update(words)
            beside.update(map(_pair, words, words[1:]))
        for text in (item.description, *(part.description for part in item.translations.values())):
            described.update(plain_words(text))
    searched: Counter[str] = Counter()
    for query, count in (queries or {}).items():
        words = plain_words(query)
        searched.update(dict.fromkeys(words, count))
        beside.update(dict.fromkeys(map(_pair, words, words[1:]), count))
    return _vocabulary(named, described, searched, beside, general_english() if english is None else english)


def _vocabulary(
    named: Counter[str],
    described: Counter[str],
    searched: Counter[str],
    beside: Counter[str],
    english: Mapping[str, float],
) -> Vocabulary:
    words = tuple(sorted(word for word in {*named, *described, *searched, *english} if len(word) <= MAX_LENGTH))
    shop = np.array([named[word] + DESCRIBED * described[word] + searched[word] for word in words], np.float32)
    shares = np.array([english.get(word, 0.0) for word in words], np.float32)
    firm = np.array([named[word] >= FIRM or (named[word] > 0 and word in english) for word in words], np.bool_)
    pairs = {pair: count for pair, count in beside.items() if count >= MIN_PAIR}
    return Vocabulary(words, shop, shares, firm, pairs)


def _pair(left: str, right: str) -> str:
    return f"{singular(left)} {singular(right)}"


def singular(word: str) -> str:
    """An English word without the s of its plural: a key to compare by, not always a word.

    >>> singular("lamps"), singular("glass")
    ('lamp', 'glass')
    """
    return word[:-1] if len(word) > 3 and word[-1] == "s" and word[-2] != "s" else word


def _names(item: Item) -> Iterator[str]:
    yield item.title
    yield from (part.title for part in item.translations.values())
    yield item.brand
    yield from item.category
    for attributes in (item.attributes, *(part.attributes for part in item.translations.values())):
        for name, value in attributes.items():
            if value is True:
                yield name.replace("_", " ")
            elif isinstance(value, str):
                yield value
            elif isinstance(value, tuple):
                yield from value


def plain_words(text: str) -> list[str]:
    """The words of `text` that are not Chinese, in lower case without accents, not stemmed.

    >>> plain_words("Café-Set für 2, 无线 iPhone7")
    ['cafe', 'set', 'fur', '2', 'iphone7']
    """
    return WORD.findall(plain(text))


def plain(text: str) -> str:
    """The text in normal form, in lower case, without accents.

    >>> plain("Ｃafé AU Lait")
    'cafe au lait'
    """
    text = normalise(text).casefold()
    if text.isascii():
        return text
    letters = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(letter for letter in letters if not unicodedata.combining(letter)))


@cache
def general_english() -> Mapping[str, float]:
    """The share of 82,000 English words in general text: the frequency list that comes with symspellpy.

    It is the part of Google's books n-grams that is also in SCOWL, a list for spelling checkers.
    """
    lines = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt").read_text("utf-8-sig").splitlines()
    counts = [line.split(" ") for line in lines if line]
    total = float(sum(int(count) for _, count in counts))
    return {word: int(count) / total for word, count in counts if word.isalpha()}
