"""The fields of items as columns: numbers by row, and (field, value) pairs by row and back."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.types import AttributeValue, Item, Rows

NUMBERS = ("price", "rating", "rating_count", "stock", "released_at")
PATH_SEPARATOR = " > "
MAX_VALUE_LENGTH = 100
RESERVED = {*NUMBERS, "brand", "category", "gtin", "group_id", "currency", "in_stock"}
"""Fields of the item itself; an attribute of the same name is not filtered on."""
Pair = tuple[str, str]


def value_key(field: str, value: str | float | bool) -> str:
    """What a value is compared by: without regard to case, a category path with its parts in normal form."""
    text = value_text(value)
    if field == "category":
        text = PATH_SEPARATOR.join(part.strip() for part in text.split(PATH_SEPARATOR.strip()))
    return text.casefold()


def value_text(value: str | float | bool) -> str:
    """A value as it is written in filters and facets.

    >>> [value_text(value) for value in (True, 2.0, 0.1 + 0.2, 4006381333931, "Sony")]
    ['true', '2', '0.3', '4006381333931', 'Sony']
    """
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else f"{value:.15g}"


def field_name(name: str) -> str:
    """How a field is called in filters: "Screen size" and "attributes.screen_size" are "screen_size"."""
    return re.sub(r"\W+", "_", name.removeprefix("attributes.").strip().casefold()).strip("_")


@dataclass(frozen=True)
class Columns:
    """Immutable; `with_rows` gives changed ones."""

    alive: NDArray[np.bool_]
    """(n_rows,) bool: which rows hold an item."""
    numbers: Mapping[str, NDArray[np.float64]]
    """By field of NUMBERS: (n_rows,) float64, NaN where the item does not say."""
    pairs: tuple[Pair, ...]
    """(field, value) by code."""
    starts: NDArray[np.int64]
    """(n_rows + 1,) int64: row r has codes[starts[r]:starts[r + 1]]."""
    codes: NDArray[np.int64]
    labels: Mapping[str, Mapping[int, str]]
    """By language: what a pair's value is called there, by code."""

    @cached_property
    def code_of(self) -> Mapping[Pair, int]:
        """Code by (field, value)."""
        return {pair: code for code, pair in enumerate(self.pairs)}

    @cached_property
    def field_ids(self) -> Mapping[str, int]:
        """A number for each field, from 0, in the order of first use."""
        return {name: number for number, name in enumerate(dict.fromkeys(field for field, _ in self.pairs))}

    @cached_property
    def fields(self) -> NDArray[np.int64]:
        """(n_pairs,) int64: the number of each pair's field, by code."""
        return np.array([self.field_ids[field] for field, _ in self.pairs], np.int64)

    @cached_property
    def codes_by_field(self) -> Mapping[str, Mapping[str, list[int]]]:
        """By field, by `value_key`: the codes. The same value may be spelled in several ways."""
        found: dict[str, dict[str, list[int]]] = {}
        for code, (field, value) in enumerate(self.pairs):
            found.setdefault(field, {}).setdefault(value_key(field, value), []).append(code)
        return found

    @cached_property
    def _inverted(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        order = np.argsort(self.codes, kind="stable")
        rows = np.repeat(np.arange(len(self.alive)), np.diff(self.starts))[order]
        return rows, np.searchsorted(self.codes[order], np.arange(len(self.pairs) + 1))

    def rows_with(self, codes: Iterable[int]) -> Rows:
        """The rows that carry any of `codes`; a row may come several times."""
        rows, starts = self._inverted
        parts = [rows[starts[code] : starts[code + 1]] for code in codes]
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    def codes_of(self, rows: Rows) -> NDArray[np.int64]:
        """The codes of all of `rows`, one after the other."""
        lengths = self.starts[rows + 1] - self.starts[rows]
        ends = np.cumsum(lengths)
        offsets = np.repeat(self.starts[rows] - ends + lengths, lengths)
        return np.asarray(self.codes[offsets + np.arange(ends[-1] if len(ends) else 0)])

    def with_rows(self, rows: Rows, items: Sequence[Item | None]) -> "Columns":
        """These columns with `items` in place of what stood in `rows`; None takes an item out."""
        n_rows = max(len(self.alive), int(rows.max(initial=-1)) + 1)
        alive = _grown(self.alive, n_rows, False)
        alive[rows] = [item is not None for item in items]
        numbers = {name: _grown(self.numbers[name], n_rows, np.nan) for name in NUMBERS}
        for name, values in numbers.items():
            values[rows] = [np.nan if item is None else _number(item, name) for item in items]
        code_of, labels = dict(self.code_of), {code: dict(names) for code, names in self.labels.items()}
        new_rows: list[int] = []
        new_codes: list[int] = []
        for row, item in zip(rows.tolist(), items, strict=True):
            # By way of a dict, so that a value that is named twice counts once.
            for pair, translated in dict(() if item is None else item_pairs(item)).items():
                code = code_of.setdefault(pair, len(code_of))
                new_rows.append(row)
                new_codes.append(code)
                for language, label in translated:
                    labels.setdefault(language, {})[code] = label
        old_rows = np.repeat(np.arange(len(self.alive)), np.diff(self.starts))
        replaced = np.zeros(n_rows, bool)
        replaced[rows] = True
        kept = ~replaced[old_rows]
        all_rows = np.concatenate([old_rows[kept], np.array(new_rows, np.int64)])
        all_codes = np.concatenate([self.codes[kept], np.array(new_codes, np.int64)])
        order = np.argsort(all_rows, kind="stable")
        starts = np.searchsorted(all_rows[order], np.arange(n_rows + 1))
        return Columns(alive, numbers, tuple(code_of), starts, all_codes[order], labels)

    def save(self, folder: Path) -> None:
        """Write columns.npz and pairs.json."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, NDArray[Any]] = {f"number_{name}": values for name, values in self.numbers.items()}
        arrays |= {"alive": self.alive, "starts": self.starts, "codes": self.codes}
        np.savez(folder / "columns.npz", allow_pickle=False, **arrays)
        words = {"pairs": self.pairs, "labels": self.labels}
        (folder / "pairs.json").write_text(json.dumps(words, ensure_ascii=False), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Columns":
        """Read what `save` wrote."""
        with np.load(folder / "columns.npz") as arrays:
            numbers = {name: arrays[f"number_{name}"] for name in NUMBERS}
            alive, starts, codes = arrays["alive"], arrays["starts"], arrays["codes"]
        words = json.loads((folder / "pairs.json").read_text("utf-8"))
        labels = {lang: {int(code): label for code, label in names.items()} for lang, names in words["labels"].items()}
        return cls(alive, numbers, tuple((field, value) for field, value in words["pairs"]), starts, codes, labels)


def no_columns() -> Columns:
    """Columns without a row."""
    nothing = np.empty(0)
    starts = np.zeros(1, np.int64)
    return Columns(nothing.astype(bool), dict.fromkeys(NUMBERS, nothing), (), starts, nothing.astype(np.int64), {})


def item_pairs(item: Item) -> Iterator[tuple[Pair, list[tuple[str, str]]]]:
    """Each (field, value) of an item, with what the value is called in other languages.

    A category stands for every path above it: ("A", "B") gives "A" and "A > B". Numbers are
    written short ("2" for 2.0), true and false as such; values over 100 characters are left out.
    """
    yield ("in_stock", value_text(item.in_stock)), []
    for field in ("brand", "gtin", "group_id", "currency"):
        if value := getattr(item, field):
            yield (field, value), []
    for depth in range(1, len(item.category) + 1):
        labels = [
            (language, PATH_SEPARATOR.join(part.category[:depth]))
            for language, part in item.translations.items()
            if len(part.category) == len(item.category)
        ]
        yield ("category", PATH_SEPARATOR.join(item.category[:depth])), labels
    for name, value in item.attributes.items():
        field = field_name(name)
        translated = [(lang, _texts(part.attributes.get(name))) for lang, part in item.translations.items()]
        for place, text in enumerate(_texts(value)):
            if field and field not in RESERVED and 0 < len(text) <= MAX_VALUE_LENGTH:
                yield (field, text), [(lang, names[place]) for lang, names in translated if place < len(names)]


def _texts(value: AttributeValue | None) -> list[str]:
    if value is None:
        return []
    return [value_text(part) for part in value] if isinstance(value, tuple) else [value_text(value)]


def _number(item: Item, name: str) -> float:
    value = getattr(item, name)
    if value is None:
        return np.nan
    return float(value.timestamp() if isinstance(value, datetime) else value)


def _grown(values: NDArray[Any], n_rows: int, fill: float | bool) -> NDArray[Any]:
    grown = np.full(n_rows, fill, values.dtype)
    grown[: len(values)] = values
    return grown
