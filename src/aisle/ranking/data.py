"""What ranking knows about each item beforehand, so that a search only looks it up."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError, ReleaseError
from aisle.index.lexical import FIELDS, TRANSLATED, item_texts
from aisle.recommenders.files import read_arrays, write_arrays
from aisle.text import analyser
from aisle.types import Item, Rows, Scores

FILE = "ranking_data"
ALL_FIELDS = (*FIELDS, *(f"{TRANSLATED}{name}" for name in FIELDS))
CATEGORY_LEVELS = 4
"""Levels of the category tree that are told apart."""
NAME_NUMBERS = 4096
"""Names of attributes are told apart by this many numbers; kinds of items still are where two names share one."""
DESCRIBED = 20_000
"""Items that are described at once: as Python's numbers their words take ten times the memory."""
MAX_TITLE_WORDS = 64
MAX_COUNT = 255
NUMBERS = ("price", "rating", "released_day", "in_stock", "purpose")
"""The last: how many words of the title stand before a word of PURPOSE; NOWHERE without one."""
PURPOSE = ("for", "fits", "compat", "适用", "适用于", "用于")
"""Words of a title behind which stands what the item is for, and not what it is."""
NOWHERE = 99.0
"""The place in the title of a word that is not in it."""
_DAY_S = 86_400.0
_ROW_BITS = np.int64(32)
Numbers = NDArray[np.uint32]


def number_of(text: str) -> int:
    """A number from 1 to 2**32 - 1 for a word or a name (CRC-32).

    Two of 200,000 words share theirs with a chance of one in a hundred thousand each: a wrong feature
    of one item now and then, which is cheaper than a dictionary.
    """
    return zlib.crc32(text.encode()) or 1


@dataclass(frozen=True, eq=False)
class RankingData:
    """Words, kinds and numbers of the items by row; every text is a `number_of`. Immutable, `with_rows` gives another.

    How often words are used in the catalogue is as it was at the build.
    """

    words: NDArray[np.int64]
    """(n_words,) row * 2**32 + number of each word of each item, ascending."""
    counts: NDArray[np.uint8]
    """(n_words, n_fields) how often the word stands in each of ALL_FIELDS, at most 255."""
    lengths: NDArray[np.float32]
    """(n_rows, n_fields) words of each field."""
    titles: Numbers
    """Numbers of the words of all titles in order; a 0 ends each title and each of its translations."""
    title_starts: NDArray[np.int64]
    """(n_rows + 1,) row r has titles[title_starts[r]:title_starts[r + 1]]."""
    names: Numbers
    """Numbers of the attribute names of all items: things of one kind are described by the same ones."""
    name_starts: NDArray[np.int64]
    """(n_rows + 1,)"""
    categories: Numbers
    """(n_rows, CATEGORY_LEVELS) number of the path down to each level; 0 below the item's own."""
    brands: Numbers
    """(n_rows,) 0 where there is none."""
    numbers: NDArray[np.float32]
    """(n_rows, 5) NUMBERS; NaN where the item does not say."""
    popularity: Scores
    """(n_rows,)"""
    known: Numbers
    """(n_known,) numbers of all words, ascending."""
    frequencies: NDArray[np.int64]
    """(n_known, n_fields) items that use the word in the field."""
    average_lengths: NDArray[np.float32]
    """(n_fields,) words of a field, of the items that have it."""

    @property
    def n_rows(self) -> int:
        """Rows there are, filled or not."""
        return len(self.lengths)

    @cached_property
    def filled(self) -> NDArray[np.int64]:
        """(n_filled,) places in ALL_FIELDS, ascending, of the fields that some item has words in: seldom all."""
        return np.flatnonzero(self.lengths.any(axis=0))

    def with_rows(self, rows: Rows, items: Sequence[Item]) -> "RankingData":
        """These data with `items` in place of what stood in `rows`; popularity stays."""
        new = _described(items)
        n_rows = max(self.n_rows, int(rows.max(initial=-1)) + 1)
        words = np.concatenate([self.words, (rows[new.words >> _ROW_BITS] << _ROW_BITS) | (new.words & 0xFFFFFFFF)])
        kept = np.concatenate([~np.isin(self.words >> _ROW_BITS, rows), np.ones(len(new.words), bool)])
        order = np.flatnonzero(kept)[np.argsort(words[kept], kind="stable")]
        titles, title_starts = _replaced(self.titles, self.title_starts, new.titles, new.title_starts, rows, n_rows)
        names, name_starts = _replaced(self.names, self.name_starts, new.names, new.name_starts, rows, n_rows)
        return RankingData(
            words=words[order],
            counts=np.concatenate([self.counts, new.counts])[order],
            lengths=_put(self.lengths, new.lengths, rows, n_rows),
            titles=titles,
            title_starts=title_starts,
            names=names,
            name_starts=name_starts,
            categories=_put(self.categories, new.categories, rows, n_rows),
            brands=_put(self.brands, new.brands, rows, n_rows),
            numbers=_put(self.numbers, new.numbers, rows, n_rows),
            popularity=_put(self.popularity, np.empty(0, np.float32), rows[:0], n_rows),
            known=self.known,
            frequencies=self.frequencies,
            average_lengths=self.average_lengths,
        )

    def save(self, folder: Path) -> None:
        """Write ranking_data.npz."""
        write_arrays(folder, FILE, **{part.name: getattr(self, part.name) for part in fields(self)})

    @classmethod
    def load(cls, folder: Path) -> "RankingData":
        """Read what `save` wrote. Raises ReleaseError when it is missing or damaged."""
        names = [part.name for part in fields(cls)]
        data = cls(**dict(zip(names, read_arrays(folder, FILE, *names), strict=True)))
        rowwise = (data.lengths, data.categories, data.brands, data.numbers, data.popularity)
        starts = (data.title_starts, data.name_starts)
        if len({*map(len, rowwise), *(len(part) - 1 for part in starts)}) != 1 or len(data.words) != len(data.counts):
            raise ReleaseError(f"{folder / FILE}.npz does not fit together; run aisle build")
        return data


def build_ranking_data(items: Sequence[Item], popularity: Scores) -> RankingData:
    """What ranking looks up about `items`, rows in their order; `popularity` is (len(items),) float32."""
    if len(popularity) != len(items):
        raise InputError(f"{len(items)} items came with {len(popularity)} popularities; give one for each")
    data = _joined([_described(items[start : start + DESCRIBED]) for start in range(0, max(1, len(items)), DESCRIBED)])
    known, places = np.unique((data.words & 0xFFFFFFFF).astype(np.uint32), return_inverse=True)
    used = data.counts > 0
    columns = [np.bincount(places, used[:, field], minlength=len(known)) for field in range(len(ALL_FIELDS))]
    frequencies = np.stack(columns, axis=1).astype(np.int64)
    filled = np.maximum(1, (data.lengths > 0).sum(axis=0))
    average = (data.lengths.sum(axis=0) / filled).astype(np.float32)
    values = {part.name: getattr(data, part.name) for part in fields(data)}
    learned = {"popularity": popularity, "known": known, "frequencies": frequencies, "average_lengths": average}
    return RankingData(**(values | learned))


def _joined(parts: Sequence[RankingData]) -> RankingData:
    """One after the other, without popularity and statistics."""
    before = np.cumsum([0, *(part.n_rows for part in parts)])
    values = {part.name: np.concatenate([getattr(one, part.name) for one in parts]) for part in fields(parts[0])}
    values["words"] = np.concatenate(
        [one.words + (start << _ROW_BITS) for one, start in zip(parts, before, strict=False)]
    )
    for name in ("title_starts", "name_starts"):
        lengths = np.concatenate([np.diff(getattr(one, name)) for one in parts])
        values[name] = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return RankingData(**(values | {"average_lengths": parts[0].average_lengths}))


def _described(items: Sequence[Item]) -> RankingData:
    """The items in rows 0 to n-1, without popularity and statistics."""
    words: list[int] = []
    counts: list[bytes] = []
    lengths = np.zeros((len(items), len(ALL_FIELDS)), np.float32)
    titles: list[list[int]] = []
    for row, item in enumerate(items):
        found, title = _words_of(item, lengths[row])
        titles.append(title)
        for number in sorted(found):
            words.append(row << 32 | number)
            counts.append(bytes(found[number]))
    names = [[number_of(name) % NAME_NUMBERS for name in item.attributes] for item in items]
    return RankingData(
        words=np.array(words, np.int64),
        counts=np.frombuffer(b"".join(counts), np.uint8).reshape(len(words), len(ALL_FIELDS)),
        lengths=lengths,
        titles=_flat(titles),
        title_starts=_starts(titles),
        names=_flat(names),
        name_starts=_starts(names),
        categories=np.array([_levels(item.category) for item in items], np.uint32).reshape(-1, CATEGORY_LEVELS),
        brands=np.array([brand_number(item.brand) for item in items], np.uint32),
        numbers=np.array(list(map(_numbers, items, titles)), np.float32).reshape(-1, len(NUMBERS)),
        popularity=np.zeros(len(items), np.float32),
        known=np.empty(0, np.uint32),
        frequencies=np.empty((0, len(ALL_FIELDS)), np.int64),
        average_lengths=np.zeros(len(ALL_FIELDS), np.float32),
    )


def brand_number(brand: str) -> int:
    """The number of a brand without regard to case; 0 for none."""
    return number_of(brand.casefold()) if brand else 0


def path_number(path: Sequence[str]) -> int:
    """The number of a category path; 0 for none."""
    return number_of(" > ".join(path)) if path else 0


def _words_of(item: Item, lengths: NDArray[np.float32]) -> tuple[Mapping[int, bytearray], list[int]]:
    """How often each word stands in each field; the words of the titles. Fills in `lengths`, (n_fields,)."""
    texts = item_texts(item)
    found: dict[int, bytearray] = {}
    title: list[int] = []
    for place, name in enumerate(ALL_FIELDS):
        if name not in texts:
            continue
        numbers = list(map(number_of, analyser().analyze(texts[name])))
        lengths[place] = len(numbers)
        if name.endswith("title"):
            title += [*numbers[:MAX_TITLE_WORDS], 0]
        for number in numbers:
            of = found.setdefault(number, bytearray(len(ALL_FIELDS)))
            of[place] = min(MAX_COUNT, of[place] + 1)
    return found, title


def _levels(category: Sequence[str]) -> list[int]:
    paths = accumulate(category, lambda above, part: f"{above} > {part}")
    levels = [number_of(path) for path in paths][:CATEGORY_LEVELS]
    return levels + [0] * (CATEGORY_LEVELS - len(levels))


def _numbers(item: Item, title: Sequence[int]) -> tuple[float, ...]:
    released = np.nan if item.released_at is None else item.released_at.timestamp() / _DAY_S
    price = np.nan if item.price is None else item.price
    rating = np.nan if item.rating is None else item.rating
    return price, rating, released, float(item.in_stock), _purpose(title)


def _purpose(title: Sequence[int]) -> float:
    begin, least = 0, NOWHERE
    for place, number in enumerate(title):
        if number == 0:
            begin = place + 1
        elif number in _PURPOSES:
            least = min(least, float(place - begin))
    return least


def _flat(parts: Iterable[Sequence[int]]) -> Numbers:
    return np.array([number for part in parts for number in part], np.uint32)


def _starts(parts: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    return np.cumsum([0, *map(len, parts)], dtype=np.int64)


def _put(old: NDArray[Any], new: NDArray[Any], rows: Rows, n_rows: int) -> NDArray[Any]:
    grown = np.zeros((n_rows, *old.shape[1:]), old.dtype)
    grown[: len(old)] = old
    grown[rows] = new
    return grown


def _replaced(
    old: Numbers, old_starts: NDArray[np.int64], new: Numbers, new_starts: NDArray[np.int64], rows: Rows, n_rows: int
) -> tuple[Numbers, NDArray[np.int64]]:
    """`old` by row, with the parts of `new` in place of those of `rows`."""
    old_rows = np.repeat(np.arange(len(old_starts) - 1), np.diff(old_starts))
    kept = ~np.isin(old_rows, rows)
    all_rows = np.concatenate([old_rows[kept], np.repeat(rows, np.diff(new_starts))])
    order = np.argsort(all_rows, kind="stable")
    return np.concatenate([old[kept], new])[order], np.searchsorted(all_rows[order], np.arange(n_rows + 1))


_PURPOSES = frozenset(map(number_of, PURPOSE))
