"""Which items pass a filter."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError, nearest
from aisle.index.columns import NUMBERS, RESERVED, Columns, field_name, value_key
from aisle.index.filters import All, AnyOf, Compare, Filter, Not, OneOf, Operator, Value

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
            return np.asarray(np.all([_mask(columns, part) for part in parts], axis=0))
        case AnyOf(parts):
            return np.asarray(np.any([_mask(columns, part) for part in parts], axis=0))
        case Not(part):
            return np.logical_not(_mask(columns, part))
        case OneOf(field, values):
            return np.asarray(np.any([_compare(columns, field, "=", value) for value in values], axis=0))
        case Compare(field, operator, value):
            return _compare(columns, field, operator, value)


def _compare(columns: Columns, field: str, operator: Operator, value: Value) -> Mask:
    if operator == "!=":
        return np.logical_not(_compare(columns, field, "=", value))
    name = field_name(field)
    if name in NUMBERS:
        return np.asarray(_RELATIONS[operator](columns.numbers[name], _as_number(name, value)), bool)
    values = columns.codes_by_field.get(name)
    if values is None:
        if name in RESERVED or not columns.alive.any():
            return np.zeros(len(columns.alive), bool)
        raise InputError(f"unknown field {field!r}; {nearest(name, {*columns.codes_by_field, *RESERVED})}")
    mask = np.zeros(len(columns.alive), bool)
    mask[columns.rows_with(_codes(values, name, operator, value))] = True
    return mask


def _codes(values: Mapping[str, list[int]], name: str, operator: Operator, value: Value) -> list[int]:
    if operator == "=":
        return values.get(value_key(name, value), [])
    relation = _RELATIONS[operator]
    return [
        code for text, codes in values.items() if _is_number(text) and relation(float(text), value) for code in codes
    ]


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _as_number(name: str, value: Value) -> float:
    try:
        if name == "released_at":
            moment = datetime.fromisoformat(value if isinstance(value, str) else "")
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        return float("" if isinstance(value, bool) else value)
    except ValueError:
        wanted = 'a date in quotes, such as "2026-01-31"' if name == "released_at" else "a number"
        raise InputError(f"{name} is compared with {value!r}; expected {wanted}") from None
