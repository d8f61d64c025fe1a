"""The values of fields: every (field, value) pair has a code, and the spellings of one value share a slot."""

import math
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from aisle.stored_texts import StoredTexts, write_texts

Pair = tuple[str, str]
_WORKED_OUT = ("slots", "numbers", "slot_fields", "field_starts", "pair_fields")
_BETWEEN = "\0"
PATH_SEPARATOR = " > "


def value_key(field: str, value: str | float | bool) -> str:
    """What a value is compared by: without regard to case, a category path with its parts in normal form."""
    text = value if isinstance(value, str) else value_text(value)
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


def folded(text: str) -> str:
    """Without case and accents, as people type in a hurry.

    >>> folded("Crème Brûlée ＵＳＢ")
    'creme brulee usb'
    """
    if text.isascii():
        return text.casefold()
    parts = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFC", "".join(part for part in parts if not unicodedata.combining(part))).casefold()


class StoredPairs(Sequence[Pair]):
    """(field, value) by number, in files; `numbers` is the way back."""

    def __init__(self, texts: StoredTexts) -> None:
        self.texts = texts

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, number: int) -> Pair: ...
    @overload
    def __getitem__(self, number: slice) -> list[Pair]: ...
    def __getitem__(self, number: int | slice) -> Pair | list[Pair]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        if not 0 <= number < len(self):
            raise IndexError(f"pair {number} of {len(self)}")
        field, _, value = self.texts.text_of(number).partition(_BETWEEN)
        return field, value

    @property
    def numbers(self) -> "NumbersByPair":
        """The number of each pair."""
        return NumbersByPair(self)


class NumbersByPair(Mapping[Pair, int]):
    """The number of each of the stored pairs."""

    def __init__(self, pairs: StoredPairs) -> None:
        self._pairs = pairs

    def __len__(self) -> int:
        return len(self._pairs)

    def __iter__(self) -> Iterator[Pair]:
        return iter(self._pairs)

    def __getitem__(self, pair: Pair) -> int:
        return self._pairs.texts[_BETWEEN.join(pair)]


@dataclass(frozen=True, slots=True)
class _More(Sequence[Pair]):
    """Pairs, and some behind them."""

    base: Sequence[Pair]
    extra: tuple[Pair, ...]

    def __len__(self) -> int:
        return len(self.base) + len(self.extra)

    @overload
    def __getitem__(self, number: int) -> Pair: ...
    @overload
    def __getitem__(self, number: slice) -> list[Pair]: ...
    def __getitem__(self, number: int | slice) -> Pair | list[Pair]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        return self.base[number] if number < len(self.base) else self.extra[number - len(self.base)]


@dataclass(frozen=True, slots=True)
class _Moved(Mapping[Pair, int]):
    """Numbers by pair, of which some were put in between: those behind each place are one higher."""

    base: Mapping[Pair, int]
    places: NDArray[np.int64]
    """(n_extra,) ascending: before which number of the base each extra one stands."""
    extra: Mapping[Pair, int]

    def __len__(self) -> int:
        return len(self.base) + len(self.extra)

    def __iter__(self) -> Iterator[Pair]:
        yield from self.base
        yield from self.extra

    def __getitem__(self, pair: Pair) -> int:
        if pair in self.extra:
            return self.extra[pair]
        number = self.base[pair]
        return number + int(self.places.searchsorted(number, "right"))


@dataclass(frozen=True)
class Pairs:
    """All (field, value) pairs that items have or had. Shared by all columns that know the same pairs.

    Those of a file stay there until a pair is added.
    """

    pairs: Sequence[Pair]
    """(field, value) by code."""

    def with_pairs(self, new: Sequence[Pair]) -> "Pairs":
        """These and `new` ones behind them, without working all out again: a million keep their places in the file."""
        if not self.pairs:
            return Pairs(tuple(new))
        base, extra = self._grown_from or (self, ())
        return base._extended((*extra, *new))

    def _extended(self, extra: tuple[Pair, ...]) -> "Pairs":
        names = tuple(dict.fromkeys((*self.field_names, *(field for field, _ in extra))))
        ids = {name: number for number, name in enumerate(names)}
        keys = {(field, value_key(field, value)) for field, value in extra}
        found = [(ids[field], _size(key), key, field) for field, key in keys if (field, key) not in self.slot_of]
        found.sort()
        places = np.array([self._place(field, (size, key)) for _, size, key, field in found], np.int64)
        behind = (places + np.arange(len(places))).tolist()
        moved = {(field, key): slot for (_, _, key, field), slot in zip(found, behind, strict=True)}
        slot_of = _Moved(self.slot_of, places, moved)
        code_of = {pair: len(self.pairs) + number for number, pair in enumerate(extra)}
        end = np.array([len(self.pairs)])[:0]  # codes are added behind: none of the others moves
        own = [slot_of[field, value_key(field, value)] for field, value in extra]
        more = Pairs(_More(self.pairs, extra))
        more.__dict__.update(
            _grown_from=(self, extra),
            field_names=names,
            code_of=_Moved(self.code_of, end, code_of),
            slot_of=slot_of,
            slots=np.concatenate([self.slots + places.searchsorted(self.slots, "right"), own]).astype(np.int64),
            numbers=np.insert(self.numbers, places, [math.nan if math.isinf(size) else size for _, size, *_ in found]),
            slot_fields=np.insert(self.slot_fields, places, [number for number, *_ in found]),
            pair_fields=np.concatenate([self.pair_fields, [ids[field] for field, _ in extra]]).astype(np.int64),
        )
        return more

    def _place(self, field: str, wanted: tuple[float, str]) -> int:
        """The slot before which a value of `field` belongs, by its number, or inf, and its key."""

        def at(slot: int) -> tuple[float, str]:
            number = float(self.numbers[slot])
            return math.inf if math.isnan(number) else number, self.keys[slot][1]

        span = self.span(field)
        if span.start == span.stop:  # a new field comes behind all others
            return self.n_slots
        return bisect_left(range(self.n_slots), wanted, span.start, span.stop, key=at)

    @cached_property
    def _grown_from(self) -> "tuple[Pairs, tuple[Pair, ...]] | None":
        return None

    @cached_property
    def keys(self) -> Sequence[Pair]:
        """(field, `value_key`) by slot."""
        return sorted(self.slot_of, key=self.slot_of.__getitem__)

    def save(self, folder: Path) -> None:
        """Write the pairs, and all that would have to be worked out."""
        write_texts(map(_BETWEEN.join, self.pairs), folder, "pairs")
        write_texts(map(_BETWEEN.join, self.keys), folder, "keys")
        write_texts(self.field_names, folder, "fields")
        for name in _WORKED_OUT:
            np.save(folder / "new.npy", getattr(self, name))
            (folder / "new.npy").replace(folder / f"pair_{name}.npy")

    @classmethod
    def load(cls, folder: Path) -> "Pairs":
        """Read what `save` wrote. Raises OSError or ValueError when that cannot be read."""
        stored = StoredPairs(StoredTexts.load(folder, "pairs"))
        pairs = cls(stored)
        read = {name: np.load(folder / f"pair_{name}.npy", mmap_mode="r", allow_pickle=False) for name in _WORKED_OUT}
        pairs.__dict__.update({name: np.asarray(values) for name, values in read.items()})
        pairs.__dict__["code_of"] = stored.numbers
        keys = StoredPairs(StoredTexts.load(folder, "keys"))
        pairs.__dict__.update(keys=keys, slot_of=keys.numbers)
        pairs.__dict__["field_names"] = tuple(StoredTexts.load(folder, "fields"))
        return pairs

    @cached_property
    def code_of(self) -> Mapping[Pair, int]:
        """Code by (field, value)."""
        return {pair: code for code, pair in enumerate(self.pairs)}

    @cached_property
    def field_names(self) -> tuple[str, ...]:
        """Every field, in the order of first use."""
        return tuple(dict.fromkeys(field for field, _ in self.pairs))

    @cached_property
    def field_ids(self) -> Mapping[str, int]:
        """The place of each field among the field names."""
        return {name: number for number, name in enumerate(self.field_names)}

    @cached_property
    def _order(self) -> tuple[list[str], list[int], NDArray[np.float64]]:
        """The keys by code; the codes by field, then numbers by size, then texts by name; the numbers by code."""
        keys = [value_key(field, text) for field, text in self.pairs]
        numbers = [_number(key) for key in keys]
        ids = [self.field_ids[field] for field, _ in self.pairs]
        places = [(field, _size(key), key) for field, key in zip(ids, keys, strict=True)]
        return keys, sorted(range(len(keys)), key=places.__getitem__), np.array(numbers, np.float64)

    @cached_property
    def slots(self) -> NDArray[np.int64]:
        """(n_pairs,) int64: the slot of each code. Slots run by field, then numbers by size, then texts by name."""
        keys, order, _ = self._order
        slots = np.zeros(len(order), np.int64)
        slot, before = -1, ("", "")
        for code in order:
            here = (self.pairs[code][0], keys[code])
            slot += slot < 0 or here != before
            before = here
            slots[code] = slot
        return slots

    @cached_property
    def n_slots(self) -> int:
        """How many slots there are."""
        return len(self.slot_fields)

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """(n_slots,) float64: the number that each value is, NaN for a text."""
        values = np.full(self.n_slots, np.nan)
        values[self.slots] = self._order[2]
        return values

    @cached_property
    def slot_fields(self) -> NDArray[np.int64]:
        """(n_slots,) int64, ascending: the place of each slot's field among the field names."""
        fields = np.zeros(int(self.slots.max(initial=-1)) + 1, np.int64)
        fields[self.slots] = self.pair_fields
        return fields

    @cached_property
    def pair_fields(self) -> NDArray[np.int64]:
        """(n_pairs,) int64: the place of each pair's field among the field names, by code."""
        return np.array([self.field_ids[field] for field, _ in self.pairs], np.int64)

    @cached_property
    def field_starts(self) -> NDArray[np.int64]:
        """(n_fields + 1,) int64: field number f has the slots from field_starts[f] to field_starts[f + 1]."""
        return np.searchsorted(self.slot_fields, np.arange(len(self.field_names) + 1))

    @cached_property
    def slot_of(self) -> Mapping[Pair, int]:
        """Slot by (field, `value_key`)."""
        keys = self._order[0]
        slots = self.slots.tolist()
        return {(field, key): slot for (field, _), key, slot in zip(self.pairs, keys, slots, strict=True)}

    @cached_property
    def _by_slot(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The codes by slot, and where those of each slot start, and the last end."""
        order = np.argsort(self.slots, kind="stable")
        return order, np.searchsorted(self.slots[order], np.arange(self.n_slots + 1))

    def codes_of(self, slots: NDArray[np.int64]) -> list[int]:
        """The codes of all spellings of the values in `slots`. Codes stay as they are when more pairs are known."""
        order, starts = self._by_slot
        return [code for slot in slots.tolist() for code in order[starts[slot] : starts[slot + 1]].tolist()]

    def span(self, field: str) -> slice:
        """The slots of a field; empty when no item ever had it."""
        number = self.field_ids.get(field)
        return slice(0, 0) if number is None else slice(*self.field_starts[number : number + 2].tolist())


def _size(key: str) -> float:
    """What a value is sorted by: its number, or infinity for a text."""
    number = _number(key)
    return math.inf if math.isnan(number) else number


def _number(text: str) -> float:
    if text[:1].isalpha():  # no finite number begins so, and an exception takes longer
        return math.nan
    try:
        number = float(text)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan
