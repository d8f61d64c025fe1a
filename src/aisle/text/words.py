"""Which words are in a text: the same answer for items when they are indexed and for queries."""

import logging
from functools import cache, lru_cache
from typing import Any

import jieba
import tantivy

from aisle.text.normalise import has_chinese, normalise
from aisle.text.units import unify_units

MAX_WORD_LENGTH = 64
"""Longer runs of letters are no words: hashes, base64, keyboard noise."""

MAX_REMEMBERED = 40
"""Texts up to this length are words and queries, whose terms are kept."""


@cache
def analyser() -> tantivy.TextAnalyzer:
    """Split at everything that is no letter or digit, lower case, no accents, English stems (Porter 2)."""
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(MAX_WORD_LENGTH))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


def segment(text: str) -> str:
    """The text in normal form, with spaces between its Chinese words; long words also in their parts.

    Measures are in the one form that they have, see `unify_units`. Words are found by jieba's dictionary and
    hidden Markov model, in its mode for search engines.

    >>> segment("无线耳机USB-C")
    '无线 耳机 无线耳机 USB - C'
    """
    text = unify_units(normalise(text))
    if not has_chinese(text):
        return text
    return " ".join(word for word in _chinese().cut_for_search(text) if word.strip())


def terms(text: str) -> list[str]:
    """The words of `text` as the lexical index knows them, in order, repeats included.

    >>> terms("Wireless Headphones 无线耳机 TN-2110")
    ['wireless', 'headphon', '无线', '耳机', '无线耳机', 'tn', '2110']
    """
    return list(_remembered(text)) if len(text) <= MAX_REMEMBERED else analyser().analyze(segment(text))


@lru_cache(maxsize=20_000)
def _remembered(text: str) -> tuple[str, ...]:
    """Words of queries come back, in the same search and in others."""
    return tuple(analyser().analyze(segment(text)))


def chinese_words(text: str) -> list[str]:
    """`text` cut at its Chinese words without overlap: joined again, they are the text.

    >>> chinese_words("无线耳机USB")
    ['无线耳机', 'USB']
    """
    return list(_chinese().cut(text))


@cache
def _chinese() -> Any:
    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    return tokenizer
