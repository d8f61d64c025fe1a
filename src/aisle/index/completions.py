"""Here is the beginning of a word: what may be meant?"""

import json
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from aisle.errors import ReleaseError
from aisle.text import has_chinese, normalise, segment
from aisle.types import Suggestion

Kind = Literal["query", "category", "brand", "item"]
KINDS: tuple[Kind, ...] = ("query", "category", "brand", "item")
"""In the order in which they are shown."""
PLACES: dict[Kind, int] = {"query": 4, "category": 2, "brand": 1, "item": 3}
"""How many of each kind a list of ten shows, where there are as many; a shorter list ends earlier."""
MAX_KEY_LENGTH = 60
MAX_STARTS = 8
"""A title is found by each of its first words, not by its thirtieth."""
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Completion:
    """A text that may be suggested."""

    text: str
    kind: Kind
    weight: float
    """How often it was searched for, or how popular it is; compared within its kind."""
    locale: str = ""
    """The language it is in; empty for every language."""
    item_id: str = ""


@dataclass(frozen=True)
class Completions:
    """All completions, found by the beginning of any of their words."""

    entries: tuple[Completion, ...]

    @cached_property
    def _ranked(self) -> tuple[Completion, ...]:
        """The entries by kind, in the order of KINDS, and within a kind the heaviest first."""
        return tuple(sorted(self.entries, key=lambda e: (KINDS.index(e.kind), -e.weight, len(e.text), e.text)))

    @cached_property
    def _ends(self) -> NDArray[np.int64]:
        """(len(KINDS),) int64: where each kind ends among the ranked."""
        kinds = [KINDS.index(entry.kind) for entry in self._ranked]
        return np.cumsum(np.bincount(np.array(kinds, np.int64), minlength=len(KINDS)))

    @cached_property
    def _keys(self) -> tuple[list[str], NDArray[np.int64]]:
        """Every beginning of a word, sorted, and the place among the ranked that it belongs to."""
        pairs = sorted((key, place) for place, entry in enumerate(self._ranked) for key in _keys(entry.text))
        return [key for key, _ in pairs], np.array([place for _, place in pairs], np.int64)

    def suggest(self, prefix: str, k: int, locale: str = "") -> tuple[Suggestion, ...]:
        """At most `k` texts with a word that begins with `prefix`, each text once: queries, categories, brands, items.

        Within a kind the heaviest come first. An empty prefix gets the most frequent queries.
        """
        start = _plain(prefix)
        found = self._places(start) if start else np.arange(self._ends[KINDS.index("query")])
        parts = np.split(found, np.searchsorted(found, self._ends[:-1]))
        seen: set[str] = set()
        return _slate([self._first(part, k, locale, seen) for part in parts], k)

    def _places(self, start: str) -> NDArray[np.int64]:
        keys, places = self._keys
        return np.unique(places[bisect_left(keys, start) : bisect_left(keys, start + _LAST)])

    def _first(self, places: NDArray[np.int64], k: int, locale: str, seen: set[str]) -> list[Completion]:
        """The first `k` entries in the language of `locale` whose text is not among `seen`."""
        taken: list[Completion] = []
        for place in places:
            entry = self._ranked[place]
            if (not locale or entry.locale in ("", locale)) and entry.text.casefold() not in seen:
                seen.add(entry.text.casefold())
                taken.append(entry)
            if len(taken) == k:
                break
        return taken

    def save(self, folder: Path) -> None:
        """Write completions.json."""
        rows = [[e.text, e.kind, e.weight, e.locale, e.item_id] for e in self.entries]
        (folder / "completions.json").write_text(json.dumps(rows, ensure_ascii=False), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Completions":
        """Read what `save` wrote. Raises ReleaseError when the file is missing or damaged."""
        try:
            rows = json.loads((folder / "completions.json").read_text("utf-8"))
            return cls(tuple(Completion(*row) for row in rows))
        except (OSError, ValueError, TypeError) as error:
            raise ReleaseError(f"{folder / 'completions.json'} cannot be read: {error}; run aisle build") from error


def _importance(entry: Completion) -> tuple[int, float, int, str]:
    return KINDS.index(entry.kind), -entry.weight, len(entry.text), entry.text


def _slate(by_kind: Sequence[Sequence[Completion]], k: int) -> tuple[Suggestion, ...]:
    taken = [min(PLACES[kind], len(entries)) for kind, entries in zip(KINDS, by_kind, strict=True)]
    for number, entries in enumerate(by_kind):  # places that a kind cannot fill go to the others, the first kinds first
        taken[number] += max(0, min(k - sum(taken), len(entries) - taken[number]))
    chosen = [entry for entries, n in zip(by_kind, taken, strict=True) for entry in entries[:n]]
    return tuple(Suggestion(entry.text, entry.kind, entry.item_id) for entry in chosen[:k])


def _keys(text: str) -> set[str]:
    plain = _plain(segment(text) if has_chinese(text) else text)
    starts = [match.start() for match in re.finditer(r"\S+", plain)][:MAX_STARTS]
    keys = {plain[start : start + MAX_KEY_LENGTH] for start in starts}
    if has_chinese(text):
        whole = _plain(text)
        keys |= {whole[whole.find(key.split(" ")[0]) :][:MAX_KEY_LENGTH] for key in keys}
    return keys


def _plain(text: str) -> str:
    """In lower case, every run of anything but letters and digits a single space; a trailing one is kept out.

    >>> _plain("USB-C  Cable")
    'usb c cable'
    """
    return re.sub(r"[\W_]+", " ", normalise(text).casefold()).strip()
