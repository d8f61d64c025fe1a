"""Here is the beginning of a word: what may be meant?"""

import json
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property, lru_cache
from itertools import islice, product
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from aisle.errors import ReleaseError
from aisle.index.near_words import NearWord, NearWords
from aisle.text import has_chinese, normalise, segment, terms
from aisle.types import Scores, Suggestion

Kind = Literal["query", "category", "brand", "item"]
KINDS: tuple[Kind, ...] = ("query", "category", "brand", "item")
"""In the order in which they are shown."""
PLACES: dict[Kind, int] = {"query": 4, "category": 2, "brand": 1, "item": 3}
"""How many of each kind a list of ten shows, where there are as many; a shorter list ends earlier."""
MAX_KEY_LENGTH = 60
MAX_STARTS = 8
"""A title is found by each of its first words, not by its thirtieth."""
ENOUGH = 3
"""With as many suggestions that begin with what was typed, none is added that only nearly does."""
MAX_WORDS = 6
MAX_READINGS = 24
"""So many ways of mending what was typed are looked up, the nearest first."""
_LAST = "\U0010ffff"
Places = NDArray[np.int64]
Alive = Callable[[Suggestion], bool]


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
    filter: str = ""
    """Of a category or brand: the filter expression that keeps its items."""
    path: tuple[str, ...] = ()
    """Of a category: where it is, in the language of the text."""
    about: tuple[str, ...] = ()
    """The brand and the category paths that it speaks of, as facets write them."""


@dataclass(frozen=True)
class Completions:
    """All completions, found by the beginning of any of their words."""

    entries: tuple[Completion, ...]

    @cached_property
    def _ranked(self) -> tuple[Completion, ...]:
        """The entries by kind, in the order of KINDS, and within a kind the heaviest first."""
        return tuple(sorted(self.entries, key=lambda e: (KINDS.index(e.kind), -e.weight, len(e.text), e.text, e.path)))

    @cached_property
    def _ends(self) -> Places:
        """(len(KINDS),) int64: where each kind ends among the ranked."""
        kinds = [KINDS.index(entry.kind) for entry in self._ranked]
        return np.cumsum(np.bincount(np.array(kinds, np.int64), minlength=len(KINDS)))

    @cached_property
    def _plains(self) -> list[str]:
        return [_plain(entry.text) for entry in self._ranked]

    @cached_property
    def _keys(self) -> tuple[list[str], Places]:
        """Every beginning of a word, sorted, and the place among the ranked that it belongs to."""
        texts = zip(self._ranked, self._plains, strict=True)
        pairs = sorted((key, place) for place, (entry, plain) in enumerate(texts) for key in _keys(entry.text, plain))
        return [key for key, _ in pairs], np.array([place for _, place in pairs], np.int64)

    @cached_property
    def _words(self) -> NearWords:
        return NearWords.of({key.partition(" ")[0] for key in self._keys[0]}).prepared()

    @cached_property
    def _in_locale(self) -> Mapping[str, NDArray[np.bool_]]:
        """By locale: (n,) bool by place, whether the entry is in that language or in every one."""
        locales = np.array([entry.locale for entry in self._ranked], np.str_)
        return {locale: (locales == "") | (locales == locale) for locale in {"", *locales.tolist()}}

    @cached_property
    def _weights(self) -> Scores:
        """(n,) float32 by place: the weight as a multiple of its kind's mean, plus 1 for those nobody asked for yet."""
        weights = np.array([entry.weight for entry in self._ranked], np.float32)
        for part in np.split(weights, self._ends[:-1]):
            part /= max(float(part.mean()) if len(part) else 1.0, 1e-9)
        return weights + 1

    @cached_property
    def _about(self) -> Mapping[str, Places]:
        """By text, brand and category path: the places of the entries that speak of it."""
        found: dict[str, list[int]] = {}
        for place, (entry, plain) in enumerate(zip(self._ranked, self._plains, strict=True)):
            for name in {plain, *entry.about}:
                found.setdefault(name, []).append(place)
        return {name: np.array(places, np.int64) for name, places in found.items()}

    def prepared(self) -> "Completions":
        """These completions, with everything that the first shopper would have to wait for."""
        _ = (self._ends, self._keys, self._words, self._in_locale, self._weights, self._about)
        return self

    def suggest(
        self,
        prefix: str,
        k: int,
        locale: str = "",
        *,
        affinity: Mapping[str, float] | None = None,
        alive: Alive | None = None,
    ) -> tuple[Suggestion, ...]:
        """At most `k` texts with a word that begins with `prefix`, each text once: queries, categories, brands, items.

        Within a kind the heaviest come first. An empty prefix gets the most frequent queries. Where fewer
        than three begin with it, texts follow that do after mending one error in a word of 4 letters or
        more, two of 8. Singular and plural count as one text.

        `affinity` gives brands, category paths (both as facets write them) and own earlier queries (lower
        case) a boost: 0.5 makes an entry count half as much again. What `alive` denies is left out; it is
        asked only about what would be shown.
        """
        start = _plain(prefix)
        weights = self._boosted(affinity) if affinity else None
        chosen = _Chosen(k, alive)
        if not start:
            chosen.take(self._by_kind(np.arange(self._ends[KINDS.index("query")]), locale, weights))
            return tuple(chosen.found)
        exact = self._places(start)
        chosen.take(self._by_kind(exact, locale, weights))
        if len(chosen.found) < min(k, ENOUGH) and not has_chinese(start):
            for group in self._mended(start):
                chosen.take(self._by_kind(group, locale, weights))
        return tuple(chosen.found)

    def _places(self, *starts: str) -> Places:
        """The places of the entries with a key that begins with any of `starts`, ascending."""
        keys, places = self._keys
        among = np.zeros(len(self._ranked), bool)
        for start in starts:
            among[places[bisect_left(keys, start) : bisect_left(keys, start + _LAST)]] = True
        return among.nonzero()[0]

    def _mended(self, start: str) -> Iterator[Places]:
        """The places for every number of errors, the fewest first."""
        *whole, last = start.split(" ")
        if len(whole) >= MAX_WORDS:
            return
        options = [self._words.whole(word) for word in whole] + [self._words.beginnings(last)]
        readings = sorted(islice(product(*options), MAX_READINGS * MAX_READINGS), key=_errors)[:MAX_READINGS]
        for errors in range(1, 2 * len(options) + 1):
            starts = [" ".join(word.text for word in reading) for reading in readings if _errors(reading) == errors]
            if starts:
                yield self._places(*starts)

    def _boosted(self, affinity: Mapping[str, float]) -> Scores:
        weights = self._weights.copy()
        for name, boost in affinity.items():
            places = self._about.get(name)
            if places is not None:
                weights[places] *= np.float32(1 + boost)
        return weights

    def _by_kind(self, places: Places, locale: str, weights: Scores | None) -> list[Iterator[Completion]]:
        """For each kind its entries in the language of `locale`, best first."""
        if locale:
            places = places[self._in_locale.get(locale, self._in_locale[""])[places]]
        parts = np.split(places, np.searchsorted(places, self._ends[:-1]))
        if weights is not None:
            parts = [part[(-weights[part]).argsort(kind="stable")] for part in parts]
        return [map(self._ranked.__getitem__, part) for part in parts]

    def save(self, folder: Path) -> None:
        """Write completions.json."""
        rows = [astuple(entry) for entry in self.entries]
        (folder / "completions.json").write_text(json.dumps(rows, ensure_ascii=False), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Completions":
        """Read what `save` wrote. Raises ReleaseError when the file is missing or damaged."""
        try:
            rows = json.loads((folder / "completions.json").read_text("utf-8"))
            return cls(tuple(_completion(*row) for row in rows))
        except (OSError, ValueError, TypeError) as error:
            raise ReleaseError(f"{folder / 'completions.json'} cannot be read: {error}; run aisle build") from error


class _Chosen:
    """Suggestions as they are picked: each kind has its places, no text comes twice."""

    def __init__(self, k: int, alive: Alive | None) -> None:
        self.k, self.alive = k, alive
        self.found: list[Suggestion] = []
        self.texts: set[str] = set()
        self.categories: set[tuple[str, tuple[str, ...]]] = set()

    def take(self, by_kind: Sequence[Iterator[Completion]]) -> None:
        """Add what there is room for, in the order of the kinds."""
        room = self.k - len(self.found)
        picked: list[list[Suggestion]] = []
        for kind, entries in zip(KINDS, by_kind, strict=True):
            picked.append(list(islice(self._new(entries), min(PLACES[kind], room))))
            room -= len(picked[-1])
        for one, entries in zip(picked, by_kind, strict=True):  # places that a kind cannot fill go to the first kinds
            more = list(islice(self._new(entries), room))
            one += more
            room -= len(more)
        self.found += [suggestion for one in picked for suggestion in one]

    def _new(self, entries: Iterator[Completion]) -> Iterator[Suggestion]:
        """Those that say something new: two categories of one name may, where they are in different places."""
        for entry in entries:
            text = sense(entry.text)
            place = (text, entry.path)
            category = entry.kind == "category" and any(one == text for one, _ in self.categories)
            if place in self.categories or (text in self.texts and not category):
                continue
            made = Suggestion(entry.text, entry.kind, entry.item_id, entry.filter, entry.path)
            if self.alive is None or self.alive(made):
                self.texts.add(text)
                if entry.kind == "category":
                    self.categories.add(place)
                yield made


@lru_cache(maxsize=200_000)
def sense(text: str) -> str:
    """What near-identical texts have in common: their words without endings.

    >>> sense("USB-C Cables") == sense("usb c cable")
    True
    """
    return " ".join(terms(text)) or text.casefold()


def _errors(reading: Sequence[NearWord]) -> int:
    return sum(word.distance for word in reading)


def _completion(
    text: str,
    kind: Kind,
    weight: float,
    locale: str = "",
    item_id: str = "",
    filter_: str = "",
    path: Sequence[str] = (),
    about: Sequence[str] = (),
) -> Completion:
    return Completion(text, kind, weight, locale, item_id, filter_, tuple(path), tuple(about))


def _keys(text: str, plain: str) -> set[str]:
    """The text from each of its first words on; `plain` is its plain form."""
    if not has_chinese(text):
        return _starts(plain)
    keys = _starts(_plain(segment(text)))
    return keys | {plain[plain.find(key.split(" ")[0]) :][:MAX_KEY_LENGTH] for key in keys}


def _starts(plain: str) -> set[str]:
    keys, start = set(), 0
    for word in plain.split(" ")[:MAX_STARTS]:
        keys.add(plain[start : start + MAX_KEY_LENGTH])
        start += len(word) + 1
    return keys - {""}


def _plain(text: str) -> str:
    """In lower case, every run of anything but letters and digits a single space; a trailing one is kept out.

    >>> _plain("USB-C  Cable")
    'usb c cable'
    """
    return re.sub(r"[\W_]+", " ", normalise(text).casefold()).strip()
