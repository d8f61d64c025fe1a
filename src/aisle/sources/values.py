"""Reads the single values of an item: numbers, stock, category paths, attributes."""

import math
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

import orjson

from aisle.errors import InputError
from aisle.sources.texts import plain_text, text
from aisle.types import AttributeValue

_EMPTY_WORDS = frozenset({"null", "nan", "none", "n/a", "na", "nil", "\\n", "-"})
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")
_CANONICAL = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,12})?")
_ATTRIBUTE_PREFIX = re.compile(r"^attr_[a-z]_(?=.)")
_BOOLEANS = {"true": True, "yes": True, "y": True, "t": True, "false": False, "no": False, "n": False, "f": False}
_AVAILABILITY = {
    "in stock": True, "instock": True, "available": True, "in store": True, "limited availability": True,
    "preorder": True, "pre order": True, "backorder": True, "back order": True, "available for order": True,
    "out of stock": False, "outofstock": False, "sold out": False, "soldout": False, "unavailable": False,
    "not available": False, "discontinued": False, **_BOOLEANS,
}  # fmt: skip
_SEPARATORS = (">", "›", "»", "|", "/")


def is_empty(value: object) -> bool:
    """True for nothing: None, white space, NaN, an empty list or object."""
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or (not value if isinstance(value, list | tuple | dict) else value != value)


def is_blank(value: object) -> bool:
    """True for nothing, and for the words that stand for it where a number or date is wanted: null, N/A, "-"."""
    return is_empty(value) or (isinstance(value, str) and value.strip().lower() in _EMPTY_WORDS)


def parse_number(name: str, value: object) -> float:
    """The finite number that `value` is or spells. Raises InputError for anything else.

    >>> parse_number("rating", "4.5")
    4.5
    """
    spelled = isinstance(value, str) and _NUMBER.fullmatch(value.strip())
    if isinstance(value, bool) or (isinstance(value, str) and not spelled):
        raise InputError(f"{name}={value!r} is not a number; expected digits such as 4.5")
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name}={value!r} is not a number; expected digits such as 4.5") from None
    if not math.isfinite(number):
        raise InputError(f"{name}={value!r} is not a finite number; expected digits such as 4.5")
    return number


def parse_whole(name: str, value: object) -> int:
    """The whole number that `value` is or spells ("3.0" too). Raises InputError for anything else."""
    number = parse_number(name, value)
    if not number.is_integer():
        raise InputError(f"{name}={value!r} is not whole; expected a number without a fraction")
    return int(number)


def parse_stock(value: object) -> int | None:
    """Pieces at hand; None for "in stock", true and "preorder", 0 for "out of stock" and false.

    Raises InputError for anything that is neither a whole number nor such a word.

    >>> parse_stock("in_stock"), parse_stock("out of stock"), parse_stock("12")
    (None, 0, 12)
    """
    available = value if isinstance(value, bool) else None
    if isinstance(value, str):
        # schema.org writes https://schema.org/InStock
        word = value.strip().lower().rpartition("schema.org/")[2].replace("_", " ").replace("-", " ").strip()
        available = _AVAILABILITY.get(word)
    if available is not None:
        return None if available else 0
    return parse_whole("stock", value)


def parse_category(value: object) -> tuple[str, ...]:
    """The path from the widest to the narrowest category.

    From a list (of lists: the first), a JSON list, or text parted by ">", "|" or "/": the first of these that
    appears parts it.

    >>> parse_category("Home & Garden > Lamps"), parse_category("A/B/C"), parse_category('["A", "B"]')
    (('Home & Garden', 'Lamps'), ('A', 'B', 'C'), ('A', 'B'))
    """
    if isinstance(value, str):
        value = _json(value)
    parts: list[object] = list(value) if isinstance(value, list | tuple) else [value]
    if isinstance(value, str) and (separator := next((one for one in _SEPARATORS if one in value), "")):
        parts = list(value.split(separator))
    if parts and isinstance(parts[0], list | tuple):
        parts = list(parts[0])
    return tuple(part for part in (text("category", one) for one in parts if not is_empty(one)) if part)


def attribute_name(name: str) -> str:
    """The name of an attribute as a person would say it: "attr_t_colour", as search engines type fields, is "colour".

    >>> attribute_name("attr_n_width"), attribute_name("Shoe Size")
    ('width', 'Shoe Size')
    """
    return _ATTRIBUTE_PREFIX.sub("", name.strip())


def parse_attribute(name: str, value: object, numeric: bool = False) -> AttributeValue | None:
    """The value of an attribute: numbers are floats, lists are tuples of str, all else is text; None when empty.

    `numeric` reads numbers and booleans out of text, for columns of a CSV file that hold nothing else.
    Raises InputError for control characters and over-long text.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, str):
        value = _json(value)
        if isinstance(value, str):
            if numeric and looks_numeric(value):
                return float(value)
            if numeric and looks_boolean(value):
                return _BOOLEANS[value.strip().lower()]
            return plain_text(name, value) or None
    if isinstance(value, list | tuple):
        return tuple(text(name, one) for one in value if not is_empty(one) and not isinstance(one, dict)) or None
    return None if value is None else text(name, value)


def flatten(value: object) -> Iterator[tuple[str, object]]:
    """The (name, value) pairs of a bag of attributes: an object, its JSON text, or a list of {"name", "value"}.

    Objects inside are named by their path: {"size": {"width": 3}} gives ("size.width", 3). Raises InputError when
    `value` is none of these.
    """
    value = _parsed("attributes", value)
    if isinstance(value, list | tuple):
        value = {str(one["name"]): one.get("value") for one in value if isinstance(one, Mapping) and one.get("name")}
    waiting: list[tuple[str, Mapping[str, object]]] = [("", as_object("attributes", value))]
    while waiting:
        path, bag = waiting.pop()
        for name, one in bag.items():
            if isinstance(one, Mapping):
                waiting.append((f"{path}{name}.", one))
            else:
                yield f"{path}{name}", one


def as_object(name: str, value: object) -> Mapping[str, object]:
    """The object that `value` is or that its JSON text means. Raises InputError for anything else.

    >>> as_object("translations", '{"zh": {"title": "Lampe"}}')
    {'zh': {'title': 'Lampe'}}
    """
    value = _parsed(name, value)
    if not isinstance(value, Mapping):
        raise InputError(f"{name}={str(value)[:80]!r} is not an object; expected names with values: {{...}}")
    return value


def looks_numeric(value: str) -> bool:
    """True for a number in its plain form: not for codes such as "007" or "1e5"."""
    return bool(_CANONICAL.fullmatch(value.strip()))


def looks_boolean(value: str) -> bool:
    """True for true, false, yes and no."""
    return value.strip().lower() in ("true", "false", "yes", "no")


def _parsed(name: str, value: object) -> object:
    if not isinstance(value, str | bytes):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise InputError(f"{name}={str(value)[:80]!r} is not JSON ({error}); expected {{...}}") from None


def _json(value: str) -> object:
    """The list that JSON text such as '["a", "b"]' means; other text as it is."""
    stripped = value.strip()
    if stripped.startswith("[") and stripped.endswith("]"):
        try:
            return list(orjson.loads(stripped))
        except orjson.JSONDecodeError:
            return value
    return value
