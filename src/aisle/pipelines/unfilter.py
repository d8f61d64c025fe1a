"""No dead ends: which filter stands between the shopper and results. Filters are never dropped, only named."""

from collections.abc import Callable

from aisle.index import Filter, quote
from aisle.index.disjunctive import conditions
from aisle.index.filters import All, AnyOf, Between, Compare, Exists, Not, OneOf, Value, spell
from aisle.index.pairs import value_text
from aisle.types import Unfilter

MAX_PARTS = 8
"""Filters that are tried one by one; of more only all at once."""


def suggest_unfilters(within: Filter | None, count: Callable[[Filter | None], int]) -> tuple[Unfilter, ...]:
    """Filters whose removal alone brings results, the most results first; where none does, all of them at once.

    What a filter says of one field goes together: `price >= 10 AND price < 20` is one. `count` says
    how many results there are under a filter. Empty when there is no filter, or nothing without it.
    """
    if within is None:
        return ()
    found = conditions(within)
    parts = [*found.by_field.values(), *found.rest]
    single = [_without(parts, place, count) for place in range(len(parts))] if len(parts) <= MAX_PARTS else []
    helpful = sorted((one for one in single if one.n_hits), key=lambda one: -one.n_hits)
    if not helpful:
        everything = Unfilter(write_filter(within), "", count(None))
        helpful = [everything] if everything.n_hits else []
    return tuple(helpful)


def write_filter(condition: Filter | None) -> str:
    """The text that `parse_filter` reads as `condition`.

    >>> write_filter(All((Compare("price", "<", 20.0), Not(OneOf("brand", ("Sony", "Acme"))))))
    'price < 20 AND NOT brand IN ["Sony", "Acme"]'
    """
    match condition:
        case None:
            return ""
        case All(parts):
            return " AND ".join(_inner(part) for part in parts)
        case AnyOf(parts):
            return " OR ".join(_inner(part) for part in parts)
        case Not(part):
            return f"NOT {_inner(part)}"
        case OneOf(field, values):
            return f"{spell(field)} IN [{', '.join(_value(value) for value in values)}]"
        case Between(field, low, high):
            return f"{spell(field)} {_value(low)} TO {_value(high)}"
        case Exists(field):
            return f"EXISTS {spell(field)}"
        case Compare(field, operator, value):
            return f"{spell(field)} {operator} {_value(value)}"


def _without(parts: list[Filter], place: int, count: Callable[[Filter | None], int]) -> Unfilter:
    others = [leaf for other, part in enumerate(parts) if other != place for leaf in _leaves(part)]
    rest = None if not others else others[0] if len(others) == 1 else All(tuple(others))
    return Unfilter(write_filter(parts[place]), write_filter(rest), count(rest))


def _leaves(part: Filter) -> tuple[Filter, ...]:
    return part.parts if isinstance(part, All) else (part,)


def _inner(part: Filter) -> str:
    text = write_filter(part)
    return f"({text})" if isinstance(part, All | AnyOf) else text


def _value(value: Value) -> str:
    return quote(value) if isinstance(value, str) else value_text(value)
