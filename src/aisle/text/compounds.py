"""Words that are written together and apart: headset and head set, rtx2060 and rtx 2060."""

import re

from aisle.text.vocabulary import Vocabulary

MIN_PART = 3
"""Letters of each part at least: "as sorted" is not another way to write assorted."""
SURE, LIKELY = 0.8, 0.5
"""Weights of the other way when the shop writes it always, and when it hardly ever does."""
_SEAM = re.compile(r"(?<=[^\W\d])(?=\d)|(?<=\d)(?=[^\W\d])")


def apart(vocabulary: Vocabulary, word: str) -> tuple[tuple[str, float], ...]:
    """The ways in which the shop writes `word`, in plain form, as two words, with weights below 1."""
    if word.isalpha():
        cuts = list(range(MIN_PART, len(word) - MIN_PART + 1))
    else:
        cuts = [seam.start() for seam in _SEAM.finditer(word)]
    ways = []
    for at in cuts:
        left, right = word[:at], word[at:]
        times, others = vocabulary.pair(left, right), vocabulary.times(word)
        if times:
            ways.append((f"{left} {right}", _weight(times, others)))
        elif not word.isalpha() and not others and vocabulary.sold(left) and vocabulary.sold(right):
            ways.append((f"{left} {right}", LIKELY))
    return tuple(ways)


def together(vocabulary: Vocabulary, left: str, right: str) -> tuple[tuple[str, float], ...]:
    """The word that the shop makes of two, in plain form, with its weight below 1; nothing where it has none."""
    whole = left + right
    if whole.isalpha() and min(len(left), len(right)) < MIN_PART:
        return ()
    times, word = max((vocabulary.times(form), form) for form in (whole, f"{whole}s", whole.removesuffix("s")))
    return ((word, _weight(times, vocabulary.pair(left, right))),) if times > 0 else ()


def _weight(times: float, others: float) -> float:
    return round(LIKELY + (SURE - LIKELY) * times / (times + others), 3)
