"""Here is the beginning of a word: what may be meant?"""

import json
import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from aisle.errors import ReleaseError
from aisle.text import has_chinese, normalise, segment
from aisle.types import Suggestion

Kind = Literal["query", "category", "brand", "item"]
KINDS: tuple[Kind, ...] = ("query", "category", "brand", "item")
"""In the order in which they are shown."""
PLACES: dict[Kind, int] = {"query": 4, "category": 2, "brand": 1, "item": 3}
"""How many of each kind a full list shows at least, where there are as many."""
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
    def _keys(self) -> tuple[list[str], list[int]]:
        pairs = sorted((key, place) for place, entry in enumerate(self.entries) for key in _keys(entry.text))
        return [key for key, _ in pairs], [place for _, place in pairs]

    def suggest(self, prefix: str, k: int, locale: str = "") -> tuple[Suggestion, ...]:
        """At most `k` texts with a word that begins with `prefix`, each text once: queries, categories, brands, items.

        Within a kind the heaviest come first. An empty prefix gets the most frequent queries.
        """
        keys, places = self._keys
        start = _plain(prefix)
        found = {places[i] for i in range(bisect_left(keys, start), bisect_left(keys, start + _LAST))}
        entries = [self.entries[place] for place in found]
        spoken = [entry for entry in entries if not entry.locale or not locale or entry.locale == locale]
        if not start:
            spoken = [entry for entry in spoken if entry.kind == "query"]
        return _slate(sorted(spoken, key=_importance), k)

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


def _slate(entries: Iterable[Completion], k: int) -> tuple[Suggestion, ...]:
    by_kind: dict[Kind, list[Completion]] = {kind: [] for kind in KINDS}
    seen: set[str] = set()
    for entry in entries:
        if entry.text.casefold() not in seen:
            seen.add(entry.text.casefold())
            by_kind[entry.kind].append(entry)
    taken = {kind: min(PLACES[kind], len(by_kind[kind])) for kind in KINDS}
    for kind in KINDS:  # places that a kind cannot fill go to the others, the first kinds first
        taken[kind] += max(0, min(k - sum(taken.values()), len(by_kind[kind]) - taken[kind]))
    chosen = [entry for kind in KINDS for entry in by_kind[kind][: taken[kind]]]
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
