"""The fields of items as columns: numbers by row, and (field, value) pairs by row and back."""

import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from aisle.index.pairs import PATH_SEPARATOR, Pair, Pairs, field_name, value_text
from aisle.types import AttributeValue, Item, Rows

_WORKED_OUT = ("spellings", "totals", "field_totals", "several")
NUMBERS = ("price", "rating", "rating_count", "stock", "released_at")
MAX_VALUE_LENGTH = 100
RESERVED = {*NUMBERS, "brand", "category", "gtin", "group_id", "currency", "in_stock"}
"""Fields of the item itself; an attribute of the same name is not filtered on."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Many short lists of numbers in one array: list n is values[starts[n]:starts[n + 1]]."""

    starts: NDArray[np.int64]
    values: NDArray[np.int32]

    def of(self, picked: NDArray[np.integer[Any]]) -> NDArray[np.int32]:
        """The picked lists, one after the other."""
        begins = self.starts[picked]
        lengths = self.starts[picked + 1] - begins
        ends = np.cumsum(lengths)
        offsets = np.repeat(begins - ends + lengths, lengths)
        return np.asarray(self.values[offsets + np.arange(ends[-1] if len(ends) else 0)])


@dataclass(frozen=True)
class Columns:
    """Immutable; `with_rows` gives changed ones. What `load` reads stays in its files, which all processes share."""

    alive: NDArray[np.bool_]
    """(n_rows,) bool: which rows hold an item."""
    numbers: Mapping[str, NDArray[np.float64]]
    """By field of NUMBERS: (n_rows,) float64, NaN where the item does not say."""
    known: Pairs
    """The (field, value) pairs and their codes."""
    starts: NDArray[np.int64]
    """(n_rows + 1,) int64: row r has codes[starts[r]:starts[r + 1]]."""
    codes: NDArray[np.int32]
    labels: Mapping[str, Mapping[int, str]]
    """By language: what a pair's value is called there, by code."""

    @property
    def pairs(self) -> Sequence[Pair]:
        """(field, value) by code."""
        return self.known.pairs

    @property
    def field_ids(self) -> Mapping[str, int]:
        """A number for each field, from 0, in the order of first use."""
        return self.known.field_ids

    @cached_property
    def fields(self) -> NDArray[np.int64]:
        """(n_pairs,) int64: the number of each pair's field, by code."""
        return self.known.pair_fields

    @cached_property
    def _by_row(self) -> Lists:
        """The slots of each row, each once."""
        shape = (len(self.alive), self.known.n_slots)
        once = csr_array((np.ones(len(self.codes), np.int32), self.known.slots[self.codes], self.starts), shape)
        once.sum_duplicates()
        return Lists(once.indptr.astype(np.int64), once.indices)

    @cached_property
    def _by_slot(self) -> Lists:
        """The rows of each slot, ascending."""
        rows = self._by_row
        shape = (len(self.alive), self.known.n_slots)
        turned = csr_array((np.ones(len(rows.values), np.int8), rows.values, rows.starts), shape).tocsc()
        return Lists(turned.indptr.astype(np.int64), turned.indices)

    @cached_property
    def spellings(self) -> NDArray[np.int64]:
        """(n_slots,) int64: the code of the spelling that most items use."""
        used = np.bincount(self.codes, minlength=len(self.known.pairs))
        order = np.lexsort((-np.arange(len(used)), used))  # the most used, and among equals the first, is written last
        best = np.zeros(self.known.n_slots, np.int64)
        best[self.known.slots[order]] = order
        return best

    @cached_property
    def totals(self) -> NDArray[np.int64]:
        """(n_slots,) int64: how many items have each value."""
        return np.diff(self._by_slot.starts)

    @cached_property
    def field_totals(self) -> NDArray[np.int64]:
        """(n_fields,) int64: how many values of each field the items have in all."""
        return np.diff(self._by_slot.starts[self.known.field_starts])

    @cached_property
    def several(self) -> NDArray[np.bool_]:
        """(n_fields,) bool: the fields of which some item has several values."""
        starts, slots = self._by_row.starts, self._by_row.values
        fields = self.known.slot_fields[slots]
        again = np.zeros(len(slots) + 1, bool)
        again[1:-1] = fields[1:] == fields[:-1]
        again[starts] = False
        found = np.zeros(len(self.field_ids), bool)
        found[fields[again[:-1]]] = True
        return found

    def rows_with(self, slots: NDArray[np.int64]) -> Rows:
        """The rows that carry any of `slots`; a row may come several times."""
        return self._by_slot.of(slots).astype(np.int64)

    def slots_of(self, rows: Rows) -> NDArray[np.int32]:
        """The slots of all of `rows`, one row after the other."""
        return self._by_row.of(rows)

    def rows_of_field(self, field: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The rows of all values of a field, value by value, and where each of its slots starts, and the last ends."""
        first, last = self.known.field_starts[field : field + 2]
        starts = self._by_slot.starts[first : last + 1]
        return self._by_slot.values[starts[0] : starts[-1]], starts - starts[0]

    def prepared(self) -> "Columns":
        """These columns, with everything that the first question would have to work out."""
        known = self.known
        _ = (self.spellings, self.totals, self.several, self.field_totals, known.slot_of, known.numbers, known.n_slots)
        return self

    def with_rows(self, rows: Rows, items: Sequence[Item | None]) -> "Columns":
        """These columns with `items`, each read once, in place of what stood in `rows`; None takes an item out."""
        n_rows = max(len(self.alive), int(rows.max(initial=-1)) + 1)
        alive = _grown(self.alive, n_rows, False)
        numbers = {name: _grown(self.numbers[name], n_rows, np.nan) for name in NUMBERS}
        code_of = _Codes(self.known)
        labels = {code: dict(names) for code, names in self.labels.items()}
        new, lengths = array("i"), np.zeros(len(rows), np.int64)
        for place, (row, item) in enumerate(zip(rows.tolist(), items, strict=True)):
            alive[row] = item is not None
            for name, values in numbers.items():
                values[row] = np.nan if item is None else _number(item, name)
            # By way of a dict, so that a value that is named twice counts once.
            for pair, translated in dict(() if item is None else item_pairs(item)).items():
                code = code_of[pair]
                new.append(code)
                lengths[place] += 1
                for language, label in translated:
                    labels.setdefault(language, {})[code] = label
        starts, codes = _spliced(self.starts, self.codes, n_rows, rows, lengths, np.array(new, np.int32))
        return Columns(alive, numbers, code_of.pairs(), starts, codes, labels)

    def save(self, folder: Path) -> None:
        """Write labels.json and the folder columns/."""
        made = folder / "columns"
        made.mkdir(parents=True, exist_ok=True)
        # A loaded one reads its files while it lives: never write into those, put others in their place.
        for name, values in self._arrays().items():
            np.save(made / "new.npy", values, allow_pickle=False)
            (made / "new.npy").replace(made / f"{name}.npy")
        self.known.save(made)
        (folder / "labels.json").write_text(json.dumps(self.labels, ensure_ascii=False), "utf-8")

    def _arrays(self) -> Mapping[str, NDArray[Any]]:
        """All numbers; those that are worked out too, so that no process has to do it again."""
        return {
            **{f"number_{name}": values for name, values in self.numbers.items()},
            **{name: getattr(self, name) for name in ("alive", "starts", "codes", *_WORKED_OUT)},
            "row_starts": self._by_row.starts,
            "row_slots": self._by_row.values,
            "slot_starts": self._by_slot.starts,
            "slot_rows": self._by_slot.values,
        }

    @classmethod
    def load(cls, folder: Path) -> "Columns":
        """Read what `save` wrote. Raises OSError, ValueError or KeyError when that cannot be read."""

        def read(name: str) -> NDArray[Any]:
            return np.asarray(np.load(folder / "columns" / f"{name}.npy", mmap_mode="r", allow_pickle=False))

        stored = json.loads((folder / "labels.json").read_text("utf-8"))
        labels = {lang: {int(code): label for code, label in names.items()} for lang, names in stored.items()}
        known = Pairs.load(folder / "columns")
        numbers = {name: read(f"number_{name}") for name in NUMBERS}
        columns = cls(read("alive"), numbers, known, read("starts"), read("codes"), labels)
        columns.__dict__.update({name: read(name) for name in _WORKED_OUT})
        columns.__dict__["_by_row"] = Lists(read("row_starts"), read("row_slots"))
        columns.__dict__["_by_slot"] = Lists(read("slot_starts"), read("slot_rows"))
        return columns


class _Codes(dict[Pair, int]):
    """Code by pair: those that are known, and one for each that is asked for and is not."""

    def __init__(self, known: Pairs) -> None:
        super().__init__()
        self._known = known

    def __missing__(self, pair: Pair) -> int:
        code = self._known.code_of.get(pair, -1)
        if code < 0:
            code = self[pair] = len(self._known.pairs) + len(self)
        return code

    def pairs(self) -> Pairs:
        """The known pairs and the new ones."""
        return self._known.with_pairs(tuple(self)) if self else self._known


def no_columns() -> Columns:
    """Columns without a row."""
    nothing = np.empty(0)
    starts = np.zeros(1, np.int64)
    codes = nothing.astype(np.int32)
    return Columns(nothing.astype(bool), dict.fromkeys(NUMBERS, nothing), Pairs(()), starts, codes, {})


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


def _spliced(
    starts: NDArray[np.int64],
    values: NDArray[np.int32],
    n_rows: int,
    rows: Rows,
    lengths: NDArray[np.int64],
    new: NDArray[np.int32],
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Starts and values of `n_rows` lists, with lists of `lengths` out of `new` in place of those of `rows`.

    What stands between two changed rows is copied as one piece: nothing is sorted.
    """
    order = np.argsort(rows, kind="stable")
    begins = np.cumsum(lengths) - lengths
    sizes = np.zeros(n_rows, np.int64)
    sizes[: len(starts) - 1] = np.diff(starts)
    sizes[rows] = lengths
    if len(rows) == n_rows and np.array_equal(rows, order):
        parts = [new]
    else:
        parts, at, end = [], 0, len(starts) - 1
        for place in order.tolist():
            row = int(rows[place])
            parts.append(values[starts[min(at, end)] : starts[min(row, end)]])
            parts.append(new[begins[place] : begins[place] + lengths[place]])
            at = row + 1
        parts.append(values[starts[min(at, end)] :])
    return np.concatenate([[0], np.cumsum(sizes)]), np.concatenate(parts)
