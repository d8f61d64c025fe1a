"""What a query says about prices and sizes: "laptop under 500 euro", "500元以下的耳机", "cable at least 2 m".

A number is a price only where the words around it say so, so that model numbers ("rtx 2060",
"iphone 7", "windows 10") stay what they are: it needs a comparing word, and a currency or a place
where nothing else than a price is compared. Amounts are not converted between currencies.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aisle.text.measures import NUMBER, UNIT, read_number, read_unit
from aisle.text.normalise import normalise
from aisle.text.unit_table import Dimension

PRICE = "price"
AROUND = 0.2
"""ASSUMPTION: "around 100" means 80 to 120."""

MAX_LENGTH = 200
"""Characters of a query; in longer ones no ranges are looked for, so that no text takes long to read."""


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds, both included, that a query sets for the price or for a measure."""

    dimension: Dimension
    """PRICE, or what is measured: "length", "weight", ..."""
    low: float | None
    """In major units of the currency, or in base units (m, kg, l, GB, W) of the measure."""
    high: float | None
    start: int
    end: int
    """The words that said it: [start, end) of the query in normal form."""
    rough: bool = False
    """Said as "around"."""


_BEFORE = r"(?:us ?\$|[$€£¥]|\b(?:eur|usd|gbp|cny|rmb|chf|us)\b|人民币)"
_AFTER = (
    r"(?:(?:euros?|eur|dollars?|usd|bucks|gbp|quid|yuan|rmb|cny|yen|jpy|chf)(?![a-z])"
    r"|[$€£¥]|元人民币|块钱|欧元|美元|日元|英镑|元|块|欧|刀)"
)


def _amount(name: str, behind: str = "") -> str:
    return (
        rf"(?P<cur_{name}>{_BEFORE})? ?{behind}(?P<num_{name}>{NUMBER})"
        rf"(?P<k_{name}>k(?![a-z])|千(?!克|米|瓦)|万(?!像素))?"
        rf" ?(?:(?P<after_{name}>{_AFTER})|(?P<unit_{name}>{UNIT}))?(?![a-z0-9])"
    )


_NO_PART_OF_A_NAME = r"(?<![a-z0-9.,\-])"
_FIRST = _amount("a", _NO_PART_OF_A_NAME)
_MONEY = r"(?:(?P<money>\b(?:for|priced?|costs?|costing)\b|价格|售价) ?(?:at|of|is|:|在|为)? ?)?"
_PRICE_BELOW = r"(?P<money_below>\bcheaper than\b|\bless expensive than\b|\bbudget\b(?: of)?|便宜于|预算)"
_PRICE_ABOVE = r"(?P<money_above>\b(?:dearer|pricier) than\b|\bmore expensive than\b)"
_CLEAR_BELOW = (
    r"(?P<clear_below>\b(?:under|below|less than|lower than|not over|no more than)\b"
    r"|<=?|≤|低于|少于|小于|不超过|不到)"
)
_CLEAR_ABOVE = r"(?P<clear_above>\b(?:over|above|more than|higher than|not under)\b|>=?|≥|高于|超过|大于|不低于|不少于)"
_OTHER_BELOW = r"(?P<other_below>\b(?:up to|at most|max(?:imum)?\.?|within|until)(?!\w)|最多|至多|最高)"
_OTHER_ABOVE = (
    r"(?P<other_above>\b(?:from|at least|min(?:imum)?\.?|starting (?:at|from)|no less than)(?!\w)"
    r"|至少|最少|最低)"
)
_ABOUT = r"(?P<about>\b(?:around|about|approx(?:imately)?\.?|roughly|circa|ca\.?)(?!\w)|大约|大概|约)"
_BETWEEN = re.compile(
    rf"{_MONEY}(?P<between>\bbetween\b|\bfrom\b|从|在)? ?{_FIRST}"
    rf" ?(?:\b(?:and|to)\b|[-–—~]|到|至|和) ?{_amount('b')} ?(?P<closing>之间|价位)?",
    re.IGNORECASE,
)
_COMPARISONS = (_PRICE_BELOW, _PRICE_ABOVE, _CLEAR_BELOW, _CLEAR_ABOVE, _OTHER_BELOW, _OTHER_ABOVE, _ABOUT)
_COMPARED = re.compile(
    rf"{_MONEY}(?:{'|'.join(_COMPARISONS)}) ?{_FIRST}(?: ?(?:以下|以内|之内|以上))?",
    re.IGNORECASE,
)
_FOLLOWED = re.compile(
    rf"{_MONEY}{_FIRST} ?(?:"
    r"(?P<zh_below>以下|以内|之内|之下|封顶)|(?P<zh_above>以上|起)|(?P<zh_about>左右|上下)"
    r"|(?P<en_below>\b(?:or|and) (?:less|under|below|cheaper|lower|smaller|shorter|lighter)\b|\bmax(?:imum)?\b)"
    r"|(?P<en_above>\b(?:or|and) (?:more|over|above|up|higher|bigger|longer|larger)\b|\bmin(?:imum)?\b))",
    re.IGNORECASE,
)
_HINT = re.compile(
    r"[<>≤≥$€£¥~–—-]|\b(?:under|below|than|over|above|up|most|max|within|until|from|least|min|at|between|to|and|or|budget"
    r"|around|about|approx|roughly|circa|ca|euros?|eur|usd)|[以之到至和从在低少小不高超大多最约预左上起封便]",
    re.IGNORECASE,
)
"""Without any of these there is no range: most queries with a number are done here."""
_LATIN_WORD_BEFORE = re.compile(r"[A-Za-z][\w.]*\s*$")
_YEARS = range(1980, 2040)
_JOINT_BEFORE = re.compile(r"(?:\b(?:for|priced?|at|with|that|is|are|costs?|costing)\b|[,，、:的])\s*$", re.IGNORECASE)
_JOINT_AFTER = re.compile(r"^\s*[,，、:的]")


def find_ranges(query: str) -> tuple[Range, ...]:
    """The prices and sizes that `query`, in normal form, sets bounds for, in order.

    >>> find_ranges("laptop under 500 euro")
    (Range(dimension='price', low=None, high=500.0, start=7, end=21, rough=False),)
    >>> find_ranges("rtx 2060")
    ()
    """
    if len(query) > MAX_LENGTH or not any(map(str.isdigit, query)) or not _HINT.search(query):
        return ()
    found: list[Range] = []
    for pattern in (_BETWEEN, _COMPARED, _FOLLOWED):
        for match in pattern.finditer(query):
            one = _between(match) if pattern is _BETWEEN else _one_sided(match)
            if one is not None and all(one.end <= other.start or other.end <= one.start for other in found):
                found.append(one)
    return tuple(sorted(found, key=lambda one: one.start))


def cut_ranges(query: str, ranges: Sequence[Range] | None = None) -> str:
    """`query` in normal form without the words of `ranges` (default: all that it holds).

    >>> cut_ranges("laptop under 500 euro"), cut_ranges("500元以下的耳机")
    ('laptop', '耳机')
    """
    query = normalise(query)
    for one in reversed(find_ranges(query) if ranges is None else ranges):
        before, after = _JOINT_BEFORE.sub("", query[: one.start]), _JOINT_AFTER.sub("", query[one.end :])
        query = f"{before} {after}"
    return normalise(query)


def price_filter(one: Range) -> str:
    """The bounds in the filter language.

    >>> price_filter(Range("price", 20.0, 50.0, 0, 5))
    'price >= 20 AND price <= 50'
    """
    parts = [f"price {sign} {bound:.12g}" for sign, bound in ((">=", one.low), ("<=", one.high)) if bound is not None]
    return " AND ".join(parts)


def _between(match: re.Match[str]) -> Range | None:
    subject = _subject(match, "b") or _subject(match, "a")
    low, high = _value(match, "a", subject), _value(match, "b", subject)
    if subject is None:
        years = low in _YEARS and high in _YEARS
        said = match["money"] or match["closing"] or (match["between"] or "").casefold() == "between"
        if not said or years:
            return None
        subject = (PRICE, 1.0)
    elif subject[0] == "count" or _subject(match, "a") not in (None, subject):
        return None
    if low > high:
        return None
    return Range(subject[0], low, high, *_span(match))


def _one_sided(match: re.Match[str]) -> Range | None:
    said = {name for name, text in match.groupdict().items() if text is not None}
    subject = _subject(match, "a")
    if subject is None and _is_price(match, said):
        subject = (PRICE, 1.0)
    if subject is None or subject[0] == "count" or (subject[0] != PRICE and _says_money(said)):
        return None
    value = _value(match, "a", subject)
    if "about" in said or "zh_about" in said:
        return Range(subject[0], value * (1 - AROUND), value * (1 + AROUND), *_span(match), rough=True)
    below = any(name.endswith("below") for name in said)
    return Range(subject[0], None if below else value, value if below else None, *_span(match))


def _span(match: re.Match[str]) -> tuple[int, int]:
    """Where the words begin and end, without the spaces around them."""
    words = match.group()
    return match.end() - len(words.lstrip()), match.start() + len(words.rstrip())


def _says_money(said: set[str]) -> bool:
    return not said.isdisjoint({"money", "money_below", "money_above"})


def _is_price(match: re.Match[str], said: set[str]) -> bool:
    """Whether a number without a currency or unit is a price."""
    if _says_money(said):
        return True
    if said & {"clear_below", "clear_above"}:
        return True
    before, after = match.string[: match.start()], match.string[match.end() :]
    if said & {"zh_below", "zh_above", "zh_about"}:
        return not _LATIN_WORD_BEFORE.search(before)
    return bool(said & {"other_below", "other_above"}) and not after.strip()


def _subject(match: re.Match[str], name: str) -> tuple[Dimension, float] | None:
    if match[f"cur_{name}"] or match[f"after_{name}"]:
        return PRICE, 1.0
    unit = match[f"unit_{name}"]
    return read_unit(unit) if unit else None


def _value(match: re.Match[str], name: str, subject: tuple[Dimension, float] | None) -> float:
    factor = {"k": 1_000, "千": 1_000, "万": 10_000}.get((match[f"k_{name}"] or "").lower(), 1)
    own = _subject(match, name) or subject
    return round(read_number(match[f"num_{name}"]) * factor * (own[1] if own else 1.0), 12)
