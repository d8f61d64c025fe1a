"""Reads prices as shops write them: "1.299,00 €", "19.95 USD", "$5", "1'299.-"."""

import re

from aisle.errors import InputError

_PLAIN = re.compile(r"[-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]{1,3})?")
_PARTS = re.compile(
    r"(?P<before>(?:[^0-9.,+-]|(?<=[A-Za-z])\.)*)(?P<sign>[-+]?)(?P<mark>[^0-9.,+-]*)"
    r"(?P<number>[.,]?[0-9](?:[0-9.,' \u00a0\u202f’]*[0-9])?)(?P<after>.*)"
)
_SPACES = str.maketrans(dict.fromkeys(" \u00a0\u202f’", "'"))
_SPACED = re.compile(r"[0-9]{1,3}(?:'[0-9]{3})+(?:[.,][0-9]+)?")
_GROUPED = {mark: re.compile(rf"[0-9]{{1,3}}(?:\{mark}[0-9]{{2,3}})*\{mark}[0-9]{{3}}") for mark in ",."}
_DASH = re.compile(r"^[.,][-–—]+|[.\s]+$")
"""What stands for no cents ("5,-"), and the point of an abbreviation ("Rs.")."""

CERTAIN = {"€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₽": "RUB", "₺": "TRY", "₫": "VND", "₴": "UAH", "฿": "THB",
           "₪": "ILS", "zł": "PLN", "kč": "CZK", "us$": "USD", "a$": "AUD", "c$": "CAD", "hk$": "HKD", "r$": "BRL",
           "元": "CNY", "￥": "CNY", "円": "JPY", "rs": "INR"}  # fmt: skip
"""Signs that mean one currency."""
LIKELY = {"$": "USD", "¥": "JPY", "kr": "SEK"}
"""Signs of several currencies: the shop's own if it names one, else this."""
CODES = frozenset({
    "AED", "ARS", "AUD", "BDT", "BGN", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EGP", "EUR", "GBP",
    "HKD", "HUF", "IDR", "ILS", "INR", "JPY", "KES", "KRW", "KWD", "KZT", "MAD", "MXN", "MYR", "NGN", "NOK", "NZD",
    "PEN", "PHP", "PKR", "PLN", "QAR", "RON", "RSD", "RUB", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "USD",
    "VND", "ZAR",
})  # fmt: skip


def parse_price(value: object, currency: str = "") -> tuple[float, str]:
    """The amount in major units, and its currency (ISO 4217): the one written beside it, else `currency`.

    The last of "." and "," is the decimal mark when both appear; a single "," before exactly three digits, and any
    mark that repeats, parts thousands; a single "." is always the decimal mark, as machines write it. The amount
    keeps its sign: whether it may be negative is for the item to say. Raises InputError for anything else.

    >>> parse_price("1.299,00 €"), parse_price("1,299 USD"), parse_price("$5", "CAD")
    ((1299.0, 'EUR'), (1299.0, 'USD'), (5.0, 'CAD'))
    """
    if isinstance(value, bool):
        raise _no_price(value)
    if not isinstance(value, str):
        try:
            return float(value), currency  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            raise _no_price(value) from None
    stripped = value.strip()
    if _PLAIN.fullmatch(stripped):
        return float(stripped), currency
    found = _PARTS.fullmatch(stripped)
    if not found:
        raise _no_price(value)
    amount = _amount(found["number"].translate(_SPACES))
    words = [_DASH.sub("", found[part].strip()).strip().lower() for part in ("before", "mark", "after")]
    words = [word for word in words if word]
    if amount is None or any(
        word not in CERTAIN and word not in LIKELY and word.upper() not in CODES for word in words
    ):
        raise _no_price(value)
    certain = {CERTAIN.get(word, word.upper()) for word in words if word not in LIKELY}
    if len(certain) > 1:
        raise _no_price(value)
    likely = currency or next((LIKELY[word] for word in words if word in LIKELY), "")
    return -amount if found["sign"] == "-" else amount, next(iter(certain), likely)


def _amount(number: str) -> float | None:
    """The value of digits with marks between them; None when the marks make no sense."""
    if "'" in number:
        return float(number.replace("'", "").replace(",", ".")) if _SPACED.fullmatch(number) else None
    point, comma = number.rfind("."), number.rfind(",")
    if point >= 0 and comma >= 0:
        decimal = "." if point > comma else ","
        whole, _, fraction = number.rpartition(decimal)
        thousands = "," if decimal == "." else "."
        if decimal in whole or not _GROUPED[thousands].fullmatch(whole):
            return None
        return float(f"{whole.replace(thousands, '')}.{fraction}")
    mark = "." if point >= 0 else ","
    if number.count(mark) > 1 or (mark == "," and _GROUPED[","].fullmatch(number)):
        return float(number.replace(mark, "")) if _GROUPED[mark].fullmatch(number) else None
    return float(number.replace(",", "."))


def _no_price(value: object) -> InputError:
    return InputError(f'price={value!r} is not a price; expected a number such as 19.95, "1.299,00 €" or "19.95 USD"')
