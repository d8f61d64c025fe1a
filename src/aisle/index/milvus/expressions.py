"""The filter language in Milvus's: every filter as a boolean expression over the fields of a collection.

An item lies in Milvus with the codes of its (field, value) pairs in the array `pairs`, the numbers of its
fields in the array `fields`, and its own numbers (price, rating, ...) in fields of their names, where
`MISSING` stands for what it does not say. So each part of an expression is either true or false, never
unknown, and NOT means what it means in the process.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from aisle.index.columns import NUMBERS, Columns
from aisle.index.filters import All, AnyOf, Between, Compare, Exists, Filter, Not, OneOf, Operator, Value
from aisle.index.pairs import PATH_SEPARATOR, field_name, value_key
from aisle.index.select import as_number, is_value, slots_between, slots_of_field, slots_where
from aisle.types import Rows

MISSING = -1.7e308
"""A number that an item does not say."""
LEAST = -1e308
"""Every number that an item says is above."""
FILLED = "filled == true"
"""What has a vector."""
NOTHING = "row < 0"
EVERYTHING = "row >= 0"
_RELATIONS: Mapping[Operator, str] = {"=": "==", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def expression(columns: Columns, within: Filter) -> str:
    """What `within` says, for the items whose pairs have the codes of `columns`.

    Raises InputError for a field that no item could have and for a value of the wrong kind, as
    `aisle.index.select.passing` does.
    """
    match within:
        case All(parts):
            return _joined("and", [expression(columns, part) for part in parts]) or EVERYTHING
        case AnyOf(parts):
            return _any_of(columns, parts)
        case OneOf(field, values):
            return _any_of(columns, [Compare(field, "=", value) for value in values])
        case Not(part):
            return f"not ({expression(columns, part)})"
        case Compare(field, "!=", value):
            return f"not ({expression(columns, Compare(field, '=', value))})"
        case Compare(field, operator, value) if field_name(field) in NUMBERS:
            return _number(field_name(field), [(operator, value)])
        case Compare(field, operator, value):
            return _with(columns, slots_where(columns, field, operator, value))
        case Between(field, low, high) if field_name(field) in NUMBERS:
            return _number(field_name(field), [(">=", low), ("<=", high)])
        case Between(field, low, high):
            return _with(columns, slots_between(columns, field, low, high))
        case Exists(field):
            return _exists(columns, field)


def partitions(columns: Columns, key: str, within: Filter | None) -> list[int] | None:
    """Where all that passes `within` lies, if the filter says so of the field `key`: codes of its values; else None.

    A category lies under the widest path above it.
    """
    for part in within.parts if isinstance(within, All) else (within,):
        match part:
            case Compare(field, "=", value) if field_name(field) == key:
                return _widest(columns, key, [value])
            case OneOf(field, values) if field_name(field) == key:
                return _widest(columns, key, values)
    return None


def partition(columns: Columns, key: str, row: int) -> int:
    """The partition of an item: the code of its brand, or of its widest category; -1 where it has none."""
    number = columns.field_ids.get(key, -1)
    codes = columns.codes[columns.starts[row] : columns.starts[row + 1]]
    return next((int(code) for code in codes if columns.fields[code] == number), -1)


def numbers_in(field: str, numbers: Iterable[int]) -> str:
    """The items whose `field` is one of `numbers`."""
    return f"{field} in [{', '.join(map(str, numbers))}]"


def without(rows: Rows) -> str:
    """What lies in none of `rows`; empty when there are none."""
    return f"not ({numbers_in('row', rows.tolist())})" if len(rows) else ""


def every(*parts: str) -> str:
    """What passes all the parts that say something; empty when none does."""
    return _joined("and", [part for part in parts if part])


def _joined(word: str, parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f" {word} ".join(f"({part})" for part in parts)


def _any_of(columns: Columns, parts: Sequence[Filter]) -> str:
    """Values of pairs are looked up together: a filter may name thousands."""
    others = [expression(columns, part) for part in parts if not is_value(part)]
    equal = [part for part in parts if isinstance(part, Compare) and is_value(part)]
    if equal:
        slots = np.concatenate([slots_where(columns, part.field, "=", part.value) for part in equal])
        others.append(_with(columns, np.unique(slots)))
    return _joined("or", others) or NOTHING


def _with(columns: Columns, slots: NDArray[np.int64]) -> str:
    """The items with a value in one of `slots`."""
    codes = columns.known.codes_of(slots)
    return f"array_contains_any(pairs, [{', '.join(map(str, codes))}])" if codes else NOTHING


def _exists(columns: Columns, field: str) -> str:
    name = field_name(field)
    if name in NUMBERS:
        return f"{name} > {LEAST}"
    known = len(slots_of_field(columns, field)) > 0
    return f"array_contains(fields, {columns.field_ids[name]})" if known else NOTHING


def _number(name: str, bounds: Sequence[tuple[Operator, Value]]) -> str:
    asked = [f"{name} {_RELATIONS[operator]} {_written(as_number(name, value))}" for operator, value in bounds]
    return " and ".join([f"{name} > {LEAST}", *asked])


def _written(number: float) -> str:
    """Finite: "1e999" is read as infinity, which Milvus's language has no word for."""
    return repr(float(np.clip(number, LEAST, -LEAST)))


def _widest(columns: Columns, key: str, values: Sequence[Value]) -> list[int]:
    tops = [value_key(key, value).split(PATH_SEPARATOR)[0] for value in values]
    slots = {columns.known.slot_of[key, top] for top in tops if (key, top) in columns.known.slot_of}
    return columns.known.codes_of(np.array(sorted(slots), np.int64))
