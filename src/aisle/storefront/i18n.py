"""The languages of the pages: messages, numbers, prices, dates, and an item's words in the shopper's language."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from aisle.types import AttributeValue, Item

LANGUAGES = {"en": "English", "zh": "中文"}
"""Language codes that have a file in `locales/`, with what their speakers call them."""

_LOCALES = Path(__file__).parent / "locales"
_NO_CENTS = frozenset({"JPY", "KRW", "VND", "CLP", "ISK"})
_SYMBOLS = {
    "EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥", "CNY": "CN¥", "INR": "₹", "KRW": "₩", "HKD": "HK$", "TWD": "NT$",
}  # fmt: skip
_CHINESE_SYMBOLS = {**_SYMBOLS, "CNY": "¥", "USD": "US$", "JPY": "JP¥"}
_UNITS = {
    "mm": "mm", "cm": "cm", "m": "m", "km": "km", "inch": "in", "g": "g", "kg": "kg", "ml": "ml", "l": "l",
    "w": "W", "kw": "kW", "v": "V", "hz": "Hz", "mah": "mAh", "wh": "Wh", "gb": "GB", "tb": "TB", "h": "h",
}  # fmt: skip
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the interface: what it says, and how it writes numbers, money and dates."""

    code: str
    messages: Mapping[str, str]

    def say(self, key: str, **values: object) -> str:
        """The message `key` with `{name}` places filled from `values`.

        With `n=1` the message `key.one` is taken where there is one. Integers are grouped by thousands.
        Raises KeyError for an unknown key: a message that is missing is a mistake in a template.
        """
        singular = f"{key}.one"
        text = self.messages[singular if values.get("n") == 1 and singular in self.messages else key]
        return text.format(**{name: self._written(value) for name, value in values.items()}) if values else text

    def name(self, family: str, value: str) -> str:
        """The message `family.value`, or `value` itself made readable: "screen_size" becomes "Screen size".

        >>> language("en").name("field", "no_such_thing"), language("en").name("field", "span_w")
        ('No such thing', 'Span (W)')
        """
        words, _, unit = value.strip().rpartition("_")
        readable = f"{words} ({_UNITS[unit]})" if words and unit in _UNITS else value.strip()
        readable = readable.replace("_", " ")
        return self.messages.get(f"{family}.{value}", readable[:1].upper() + readable[1:])

    def number(self, value: float) -> str:
        """A number without needless zeros: 1200.0 is written 1,200 and 4.50 is written 4.5."""
        return f"{value:,.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:,.0f}"

    def money(self, amount: float, currency: str, *, short: bool = False) -> str:
        """A price as the language writes it; `short` leaves out empty cents.

        >>> language("en").money(1234.5, "EUR"), language("zh").money(1234.5, "CNY")
        ('€1,234.50', '¥1,234.50')
        >>> language("en").money(20, "CHF"), language("en").money(20, "EUR", short=True)
        ('CHF 20.00', '€20')
        """
        symbols = _CHINESE_SYMBOLS if self.code == "zh" else _SYMBOLS
        whole = currency in _NO_CENTS or (short and amount % 1 == 0)
        digits = f"{amount:,.0f}" if whole else f"{amount:,.2f}"
        return f"{symbols[currency]}{digits}" if currency in symbols else f"{currency} {digits}".strip()

    def date(self, value: datetime) -> str:
        """A day: "4 March 2026", "2026年3月4日"."""
        if self.code == "zh":
            return f"{value.year}年{value.month}月{value.day}日"
        return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"

    def attribute(self, value: AttributeValue) -> str:
        """The value of an attribute: yes or no, a number, a word, or a list of words."""
        if isinstance(value, bool):
            return self.say("yes" if value else "no")
        if isinstance(value, int | float):
            return self.number(value)
        return self.capital(value if isinstance(value, str) else self.say("list.separator").join(value))

    def capital(self, text: str) -> str:
        """`text` with a capital where its first word is plain: "in-ear" becomes "In-ear", "mAh" stays."""
        first = text.split(" ", 1)[0]
        return text[:1].upper() + text[1:] if first == first.lower() else text

    def _written(self, value: object) -> object:
        return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else value


@dataclass(frozen=True, slots=True)
class ItemWords:
    """What an item is called in one language, each field falling back to the item's own."""

    title: str
    description: str
    category: tuple[str, ...]
    attributes: Mapping[str, AttributeValue]


def item_words(item: Item, code: str) -> ItemWords:
    """The title, description, category and attributes of `item` in the language `code`.

    >>> item_words(Item("a", "Mug", description="Blue."), "zh").title
    'Mug'
    """
    translated = item.translations.get(code)
    if translated is None:
        return ItemWords(item.title, item.description, item.category, item.attributes)
    return ItemWords(
        translated.title or item.title,
        translated.description or item.description,
        translated.category or item.category,
        {name: translated.attributes.get(name, value) for name, value in item.attributes.items()},
    )


@cache
def language(code: str) -> Language:
    """The language `code`, one of LANGUAGES."""
    messages = json.loads((_LOCALES / f"{code}.json").read_text("utf-8"))
    return Language(code, messages)


def offered_languages(shop_locales: Sequence[str]) -> tuple[str, ...]:
    """The languages of the shop that the pages can speak, the shop's main one first; English when there is none.

    >>> offered_languages(["zh-CN", "fr", "en"])
    ('zh', 'en')
    """
    codes = [code for locale in shop_locales if (code := locale.lower().split("-")[0]) in LANGUAGES]
    return tuple(dict.fromkeys(codes)) or ("en",)


def choose_language(offered: Sequence[str], wishes: Sequence[str], accept_language: str) -> str:
    """The first of `wishes` that is offered, else the best of the browser's Accept-Language, else the first offered.

    >>> choose_language(("en", "zh"), ["", "xx"], "fr, zh-CN;q=0.8, en;q=0.7")
    'zh'
    """
    for wish in (*wishes, *_accepted(accept_language)):
        if wish in offered:
            return wish
    return offered[0]


def _accepted(header: str) -> list[str]:
    """The language codes of an Accept-Language header, best first; a weight that cannot be read counts as zero."""
    weighted = []
    for position, part in enumerate(header.split(",")[:20]):
        tag, _, weight = part.strip().partition(";q=")
        try:
            quality = float(weight or 1)
        except ValueError:
            quality = 0.0
        if quality > 0:
            weighted.append((-quality, position, tag.lower().split("-")[0]))
    return [code for _, _, code in sorted(weighted)]
