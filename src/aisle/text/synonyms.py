"""Other words for the same: from a file, and from searches that end at the same items."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import sqrt
from pathlib import Path

import orjson
import polars as pl

from aisle.errors import InputError, ReleaseError
from aisle.text.pieces import pieces
from aisle.text.vocabulary import plain, plain_words, singular

WRITTEN = 0.9
"""Weight of a synonym from the file."""
MAX_MINED = 0.7
"""Weight of one from clicks, at most."""
MAX_WORDS = 4
"""Words of a phrase."""
MIN_COSINE = 0.3
"""Searches whose clicks are less alike say nothing about their words."""
MIN_CLICKS = 5
"""Clicks of a search at least, and clicks that two have in common."""
MIN_ITEMS = 2
"""Items that they have in common at least."""
MAX_SEARCHES = 100
"""Items that more different searches end at are the shop's favourites and say nothing."""
MAX_OTHERS = 5
"""Mined synonyms of a phrase: the most alike."""
_FILE = "synonyms.json"

Alternatives = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Synonyms:
    """What else is meant by a phrase, by the key of the phrase."""

    by_phrase: Mapping[str, Alternatives]

    def of(self, words: Sequence[str]) -> Alternatives:
        """Other phrases for these words, in plain form, with weights below 1."""
        return self.by_phrase.get(_key(words), ())

    def save(self, folder: Path) -> None:
        """Write synonyms.json."""
        (folder / _FILE).write_bytes(orjson.dumps(self.by_phrase))

    @classmethod
    def load(cls, folder: Path) -> "Synonyms":
        """Read what `save` wrote. Raises ReleaseError when it is missing or damaged."""
        try:
            stored = orjson.loads((folder / _FILE).read_bytes())
            return cls(
                {phrase: tuple((text, float(weight)) for text, weight in ways) for phrase, ways in stored.items()}
            )
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise ReleaseError(f"{folder / _FILE} cannot be read: {error}; run aisle build") from error


def merge_synonyms(first: Synonyms, second: Synonyms) -> Synonyms:
    """Both, each phrase with its highest weight."""
    merged: dict[str, Alternatives] = {}
    for phrase in {*first.by_phrase, *second.by_phrase}:
        weights: dict[str, float] = {}
        for text, weight in (*first.by_phrase.get(phrase, ()), *second.by_phrase.get(phrase, ())):
            weights[text] = max(weight, weights.get(text, 0.0))
        merged[phrase] = _sorted(weights)
    return Synonyms(merged)


def read_synonyms(path: Path) -> Synonyms:
    """The synonyms of a text file, one group a line: `tv = television`, `sofa, couch`, one-way `trainers => shoes`.

    Empty lines and what follows a # are passed over. Raises InputError when the file cannot be read or
    a line has no two sides.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise InputError(f"the synonyms in {path} cannot be read: {error}; give a text file in UTF-8") from error
    weights: dict[str, dict[str, float]] = defaultdict(dict)
    for number, line in enumerate(lines, 1):
        if text := line.partition("#")[0].strip():
            for phrase, other in _pairs(text, f"line {number} of {path}"):
                weights[_phrase_key(phrase)][other] = WRITTEN
    return Synonyms({phrase: _sorted(ways) for phrase, ways in weights.items()})


def _pairs(line: str, where: str) -> Iterator[tuple[str, str]]:
    """(phrase, other phrase) in each direction that `line` states."""
    left, arrow, right = line.partition("=>")
    sides = [_phrases(left), _phrases(right)] if arrow else [_phrases(line.replace("=", ","))] * 2
    if not (sides[0] and sides[1]) or (not arrow and len(sides[0]) < 2):
        raise InputError(f'{where} is {line!r}; expected "sofa, couch", "tv = television" or "trainers => shoes"')
    for phrase, other in product(*sides):
        if len(pieces(phrase)) > MAX_WORDS:
            raise InputError(f"{where}: {phrase!r} has more than {MAX_WORDS} words; shorten it")
        if _phrase_key(phrase) != _phrase_key(other):
            yield phrase, other


def _phrases(text: str) -> list[str]:
    return [phrase for part in text.replace("，", ",").split(",") if (phrase := plain(part))]


def mine_synonyms(co_clicks: pl.DataFrame) -> Synonyms:
    """Searches that end at the same items, as other words for each other.

    `co_clicks` has the columns query, item_id and n (clicks). Alike are searches by the cosine of their clicks.
    Only whole, plain searches count: "red sofa" is left out where "sofa" is searched for more often, or red
    and blue would become the same. Raises InputError when a column is missing.
    """
    missing = {"query", "item_id", "n"} - set(co_clicks.columns)
    if missing:
        raise InputError(f"co_clicks lacks the columns {sorted(missing)}; expected query, item_id, n")
    clicks = _plain_searches(_clicks(co_clicks))
    weights: dict[str, dict[str, float]] = defaultdict(dict)
    for one, other in _meeting(clicks):
        shared = [min(n, clicks[other][item]) for item, n in clicks[one].items() if item in clicks[other]]
        cosine = _cosine(clicks[one], clicks[other])
        if len(shared) >= MIN_ITEMS and sum(shared) >= MIN_CLICKS and cosine >= MIN_COSINE and _differ(one, other):
            weight = round(MAX_MINED * cosine, 3)
            weights[_key(one)][" ".join(other)] = weights[_key(other)][" ".join(one)] = weight
    return Synonyms({phrase: _sorted(ways)[:MAX_OTHERS] for phrase, ways in weights.items()})


_Words = tuple[str, ...]
_Clicks = Mapping[_Words, Mapping[str, float]]


def _clicks(frame: pl.DataFrame) -> _Clicks:
    """Clicks on items, by the words of the search."""
    clicks: dict[_Words, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for query, item_id, n in frame.select("query", "item_id", "n").iter_rows():
        words = tuple(plain(piece) for piece in pieces(query))
        if 0 < len(words) <= MAX_WORDS:
            clicks[words][item_id] += n
    return clicks


def _plain_searches(clicks: _Clicks) -> _Clicks:
    """The searches with enough clicks that do not narrow a more frequent one."""
    totals = {words: sum(items.values()) for words, items in clicks.items()}

    def narrows(words: _Words) -> bool:
        parts = [words[start:end] for start, end in combinations(range(len(words) + 1), 2) if end - start < len(words)]
        return any(totals.get(part, 0) >= totals[words] for part in parts)

    return {words: items for words, items in clicks.items() if totals[words] >= MIN_CLICKS and not narrows(words)}


def _meeting(clicks: _Clicks) -> set[tuple[_Words, _Words]]:
    """The pairs of searches that share an item."""
    by_item: dict[str, list[_Words]] = defaultdict(list)
    for words, items in clicks.items():
        for item in items:
            by_item[item].append(words)
    lists = (sorted(searches) for searches in by_item.values() if len(searches) <= MAX_SEARCHES)
    return {pair for searches in lists for pair in combinations(searches, 2)}


def _differ(one: _Words, other: _Words) -> bool:
    """True for words that have nothing in common; digits are models and sizes, never synonyms."""
    if any(letter.isdigit() for word in (*one, *other) for letter in word):
        return False
    return not {singular(word) for word in one} & {singular(word) for word in other}


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    dot = sum(n * other[item] for item, n in one.items() if item in other)
    return dot / sqrt(sum(n * n for n in one.values()) * sum(n * n for n in other.values()))


def _phrase_key(phrase: str) -> str:
    return _key([plain(piece) for piece in pieces(phrase)])


def _key(words: Sequence[str]) -> str:
    return " ".join(singular(part) for word in words for part in (plain_words(word) or [word]))


def _sorted(weights: Mapping[str, float]) -> Alternatives:
    return tuple(sorted(weights.items(), key=lambda way: (-way[1], way[0])))
