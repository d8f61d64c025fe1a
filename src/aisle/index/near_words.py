"""Words that were meant when a letter went wrong."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

MIN_LENGTH = 4
MIN_LENGTH_OF_TWO = 8
MAX_LENGTH = 16
MAX_FOUND = 8
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class NearWord:
    """A word, or the beginning of words, and how many typing errors away it is."""

    text: str
    distance: int


def allowed_errors(length: int) -> int:
    """How many errors a typed word of `length` letters may hold: none below 4, one below 8, two up to 16.

    >>> [allowed_errors(length) for length in (3, 4, 7, 8, 17)]
    [0, 1, 1, 2, 0]
    """
    return 0 if not MIN_LENGTH <= length <= MAX_LENGTH else 1 if length < MIN_LENGTH_OF_TWO else 2


@dataclass(frozen=True)
class NearWords:
    """Finds words by wrong, missing, additional or swapped letters (optimal string alignment distance).

    An error in the first letter counts as two: people look at what they begin with.
    """

    words: tuple[str, ...]
    """Sorted, each once."""

    @classmethod
    def of(cls, words: Iterable[str]) -> "NearWords":
        """Of words in any order."""
        return cls(tuple(sorted(set(words))))

    @cached_property
    def _tails(self) -> list[tuple[str, str]]:
        """Each word without its first letter, sorted, and the word."""
        return sorted((word[1:], word) for word in self.words)

    @cached_property
    def _beginnings(self) -> dict[int, list[str]]:
        """By length: the different beginnings of that length, sorted."""
        longest = range(MIN_LENGTH - 1, MAX_LENGTH + 3)
        return {n: list(dict.fromkeys(word[:n] for word in self.words if len(word) >= n)) for n in longest}

    def prepared(self) -> "NearWords":
        """These words, with everything that the first question would have to work out."""
        _ = (self._tails, self._beginnings)
        return self

    def beginnings(self, typed: str) -> list[NearWord]:
        """Beginnings of words that `typed` may have meant, the nearest first, at most eight; itself where it is one."""
        errors = allowed_errors(len(typed))
        found = {typed: 0} if self._begins(typed) else {}
        for length in range(len(typed) - errors, len(typed) + errors + 1) if errors else ():
            self._compare(typed, self._beginnings.get(length, []), errors, found)
        if errors == 2:
            found = {text: 2 for text in self._other_first_letter(typed)} | found
        return _nearest(found)

    def whole(self, typed: str) -> list[NearWord]:
        """Words that `typed` may have meant, the nearest first, at most eight; itself where it is one."""
        errors = allowed_errors(len(typed))
        place = bisect_left(self.words, typed)
        found = {typed: 0} if place < len(self.words) and self.words[place] == typed else {}
        if errors:
            self._compare(typed, self.words, errors, found)
        if errors == 2:
            others = self._other_first_letter(typed)
            found = {word: 2 for word in others if abs(len(word) - len(typed)) <= 1} | found
        return _nearest(found)

    def _begins(self, start: str) -> bool:
        place = bisect_left(self.words, start)
        return place < len(self.words) and self.words[place].startswith(start)

    def _compare(self, typed: str, texts: Sequence[str], errors: int, found: dict[str, int]) -> None:
        """Add to `found` those of the sorted `texts` that begin alike and are at most `errors` away."""
        same = texts[bisect_left(texts, typed[0]) : bisect_left(texts, typed[0] + _LAST)]
        for text, distance, _ in process.extract(typed, same, scorer=OSA.distance, score_cutoff=errors, limit=None):
            found[text] = min(round(distance), found.get(text, errors))

    def _other_first_letter(self, typed: str) -> list[str]:
        """Words of which only the first letter is wrong, missing, too many, or swapped with the second."""
        begun = [typed[1:], typed[1] + typed[0] + typed[2:]]
        found = [word for start in begun for word in _from(self.words, start)]
        for tail in (typed[1:], typed):
            place = bisect_left(self._tails, (tail, ""))
            found += [word for rest, word in self._tails[place : place + MAX_FOUND] if rest.startswith(tail)]
        return found


def _from(words: tuple[str, ...], start: str) -> list[str]:
    place = bisect_left(words, start)
    return [word for word in words[place : place + MAX_FOUND] if word.startswith(start)]


def _nearest(found: dict[str, int]) -> list[NearWord]:
    """The nearest; of a beginning and a longer one of it at no smaller distance, the beginning alone says both."""
    order = sorted(found, key=lambda text: (found[text], len(text), text))
    kept: list[str] = []
    for text in order:
        if not any(text.startswith(short) for short in kept):
            kept.append(text)
        if len(kept) == MAX_FOUND:
            break
    return [NearWord(text, found[text]) for text in kept]
