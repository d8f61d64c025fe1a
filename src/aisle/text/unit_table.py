"""Every unit of measure that texts, fields and queries are read with."""

from dataclasses import dataclass

Dimension = str
"""What is measured: "length", "weight", "volume", "memory", "power", ..."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit, and how people write it."""

    form: str
    """The one unit that the index writes such measures in; "" for what the index leaves as it is written."""
    size: float
    """How many of `form` it is. Only metric units are converted."""
    dimension: Dimension
    """ "" for units that only the index knows."""
    base: float
    """How many base units (m, kg, l, GB, W, ...) it is."""
    names: tuple[str, ...]
    """Spellings that are understood everywhere; of a unit without a dimension, by the index alone."""
    in_texts: tuple[str, ...]
    """Spellings that the index alone knows: plurals, and what could mean something else in a field or a query."""


_ROWS: tuple[tuple[str, float, Dimension, float, str, str], ...] = (
    ("in", 1, "length", 0.0254, 'inch|inches|"|″|英寸|寸', "in|''|′′|”|英吋|吋"),
    ("ft", 1, "length", 0.3048, "ft|foot|feet|英尺", "'|′"),
    ("mm", 1, "length", 0.001, "mm|millimeter|millimetre|毫米", "millimetres|millimeters"),
    ("mm", 10, "length", 0.01, "cm|centimeter|centimetre|厘米|公分", "centimetres|centimeters|cms"),
    ("mm", 1_000, "length", 1.0, "m|meter|metre|米", "metres|meters"),
    ("", 0, "length", 1_000.0, "km|kilometer|kilometre|公里|千米", ""),
    ("ml", 1, "volume", 0.001, "ml|milliliter|millilitre|毫升", "millilitres|milliliters"),
    ("ml", 10, "volume", 0.01, "cl", "centilitres|centiliters|centilitre|centiliter|厘升"),
    ("ml", 1_000, "volume", 1.0, "l|liter|litre|升", "litres|liters|ltr|lt|公升"),
    ("mg", 1, "weight", 1e-6, "mg|毫克", "milligrams|milligram"),
    ("g", 1, "weight", 0.001, "g|gram|gramm|克", "grammes|gramme|grams|gr"),
    ("g", 500, "weight", 0.5, "斤", ""),
    ("g", 1_000, "weight", 1.0, "kg|kilo|kilogram|公斤|千克", "kilograms|kilos|kgs"),
    ("oz", 1, "weight", 0.028349523125, "oz|ounce|盎司", "ounces"),
    ("lb", 1, "weight", 0.45359237, "lb|lbs|磅", "pounds|pound"),
    ("mb", 1, "memory", 0.001, "mb", "megabytes|megabyte"),
    ("gb", 1, "memory", 1.0, "gb", "gigabytes|gigabyte"),
    ("tb", 1, "memory", 1_000.0, "tb", "terabytes|terabyte"),
    ("w", 1, "power", 1.0, "w|watt|瓦", "watts|瓦特"),
    ("w", 1_000, "power", 1_000.0, "kw|千瓦", "kilowatts|kilowatt"),
    ("v", 1, "voltage", 1.0, "v|volt|伏", "volts|伏特"),
    ("mah", 1, "charge", 0.001, "mah|毫安|毫安时", ""),
    ("", 0, "charge", 1.0, "ah", ""),
    ("hz", 1, "frequency", 1.0, "hz|赫兹", "hertz"),
    ("", 0, "frequency", 1e3, "khz", ""),
    ("mhz", 1, "frequency", 1e6, "mhz", "megahertz|兆赫"),
    ("mhz", 1_000, "frequency", 1e9, "ghz", "gigahertz"),
    ("lm", 1, "light", 1.0, "lm|lumen|流明", "lumens"),
    ("mp", 1, "pixels", 1e6, "mp|megapixel", "megapixels|mega pixels|mega pixel|mpix"),
    ("", 0, "pixels", 1e4, "万像素", ""),
    ("", 0, "time", 1.0, "sec|second|秒", ""),
    ("", 0, "time", 60.0, "min|minute|分钟", ""),
    ("", 0, "time", 3_600.0, "h|hour|小时", ""),
    ("", 0, "count", 1.0, "pc|pcs|piece|件|片|pack|pair|双|player|person|people|人|core|核|page|页|cup|杯", ""),
    ("", 0, "count", 1.0, "year|岁|年|month|月|day|天|percent|%|rpm|dpi|fps|star|星", ""),
    ("yd", 1, "", 0, "yards|yard|yds|yd", ""),
    ("sqft", 1, "", 0, "square feet|square foot|sq ft|sqft|平方英尺", ""),
    ("sqm", 1, "", 0, "square metres|square meters|square metre|square meter|sq m|m2|m²|平方米|平米", ""),
    ("cuft", 1, "", 0, "cubic feet|cubic foot|cu ft|cuft", ""),
    ("floz", 1, "", 0, "fluid ounces|fluid ounce|fl oz|floz|液量盎司", ""),
    ("gal", 1, "", 0, "gallons|gallon|gals|gal|加仑", ""),
    ("qt", 1, "", 0, "quarts|quart|qts|qt", ""),
    ("kb", 1, "", 0, "kilobytes|kilobyte|kb", ""),
    ("wh", 1, "", 0, "watt-hours|watt hours|wh|瓦时", ""),
    ("amp", 1, "", 0, "amperes|ampere|amps|amp|安培", ""),
    ("bit", 1, "", 0, "bits|bit", ""),
    ("btu", 1, "", 0, "btus|btu", ""),
)
UNITS: tuple[Unit, ...] = tuple(
    Unit(form, size, dimension, base, tuple(names.split("|")), tuple(in_texts.split("|")) if in_texts else ())
    for form, size, dimension, base, names, in_texts in _ROWS
)
"""The table. "count" holds words that follow a number that is no price; they are not converted into each other."""
