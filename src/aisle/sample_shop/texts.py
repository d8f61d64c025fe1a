"""Titles and descriptions of items in both languages, written from the patterns of their leaf."""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from aisle.sample_shop.brands import Brand
from aisle.sample_shop.leaf import Leaf, Phrase, Value

_SLOT = re.compile(r"\{(\w+)\}")
_ARTICLE = re.compile(r"\b([Aa]) \{(\w+)\}")
_CHINESE_GAP = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_SMALL_WORDS = frozenset({"a", "an", "and", "at", "de", "for", "from", "in", "of", "on", "the", "to", "with"})
_UNITS = frozenset({"ml", "l", "g", "kg", "mm", "cm", "m", "lm", "h", "x"})

Words = Mapping[str, Phrase]
"""What fills the slots of a pattern: "brand", "series" and the attributes that an item carries."""


def words_of(brand: Brand, series: Phrase, values: Mapping[str, Value]) -> Words:
    """The words for the slots of a leaf's patterns."""
    words = {name: Phrase(value.en, value.zh) for name, value in values.items()}
    return {"brand": Phrase(brand.name, brand.zh), "series": series, **words}


def fitting(patterns: Sequence[Phrase], words: Words) -> list[Phrase]:
    """The patterns whose every slot can be filled."""
    return [pattern for pattern in patterns if words.keys() >= set(_SLOT.findall(pattern.en))]


def title(pattern: Phrase, words: Words) -> Phrase:
    """The title in both languages, in title case where the language has one.

    >>> words = {"brand": Phrase("Ada", "艾达"), "type": Phrase("clip-on", "夹式")}
    >>> title(Phrase("{brand} {type} Lamp", "{brand}{type}台灯"), words)
    Phrase(en='Ada Clip-On Lamp', zh='艾达夹式台灯')
    """
    english = _SLOT.sub(lambda slot: title_case(words[slot[1]].en), pattern.en)
    return Phrase(english, _SLOT.sub(lambda slot: words[slot[1]].zh, pattern.zh))


def description(leaf: Leaf, values: Mapping[str, Value], words: Words, rng: np.random.Generator) -> Phrase:
    """Three to five sentences about an item: an opening, what its attributes mean, a detail, a closing."""
    sentences = _drawn(fitting(leaf.openers, words), 1, rng)
    sentences += _drawn([value.says for value in values.values() if value.says], int(rng.integers(1, 3)), rng)
    sentences += _drawn(fitting(leaf.details, words), int(rng.integers(1, 3)), rng)
    if rng.random() < 0.7:
        sentences += _drawn(fitting(leaf.closers, words), 1, rng)
    return Phrase(
        " ".join(_sentence(sentence.en, words) for sentence in sentences),
        "".join(_chinese(sentence.zh, words) for sentence in sentences),
    )


def title_case(text: str) -> str:
    """`text` with capitals as in a title; units, codes and names keep theirs.

    >>> title_case("over-ear"), title_case("set of 3 pairs"), title_case("500 ml"), title_case("USB-C to USB-C")
    ('Over-Ear', 'Set of 3 Pairs', '500 ml', 'USB-C to USB-C')
    """
    words = text.split(" ")
    return " ".join(word if word in _SMALL_WORDS or word in _UNITS else _capital(word) for word in words)


def _capital(word: str) -> str:
    return "-".join(part if part != part.lower() else part[:1].upper() + part[1:] for part in word.split("-"))


def _sentence(pattern: str, words: Words) -> str:
    """The English sentence: "a" becomes "an" where the filled word asks for it, and it starts with a capital."""
    articled = _ARTICLE.sub(lambda match: f"{match[1]}{'n' * _takes_an(words[match[2]].en)} {{{match[2]}}}", pattern)
    text = _SLOT.sub(lambda slot: words[slot[1]].en, articled)
    return text[:1].upper() + text[1:]


def _chinese(pattern: str, words: Words) -> str:
    return _CHINESE_GAP.sub("", _SLOT.sub(lambda slot: words[slot[1]].zh, pattern))


def _takes_an(word: str) -> bool:
    return word[:1].lower() in "aeio" or word.startswith(("ultra", "8", "11", "18"))


def _drawn(phrases: Sequence[Phrase], k: int, rng: np.random.Generator) -> list[Phrase]:
    positions = rng.permutation(len(phrases))[:k]
    return [phrases[position] for position in positions]
