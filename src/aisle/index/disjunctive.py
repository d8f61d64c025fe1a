"""A field's own conditions do not narrow its own counts, so that a shopper who chose one brand sees the others."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from aisle.index.columns import Columns
from aisle.index.filters import All, AnyOf, Between, Compare, Exists, Filter, Not, OneOf, Value
from aisle.index.pairs import field_name
from aisle.index.select import passing
from aisle.types import Rows

EVERYTHING = All(())
"""The filter that everything passes."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """A filter, taken apart: items pass it when they pass every field's condition and the rest."""

    by_field: Mapping[str, Filter]
    rest: tuple[Filter, ...]
    """What speaks of several fields at once: `brand = "A" OR color = "red"`."""


def conditions(within: Filter | None) -> Conditions:
    """The conditions of a filter, by field: parts joined by AND, each of which speaks of one field alone."""
    by_field: dict[str, list[Filter]] = {}
    rest: list[Filter] = []
    for part in _parts(within):
        fields = _fields(part)
        if len(fields) == 1:
            by_field.setdefault(fields.pop(), []).append(part)
        else:
            rest.append(part)
    return Conditions({field: _all(parts) for field, parts in by_field.items()}, tuple(rest))


def near_misses(within: Filter | None) -> Filter | None:
    """What passes all of `within` but the condition of a single field; None when no field has a condition.

    Search with it once more and give the rows to `Index.facets` as `beside`: one search, however many
    fields have conditions (Lucene's "drill sideways"). With one condition it is the filter without it.
    Of a single condition nothing is left: that gives `EVERYTHING`.
    """
    found = conditions(within)
    if not found.by_field:
        return None
    fields = list(found.by_field)
    without = [All((*found.rest, *(found.by_field[other] for other in fields if other != field))) for field in fields]
    return without[0] if len(without) == 1 else AnyOf(tuple(without))


def missed_by(columns: Columns, beside: Rows, found: Conditions) -> Mapping[str, Rows]:
    """By field with a condition: the rows of `beside` that pass everything but this one condition."""
    passed = {field: passing(columns, part)[beside] for field, part in found.by_field.items()}
    n_missed = np.full(len(beside), len(passed), np.int64) - sum(passed.values())
    candidates = n_missed == 1
    for part in found.rest:
        candidates &= passing(columns, part)[beside]
    return {field: beside[candidates & ~mask] for field, mask in passed.items()}


def chosen_values(condition: Filter | None) -> list[Value]:
    """The values that the condition of a field names as wanted."""
    match condition:
        case Compare(_, "=", value):
            return [value]
        case OneOf(_, values):
            return list(values)
        case All(parts) | AnyOf(parts):
            return [value for part in parts for value in chosen_values(part)]
    return []


def _parts(within: Filter | None) -> list[Filter]:
    if isinstance(within, All):
        return [leaf for part in within.parts for leaf in _parts(part)]
    return [] if within is None else [within]


def _fields(part: Filter) -> set[str]:
    match part:
        case Compare(field) | OneOf(field) | Between(field) | Exists(field):
            return {field_name(field)}
        case Not(inner):
            return _fields(inner)
        case All(parts) | AnyOf(parts):
            return {field for inner in parts for field in _fields(inner)}


def _all(parts: list[Filter]) -> Filter:
    return parts[0] if len(parts) == 1 else All(tuple(parts))
