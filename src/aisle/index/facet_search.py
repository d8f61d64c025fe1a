"""Search inside a facet, and the numbers of a field."""

import re
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError, nearest
from aisle.index.categories import ancestors, parent
from aisle.index.columns import NUMBERS, RESERVED, Columns
from aisle.index.counting import count_values
from aisle.index.facets import facet_value
from aisle.index.pairs import field_name, folded
from aisle.text import has_chinese
from aisle.types import FacetValue, Rows

Order = Literal["count", "name"]


def find_values(
    columns: Columns, field: str, typed: str, rows: Rows, k: int, locale: str = "", order: Order = "count"
) -> tuple[FacetValue, ...]:
    """At most `k` values of `field` among `rows` with a word that begins with `typed`, in it or in its label.

    Case and accents do not matter; Chinese is found anywhere in a word; nothing typed finds every value.
    By count, or by name with numbers by their size. Raises InputError for an unknown field or order.
    """
    if order not in ("count", "name"):
        raise InputError(f'order={order!r}; expected "count" or "name"')
    name = known_field(columns, field)
    span = columns.known.span(name)
    if span.start == span.stop:
        return ()
    counts, _ = count_values(columns, rows, [columns.known.field_ids[name]])
    labels = columns.labels.get(locale, {})
    found = []
    for slot in (counts[span].nonzero()[0] + span.start).tolist():
        code = int(columns.spellings[slot])
        text, label = columns.known.pairs[code][1], labels.get(code, "")
        if begins_a_word(typed, text) or begins_a_word(typed, label):
            found.append((slot, text, label))
    if order == "count":
        found.sort(key=lambda one: (-counts[one[0]], one[0]))
    return tuple(facet_value(name, text, int(counts[slot]), label) for slot, text, label in found[:k])


def category_levels(columns: Columns, path: str, rows: Rows, locale: str = "") -> tuple[tuple[FacetValue, ...], ...]:
    """The widest categories among `rows`, the children of the first part of `path`, of the first two, and so on.

    Each level's most frequent come first; the last level is empty where `path` has no children.
    """
    values = find_values(columns, "category", "", rows, columns.known.n_slots, locale)
    above = ["", *(step.casefold() for step in ancestors(path) if path)]
    return tuple(
        tuple(value for value in values if parent(value.value).casefold() == start) for start in dict.fromkeys(above)
    )


def numbers_of(columns: Columns, field: str, rows: Rows) -> NDArray[np.float64]:
    """The numbers that `rows` have in `field`; of an item with several each.

    Raises InputError for an unknown field, and for one without a single number in the whole shop.
    """
    name = known_field(columns, field)
    if name in NUMBERS:
        return columns.numbers[name][rows]
    span = columns.known.span(name)
    if not np.isfinite(columns.known.numbers[span]).any():
        raise InputError(f"{field!r} holds no numbers; ask for a numeric field such as price")
    slots = columns.slots_of(rows)
    return np.asarray(columns.known.numbers[slots[(slots >= span.start) & (slots < span.stop)]])


def known_field(columns: Columns, field: str) -> str:
    """The name of a field in the columns. Raises InputError when no item could have it, naming the nearest one."""
    name = field_name(field)
    if name not in columns.field_ids and name not in RESERVED:
        raise InputError(f"unknown field {field!r}; {nearest(name, {*columns.field_ids, *RESERVED})}")
    return name


def begins_a_word(typed: str, text: str) -> bool:
    """Whether a word of `text` begins with `typed`, without regard to case and accents; Chinese is found anywhere.

    >>> begins_a_word("gru", "Café Grün"), begins_a_word("rün", "Café Grün"), begins_a_word("耳机", "无线耳机")
    (True, False, True)
    """
    wanted = _words(typed)
    return (wanted.lstrip() if has_chinese(typed) else wanted) in _words(text)


@lru_cache(maxsize=200_000)
def _words(text: str) -> str:
    """Folded, with one space before each word."""
    return re.sub(r"[\W_]+", " ", f" {folded(text)}").rstrip()
