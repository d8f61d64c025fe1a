"""The values of fields: every (field, value) pair has a code, and the spellings of one value share a slot."""

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Pair = tuple[str, str]
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


@dataclass(frozen=True)
class Pairs:
    """All (field, value) pairs that items have or had. Shared by all columns that know the same pairs."""

    pairs: tuple[Pair, ...]
    """(field, value) by code."""

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
        places = [
            (ids[code], math.inf if math.isnan(n) else n, key)
            for code, (n, key) in enumerate(zip(numbers, keys, strict=True))
        ]
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
        return int(self.slots.max(initial=-1)) + 1

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """(n_slots,) float64: the number that each value is, NaN for a text."""
        values = np.full(self.n_slots, np.nan)
        values[self.slots] = self._order[2]
        return values

    @cached_property
    def slot_fields(self) -> NDArray[np.int64]:
        """(n_slots,) int64, ascending: the place of each slot's field among the field names."""
        fields = np.zeros(self.n_slots, np.int64)
        fields[self.slots] = [self.field_ids[field] for field, _ in self.pairs]
        return fields

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

    def span(self, field: str) -> slice:
        """The slots of a field; empty when no item ever had it."""
        number = self.field_ids.get(field)
        return slice(0, 0) if number is None else slice(*self.field_starts[number : number + 2].tolist())


def _number(text: str) -> float:
    if text[:1].isalpha():  # no finite number begins so, and an exception takes longer
        return math.nan
    try:
        number = float(text)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan
