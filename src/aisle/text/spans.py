"""Where the words of a query stand in a text."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from aisle.text.normalise import CHINESE, has_chinese
from aisle.text.units import is_measure, measures
from aisle.text.words import analyser

_WORD = re.compile(rf"[{CHINESE}]+|[^\W_{CHINESE}]+")


def match_spans(text: str, wanted: Collection[str]) -> tuple[tuple[int, int], ...]:
    """The [start, end) character spans of `text` whose words are among the terms `wanted`, in order.

    >>> match_spans("Wireless headphone, black", {"headphon"})
    ((9, 18),)
    >>> match_spans("黑色无线耳机", {"耳机"})
    ((4, 6),)

    Give a frozenset when many texts are searched for the same terms.
    """
    asked = _asked(wanted if isinstance(wanted, frozenset) else frozenset(wanted))
    spans = [word.span() for word in _WORD.finditer(text) if _stem(word.group()) in asked.terms]
    sizes = [(start, end) for start, end, form in measures(text) if form in asked.terms] if asked.sized else []
    chinese = _chinese_spans(text, asked.chinese) if asked.chinese and not text.isascii() else []
    return tuple(_merged([*spans, *sizes, *chinese]) if sizes or chinese else spans)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Terms that are looked for in one text after another."""

    terms: frozenset[str]
    sized: bool
    """Whether one is a measure."""
    chinese: tuple[str, ...]


@lru_cache(maxsize=1_000)
def _asked(wanted: frozenset[str]) -> _Asked:
    return _Asked(wanted, any(map(is_measure, wanted)), tuple(term for term in sorted(wanted) if has_chinese(term)))


def _chinese_spans(text: str, wanted: Collection[str]) -> list[tuple[int, int]]:
    starts = [(term, found.start()) for term in wanted if term in text for found in _overlapping(term, text)]
    return [(start, start + len(term)) for term, start in starts]


def _overlapping(term: str, text: str) -> Iterator[re.Match[str]]:
    return re.finditer(f"(?={re.escape(term)})", text)


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    stems = analyser().analyze(word)
    return stems[0] if stems else ""
