"""One form for each measure, however it is written."""

import re
from collections.abc import Iterator

_UNITS: tuple[tuple[str, float, str], ...] = (
    ("in", 1, "inches|inch|in|\"|''|′′|”|英寸|英吋|寸|吋"),
    ("ft", 1, "feet|foot|ft|'|′|英尺"),
    ("yd", 1, "yards|yard|yds|yd"),
    ("sqft", 1, "square feet|square foot|sq ft|sqft|平方英尺"),
    ("sqm", 1, "square metres|square meters|square metre|square meter|sq m|m2|m²|平方米|平米"),
    ("cuft", 1, "cubic feet|cubic foot|cu ft|cuft"),
    ("mm", 1, "millimetres|millimeters|millimetre|millimeter|mm|毫米"),
    ("mm", 10, "centimetres|centimeters|centimetre|centimeter|cms|cm|厘米|公分"),
    ("mm", 1_000, "metres|meters|metre|meter|m|米"),
    ("ml", 1, "millilitres|milliliters|millilitre|milliliter|ml|毫升"),
    ("ml", 10, "centilitres|centiliters|centilitre|centiliter|cl|厘升"),
    ("ml", 1_000, "litres|liters|litre|liter|ltr|lt|l|公升|升"),
    ("g", 1, "grammes|gramme|grams|gram|gr|g|克"),
    ("g", 1_000, "kilograms|kilogram|kilos|kilo|kgs|kg|公斤|千克"),
    ("g", 500, "斤"),
    ("mg", 1, "milligrams|milligram|mg|毫克"),
    ("oz", 1, "ounces|ounce|oz|盎司"),
    ("floz", 1, "fluid ounces|fluid ounce|fl oz|floz|液量盎司"),
    ("lb", 1, "pounds|pound|lbs|lb|磅"),
    ("gal", 1, "gallons|gallon|gals|gal|加仑"),
    ("qt", 1, "quarts|quart|qts|qt"),
    ("kb", 1, "kilobytes|kilobyte|kb"),
    ("mb", 1, "megabytes|megabyte|mb"),
    ("gb", 1, "gigabytes|gigabyte|gb"),
    ("tb", 1, "terabytes|terabyte|tb"),
    ("w", 1, "watts|watt|w|瓦特|瓦"),
    ("w", 1_000, "kilowatts|kilowatt|kw|千瓦"),
    ("v", 1, "volts|volt|v|伏特|伏"),
    ("mah", 1, "mah|毫安时|毫安"),
    ("wh", 1, "watt-hours|watt hours|wh|瓦时"),
    ("amp", 1, "amperes|ampere|amps|amp|安培"),
    ("hz", 1, "hertz|hz|赫兹"),
    ("mhz", 1, "megahertz|mhz|兆赫"),
    ("mhz", 1_000, "gigahertz|ghz"),
    ("mp", 1, "megapixels|megapixel|mega pixels|mega pixel|mpix|mp"),
    ("bit", 1, "bits|bit"),
    ("btu", 1, "btus|btu"),
    ("lm", 1, "lumens|lumen|lm|流明"),
)
"""The form, how many of it the unit is, and the unit's spellings. Only metric units are converted."""
_FORMS = {
    spelling.replace(" ", ""): (form, size) for form, size, spellings in _UNITS for spelling in spellings.split("|")
}


def _pattern() -> re.Pattern[str]:
    spellings = sorted((part for _, _, spelled in _UNITS for part in spelled.split("|")), key=len, reverse=True)
    units = "|".join(re.escape(spelling).replace(r"\ ", "[. ]*") for spelling in spellings)
    number = r"(?P<whole>\d+(?:[.,]\d+)*)(?:(?:\s*-\s*|\s+)(?P<above>\d+)[/⁄](?P<below>\d+)|[/⁄](?P<under>\d+))?"
    before = r"(?<![a-wyz0-9.,/⁄])(?<![a-z][x-])"
    return re.compile(rf"{before}{number}(?P<gap>\s*-\s*|\s*)(?P<unit>{units})\.?(?=[^a-z0-9]|$)", re.IGNORECASE)


_MEASURE = _pattern()
_DIGIT = re.compile(r"\d")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_NOT_INCHES = re.compile(r"\s*-?\s*(?:one|two|three|a|an|the|all|stock|\d+(?:\s*$|\s+[a-z]))", re.IGNORECASE)
"""After "5 in": "5 in one" and "2 in 1 laptop" are no inches."""


def measures(text: str) -> Iterator[tuple[int, int, str]]:
    """The measures in `text`: start, end, and the one form that each has.

    >>> list(measures("cable, 2 m"))
    [(7, 10, '2000mm')]
    """
    return ((found.start(), found.end(), form) for found, form in _measures(text))


def _measures(text: str) -> Iterator[tuple[re.Match[str], str]]:
    if not _DIGIT.search(text):
        return
    for found in _MEASURE.finditer(text):
        unit = found["unit"].casefold().replace(".", "").replace(" ", "")
        value = _value(found)
        bare_in = unit == "in" and found["gap"] and not found.group().endswith(".")
        if value is not None and not (bare_in and _NOT_INCHES.match(text, found.end())):
            form, size = _FORMS[unit]
            number = f"{value * size:.4f}".rstrip("0").rstrip(".").replace(".", "d")
            yield found, number + form


def unify_units(text: str) -> str:
    """`text` with each measure followed by the one form it has, in place of a unit that stands apart.

    The form is one word of letters and digits ("d" is the decimal point): 15.6", 15.6-inch and 15.6英寸 share a
    word of the index, and so do 0.5 m and 50 cm. The number stays, so that sizes are found without units too, and
    texts become no longer. A measure in its form already stays alone.

    >>> unify_units('15.6" laptop, 16 GB, 500GB')
    '15.6" 15d6in laptop, 16 16gb , 500GB'
    """
    parts, done = [], 0
    for found, form in _measures(text):
        start, end = found.span()
        if text[start:end].casefold() != form:
            kept = found.start("gap") if found["gap"] and found["unit"].isascii() else end
            space = "" if text[end : end + 1] in ("", " ") else " "
            parts.append(f"{text[done:kept]} {form}{space}")
            done = end
    return "".join([*parts, text[done:]]) if parts else text


def _value(found: re.Match[str]) -> float | None:
    """The number of a measure; None for what is none, such as 1.2.3 or a division by zero."""
    whole = found["whole"]
    whole = whole.replace(",", "") if _THOUSANDS.fullmatch(whole) else whole.replace(",", ".")
    below = float(found["below"] or found["under"] or 1)
    if whole.count(".") > 1 or len(whole) > 12 or not below:
        return None
    number = float(whole)
    if found["under"]:
        return number / below
    return number + float(found["above"]) / below if found["above"] else number
