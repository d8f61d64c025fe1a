"""Measures with units: "2 m", "200 cm" and "2米" are the same length."""

import re
from dataclasses import dataclass

from aisle.text.normalise import normalise
from aisle.text.unit_table import UNITS, Dimension

BASE_UNITS: dict[str, tuple[Dimension, float]] = {
    name: (unit.dimension, unit.base) for unit in UNITS if unit.dimension for name in unit.names
}
"""By name of the unit: what it measures, and how many base units (m, kg, l, GB, W, ...) it is."""
_NAMES = sorted(BASE_UNITS, key=len, reverse=True)
UNIT = (
    "(?:"
    + "|".join(f"{re.escape(name)}s?(?![a-z])" if name.isascii() and name.isalpha() else name for name in _NAMES)
    + ")"
)
"""Every unit, as part of a regular expression that ignores case."""
NUMBER = r"\d{1,3}(?:[, ]\d{3})+(?![\d])(?:\.\d+)?|\d+(?:[.,]\d{1,2}(?!\d)|\.\d+)?"
"""A number as part of a regular expression: 20, 1,000, 19.95, 19,95."""
_MEASURE = re.compile(rf"({NUMBER})\s*({UNIT})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of base units: metres, kilograms, litres, gigabytes, watts, ..."""

    dimension: Dimension
    value: float


def read_number(text: str) -> float:
    """The value of what NUMBER matches.

    >>> [read_number(text) for text in ("20", "1,000", "19,95", "1 299.50")]
    [20.0, 1000.0, 19.95, 1299.5]
    """
    if re.fullmatch(r"\d+,\d{1,2}", text):
        return float(text.replace(",", "."))
    return float(re.sub("[, ]", "", text))


def read_unit(text: str) -> tuple[Dimension, float]:
    """What a unit measures, and how many base units it is. Raises KeyError for a word that is no unit.

    >>> read_unit("Metres")
    ('length', 1.0)
    """
    name = text.casefold()
    return BASE_UNITS[name] if name in BASE_UNITS else BASE_UNITS[name.removesuffix("s")]


def read_measure(text: str) -> Measure | None:
    """The measure that `text` is, or None when it is something else or holds more than one.

    >>> read_measure("1.5 kg"), read_measure("2米")
    (Measure(dimension='weight', value=1.5), Measure(dimension='length', value=2.0))
    """
    match = _MEASURE.fullmatch(normalise(text))
    if match is None:
        return None
    dimension, factor = read_unit(match[2])
    return None if dimension == "count" else Measure(dimension, round(read_number(match[1]) * factor, 12))


def named_unit(field: str) -> tuple[Dimension, float] | None:
    """The unit that the name of a field ends in: "length_m" holds metres.

    >>> named_unit("length_m"), named_unit("power_w"), named_unit("color")
    (('length', 1.0), ('power', 1.0), None)
    """
    name, _, unit = field.rpartition("_")
    if not name or not unit.isalpha() or unit not in BASE_UNITS or BASE_UNITS[unit][0] == "count":
        return None
    return BASE_UNITS[unit]
