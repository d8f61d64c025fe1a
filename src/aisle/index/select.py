"""Which items pass a filter."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError, nearest
from aisle.index.columns import NUMBERS, RESERVED, Columns
from aisle.index.filters import All, AnyOf, Between, Compare, Exists, Filter, Not, OneOf, Operator, Value
from aisle.index.pairs import field_name, value_key

Mask = NDArray[np.bool_]
_RELATIONS: Mapping[Operator, np.ufunc] = {
    "=": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


def passing(columns: Columns, condition: Filter) -> Mask:
    """(n_rows,) bool: the rows with an item that passes `condition`.

    Values are compared without regard to case; an item that lacks the field passes only "!=" and
    NOT. Raises InputError for a field that no item could have, naming the nearest one.
    """
    return columns.alive & _mask(columns, condition)


def _mask(columns: Columns, condition: Filter) -> Mask:
    match condition:
        case All(parts):
            masks = [_mask(columns, part) for part in parts]
            return np.asarray(np.logical_and.reduce(masks)) if masks else np.ones(len(columns.alive), bool)
        case AnyOf(parts):
            return _any_of(columns, parts)
        case Not(part):
            return np.logical_not(_mask(columns, part))
        case OneOf(field, values):
            return _any_of(columns, [Compare(field, "=", value) for value in values])
        case Compare(field, "!=", value):
            return np.logical_not(_mask(columns, Compare(field, "=", value)))
        case Compare(field, operator, value):
            name = field_name(field)
            if name in NUMBERS:
                return _numbers_mask(columns, name, [(operator, value)])
            return _rows_mask(columns, slots_where(columns, field, operator, value))
        case Between(field, low, high):
            name = field_name(field)
            if name in NUMBERS:
                return _numbers_mask(columns, name, [(">=", low), ("<=", high)])
            return _rows_mask(columns, slots_between(columns, field, low, high))
        case Exists(field):
            name = field_name(field)
            return (
                np.isfinite(columns.numbers[name])
                if name in NUMBERS
                else _rows_mask(columns, slots_of_field(columns, field))
            )


def _any_of(columns: Columns, parts: Sequence[Filter]) -> Mask:
    """The rows that pass at least one part. Values of pairs are looked up together: a filter may name thousands."""
    equal = [part for part in parts if is_value(part)]
    others = [_mask(columns, part) for part in parts if not is_value(part)]
    slots = [slots_where(columns, part.field, "=", part.value) for part in equal if isinstance(part, Compare)]
    if slots:
        others.append(_rows_mask(columns, np.unique(np.concatenate(slots))))
    return np.asarray(np.any(others, axis=0))


def is_value(part: Filter) -> bool:
    """Whether `part` asks for one value of a field that holds no numbers of the item itself."""
    return isinstance(part, Compare) and part.operator == "=" and field_name(part.field) not in NUMBERS


def _rows_mask(columns: Columns, slots: NDArray[np.int64]) -> Mask:
    mask = np.zeros(len(columns.alive), bool)
    mask[columns.rows_with(slots)] = True
    return mask


def _numbers_mask(columns: Columns, name: str, bounds: Sequence[tuple[Operator, Value]]) -> Mask:
    numbers = columns.numbers[name]
    masks = [_RELATIONS[operator](numbers, as_number(name, value)) for operator, value in bounds]
    return np.asarray(np.logical_and.reduce(masks), bool)


def slots_of_field(columns: Columns, field: str) -> NDArray[np.int64]:
    """The slots of a field. Raises InputError when no item could have it."""
    name = field_name(field)
    span = columns.known.span(name)
    if span.start == span.stop and name not in RESERVED and columns.alive.any():
        raise InputError(f"unknown field {field!r}; {nearest(name, {*columns.known.field_names, *RESERVED})}")
    return np.arange(span.start, span.stop)


def slots_where(columns: Columns, field: str, operator: Operator, value: Value) -> NDArray[np.int64]:
    """The slots of a field whose values stand in relation `operator` to `value`. Raises InputError as `passing`."""
    slots, name = slots_of_field(columns, field), field_name(field)
    if operator == "=":
        same = columns.known.slot_of.get((name, value_key(name, value)))
        found = np.array([] if same is None else [same], np.int64)
        if isinstance(value, float) and len(slots):  # "2.0" and "2" are the same number
            found = np.union1d(found, slots[columns.known.numbers[slots] == value])
        return found
    kept = _RELATIONS[operator](columns.known.numbers[slots], as_number(name, value))
    return np.asarray(slots[kept])


def slots_between(columns: Columns, field: str, low: Value, high: Value) -> NDArray[np.int64]:
    """The slots of a field whose numbers lie from `low` to `high`. Raises InputError as `passing`."""
    slots, name = slots_of_field(columns, field), field_name(field)
    numbers = columns.known.numbers[slots]
    return slots[(numbers >= as_number(name, low)) & (numbers <= as_number(name, high))]


def as_number(name: str, value: Value) -> float:
    """What the numbers of the field `name` are compared with. Raises InputError where `value` is none."""
    try:
        if name == "released_at":
            moment = datetime.fromisoformat(value if isinstance(value, str) else "")
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        return float("" if isinstance(value, bool) else value)
    except ValueError:
        wanted = 'a date in quotes, such as "2026-01-31"' if name == "released_at" else "a number"
        raise InputError(f"{name} is compared with {value!r}; expected {wanted}") from None
