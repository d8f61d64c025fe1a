"""One form for each measure, however it is written."""

import re
from collections.abc import Iterator

from aisle.text.unit_table import UNITS

_SPELLINGS = {
    spelling: (unit.form, unit.size) for unit in UNITS if unit.form for spelling in (*unit.names, *unit.in_texts)
}
_FORMS = {spelling.replace(" ", ""): form for spelling, form in _SPELLINGS.items()}
"""By spelling without spaces: the form, and how many of it the unit is."""


def _pattern() -> re.Pattern[str]:
    spellings = sorted(_SPELLINGS, key=len, reverse=True)
    units = "|".join(re.escape(spelling).replace(r"\ ", "[. ]*") for spelling in spellings)
    number = r"(?P<whole>\d+(?:[.,]\d+)*)(?:(?:\s*-\s*|\s+)(?P<above>\d+)[/⁄](?P<below>\d+)|[/⁄](?P<under>\d+))?"
    before = r"(?<![a-wyz0-9.,/⁄])(?<![a-z][x-])"
    return re.compile(rf"{before}{number}(?P<gap>\s*-\s*|\s*)(?P<unit>{units})\.?(?=[^a-z0-9]|$)", re.IGNORECASE)


_MEASURE = _pattern()
_FORM = re.compile(rf"\d+(?:d\d+)?(?:{'|'.join(sorted({form for form, _ in _FORMS.values()}))})")
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


def is_measure(term: str) -> bool:
    """Whether a word of the index is the one form of a measure.

    >>> is_measure("2000mm"), is_measure("2x4")
    (True, False)
    """
    return _FORM.fullmatch(term) is not None


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
