"""Measures with units: "2 m", "200 cm" and "2米" are the same length."""

import re
from dataclasses import dataclass

from aisle.text.normalise import normalise

Dimension = str
"""What is measured: "length", "weight", "volume", "memory", "power", ..."""

UNITS: dict[str, tuple[Dimension, float]] = {
    unit: (dimension, factor)
    for dimension, of in {
        "length": {
            "mm millimeter millimetre 毫米": 0.001,
            "cm centimeter centimetre 厘米 公分": 0.01,
            "m meter metre 米": 1.0,
            "km kilometer kilometre 公里 千米": 1_000.0,
            'inch inches " ″ 英寸 寸': 0.0254,
            "ft foot feet 英尺": 0.3048,
        },
        "weight": {
            "mg 毫克": 1e-6, "g gram gramm 克": 0.001, "kg kilo kilogram 公斤 千克": 1.0, "斤": 0.5,
            "lb lbs 磅": 0.45359237, "oz ounce 盎司": 0.028349523125,
        },
        "volume": {"ml milliliter millilitre 毫升": 0.001, "cl": 0.01, "l liter litre 升": 1.0},
        "memory": {"mb": 0.001, "gb": 1.0, "tb": 1_000.0},
        "power": {"w watt 瓦": 1.0, "kw 千瓦": 1_000.0},
        "frequency": {"hz 赫兹": 1.0, "khz": 1e3, "mhz": 1e6, "ghz": 1e9},
        "charge": {"mah 毫安 毫安时": 0.001, "ah": 1.0},
        "voltage": {"v volt 伏": 1.0},
        "light": {"lm lumen 流明": 1.0},
        "pixels": {"mp megapixel": 1e6, "万像素": 1e4},
        "time": {"sec second 秒": 1.0, "min minute 分钟": 60.0, "h hour 小时": 3_600.0},
        "count": {
            "pc pcs piece 件 片": 1.0, "pack": 1.0, "pair 双": 1.0, "player": 1.0, "person people 人": 1.0,
            "core 核": 1.0,
            "page 页": 1.0, "cup 杯": 1.0, "year 岁 年": 1.0, "month 月": 1.0, "day 天": 1.0, "percent %": 1.0,
            "rpm": 1.0, "dpi": 1.0, "fps": 1.0, "star 星": 1.0,
        },
    }.items()
    for names, factor in of.items()
    for unit in names.split()
}  # fmt: skip
"""By name of the unit: what it measures, and how many base units (m, kg, l, GB, W, ...) it is.

"count" holds words that follow a number that is no price; they are not converted into each other.
"""
_NAMES = sorted(UNITS, key=len, reverse=True)
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
    return UNITS[name] if name in UNITS else UNITS[name.removesuffix("s")]


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
    if not name or not unit.isalpha() or unit not in UNITS or UNITS[unit][0] == "count":
        return None
    return UNITS[unit]
