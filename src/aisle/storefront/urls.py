"""The state of the results page as a readable address, and as the filter expression that the search takes.

`/search?q=cable&brand=Volt&brand=Boom&price_max=20&filter=color+%3D+"black"&sort=price_asc&page=2`

`spelling=0` searches for exactly what was typed; each `without=<filter>` takes back something that the query was
understood to say.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from aisle.index import quote as quoted
from aisle.types import SORTS, Sort

PER_PAGE = 24
MAX_PAGE = 400
"""So that the offset of the last page stays below the 10,000 that a search allows."""
READABLE_FIELDS = ("brand", "category")
"""Filters of these fields are written `brand=Volt`; all others as `filter=<expression>`."""

_READABLE = re.compile(rf'({"|".join(READABLE_FIELDS)}) = "((?:[^"\\]|\\.)*)"', re.DOTALL)
_FIELD = re.compile(r'[\s(]*(?:NOT\s+)?[\s(]*("(?:[^"\\]|\\.)*"|[^\s=<>!():"]+)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SearchState:
    """What the address of a results page says."""

    query: str = ""
    filters: tuple[str, ...] = ()
    """Filter expressions, each about one field."""
    price_min: float | None = None
    price_max: float | None = None
    sort: Sort = "relevance"
    page: int = 1
    spelling: bool = True
    """False for a search for exactly what was typed."""
    without: tuple[str, ...] = ()
    """Filter expressions that the query was understood to say, and that the shopper has taken back."""

    @property
    def narrowed(self) -> bool:
        """True when anything but the query narrows the results."""
        return bool(self.filters) or self.price_min is not None or self.price_max is not None

    def toggled(self, expression: str) -> "SearchState":
        """The first page with one filter added, or removed where it was on."""
        if expression in self.filters:
            return replace(self, filters=tuple(one for one in self.filters if one != expression), page=1)
        return replace(self, filters=(*self.filters, expression), page=1)

    def only(self, field: str, expression: str = "") -> "SearchState":
        """The first page with `expression` as the one filter of `field`; without an expression, with none."""
        others = tuple(one for one in self.filters if field_of(one) != field)
        return replace(self, filters=(*others, expression) if expression else others, page=1)


def read_state(pairs: Iterable[tuple[str, str]]) -> SearchState:
    """The state that the parameters of an address describe; what cannot be read counts as not given.

    >>> state = read_state([("q", " cable "), ("brand", 'A"B'), ("price_max", "20"), ("page", "x")])
    >>> state.query, state.filters, state.price_max, state.page
    ('cable', ('brand = "A\\\\"B"',), 20.0, 1)
    """
    filters: dict[str, None] = {}
    without: dict[str, None] = {}
    single: dict[str, str] = {}
    for name, value in pairs:
        if name in READABLE_FIELDS and value.strip():
            filters[equals(name, value)] = None
        elif name == "filter" and value.strip():
            filters[value.strip()] = None
        elif name == "without" and value.strip():
            without[value.strip()] = None
        else:
            single[name] = value.strip()
    wanted = single.get("sort", "")
    return SearchState(
        query=single.get("q", ""),
        filters=tuple(filters),
        price_min=_amount(single.get("price_min", "")),
        price_max=_amount(single.get("price_max", "")),
        sort=next((sort for sort in SORTS if sort == wanted), "relevance"),
        page=_page(single.get("page", "")),
        spelling=single.get("spelling") != "0",
        without=tuple(without),
    )


def state_pairs(state: SearchState) -> list[tuple[str, str]]:
    """The parameters that describe `state`, defaults left out: `read_state` turns them back into it."""
    pairs = [("q", state.query)] if state.query else []
    for expression in state.filters:
        readable = _READABLE.fullmatch(expression)
        pairs.append((readable[1], _unescape(readable[2])) if readable else ("filter", expression))
    amounts = (("price_min", state.price_min), ("price_max", state.price_max))
    pairs += [(name, f"{amount:.15g}") for name, amount in amounts if amount is not None]
    pairs += [] if state.spelling else [("spelling", "0")]
    pairs += [("without", expression) for expression in state.without]
    pairs += [("sort", state.sort)] if state.sort != "relevance" else []
    pairs += [("page", str(state.page))] if state.page > 1 else []
    return pairs


def search_url(state: SearchState) -> str:
    """The address of the results page for `state`.

    >>> search_url(SearchState("usb c", ('brand = "A&B"',), page=2))
    '/search?q=usb+c&brand=A%26B&page=2'
    """
    pairs = state_pairs(state)
    return f"/search?{urlencode(pairs)}" if pairs else "/search"


def item_url(item_id: str) -> str:
    """The address of an item's page.

    >>> item_url("a/b?")
    '/items/a%2Fb%3F'
    """
    return f"/items/{quote(item_id, safe='')}"


def filter_expression(state: SearchState) -> str:
    """The filter of `state` for the search: values of one field joined by OR, fields by AND.

    >>> filter_expression(SearchState(filters=('brand = "A"', 'color = "red"', 'brand = "B"'), price_max=9.5))
    '(brand = "A" OR brand = "B") AND color = "red" AND price <= 9.5'
    """
    fields: dict[str, list[str]] = {}
    for expression in state.filters:
        fields.setdefault(field_of(expression), []).append(expression)
    parts = [_any_of(expressions) for expressions in fields.values()]
    amounts = ((">=", state.price_min), ("<=", state.price_max))
    parts += [f"price {sign} {amount:.15g}" for sign, amount in amounts if amount is not None]
    return " AND ".join(parts)


def field_of(expression: str) -> str:
    """The field that a filter expression starts with; the expression itself when it has none.

    >>> field_of('brand = "Volt"'), field_of('(price >= 10 AND price < 20)')
    ('brand', 'price')
    """
    found = _FIELD.match(expression)
    return found[1] if found else expression


def equals(field: str, value: str) -> str:
    r"""The filter expression that keeps items whose `field` is `value`.

    >>> print(equals("brand", 'The "B" \\ Co'))
    brand = "The \"B\" \\ Co"
    """
    return f"{field} = {quoted(value)}"


def _any_of(expressions: Sequence[str]) -> str:
    joined = " OR ".join(expressions)
    return f"({joined})" if " or " in joined.lower() else joined


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def _amount(text: str) -> float | None:
    try:
        amount = float(text.replace(",", "."))
    except ValueError:
        return None
    return round(amount, 2) if math.isfinite(amount) and 0 <= amount < 1e12 else None


def _page(text: str) -> int:
    return min(max(int(text), 1), MAX_PAGE) if text.isascii() and text.isdigit() and len(text) < 9 else 1
