"""The ways to narrow a result, as a shopper reads them: groups of choices with counts, and chips for what is chosen."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from aisle.storefront.i18n import Language
from aisle.storefront.urls import SearchState, field_of, search_url
from aisle.types import Facet, FacetValue

PATH_SEPARATOR = " > "
"""Between the names of a category path, as the index writes it."""

_RANGES = ("price", "rating")
_ONE_AT_A_TIME = ("category", "rating")
_BOUND = re.compile(r"(>=|<=|>|<)\s*(\d+(?:\.\d+)?)")
_EQUALS = re.compile(r'[^"=]+ = "((?:[^"\\]|\\.)*)"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to click: its words, how many items carry it, and the address that turns it on or off."""

    label: str
    url: str
    count: int = 0
    selected: bool = False
    depth: int = 0
    """How deep a category lies under its department."""


@dataclass(frozen=True, slots=True)
class Group:
    """The choices of one field."""

    field: str
    label: str
    choices: tuple[Choice, ...]


def facet_groups(lang: Language, currency: str, state: SearchState, facets: Iterable[Facet]) -> tuple[Group, ...]:
    """One group for each facet that offers a choice: one value alone is none, nor is one category in another."""
    groups = []
    for facet in facets:
        shown = _open_branches(state, facet) if facet.field == "category" else facet.values
        choices = tuple(
            Choice(
                label=choice_label(lang, currency, facet.field, value),
                url=search_url(_chosen(state, facet.field, value)),
                count=value.count,
                selected=value.filter in state.filters,
                depth=value.value.count(PATH_SEPARATOR) if facet.field == "category" else 0,
            )
            for value in shown
            if value.count or value.filter in state.filters
        )
        if len({choice.depth for choice in choices}) < len(choices) or any(choice.selected for choice in choices):
            groups.append(Group(facet.field, field_label(lang, facet.field), choices))
    return tuple(groups)


def departments(facets: Iterable[Facet]) -> tuple[FacetValue, ...]:
    """The widest categories, the largest first."""
    values = (value for facet in facets if facet.field == "category" for value in facet.values)
    return tuple(value for value in values if PATH_SEPARATOR not in value.value)


def department_choice(lang: Language, department: FacetValue) -> Choice:
    """The way into a department."""
    state = SearchState(filters=(department.filter,))
    return Choice(choice_label(lang, "", "category", department), search_url(state), department.count)


def merged(facets: Iterable[Facet], more: Iterable[Facet]) -> tuple[Facet, ...]:
    """`facets` with the fields and values that only `more` has. Ranges are not mixed: each result has its own."""
    fields: dict[str, dict[str, FacetValue]] = {}
    for facet in (*facets, *more):
        if facet.field in fields and facet.field in _RANGES:
            continue
        known = fields.setdefault(facet.field, {})
        known.update({value.filter: value for value in facet.values if value.filter not in known})
    return tuple(Facet(field, tuple(values.values())) for field, values in fields.items())


def chips(lang: Language, currency: str, state: SearchState, facets: Sequence[Facet]) -> tuple[Choice, ...]:
    """One choice for each filter that is on; its address is the same search without that filter."""
    known = {value.filter: (facet.field, value) for facet in facets for value in facet.values}
    found = []
    for expression in state.filters:
        field, value = known.get(expression, (field_of(expression), None))
        spoken = value or FacetValue(_plain_value(expression), 0, expression)
        label = choice_label(lang, currency, field, spoken)
        found.append(Choice(label, search_url(state.toggled(expression)), selected=True))
    if state.price_min is not None or state.price_max is not None:
        free = search_url(replace(state, price_min=None, price_max=None, page=1))
        found.append(Choice(price_range(lang, currency, state.price_min, state.price_max), free, selected=True))
    return tuple(found)


def field_label(lang: Language, field: str) -> str:
    """What a field is called: "Brand", "品牌"; an attribute without a translation is made readable."""
    return lang.name("field", field)


def choice_label(lang: Language, currency: str, field: str, value: FacetValue) -> str:
    """What one value of a facet is called; price and rating ranges are read from their filter expression."""
    bounds = {sign[0]: float(number) for sign, number in _BOUND.findall(value.filter)}
    if field == "price" and bounds:
        return price_range(lang, currency, bounds.get(">"), bounds.get("<"))
    if field == "rating" and ">" in bounds:
        return lang.say("facet.stars", stars=lang.number(bounds[">"]))
    if field == "in_stock":
        return lang.say("stock.in" if value.value == "true" else "stock.out")
    if value.value in ("true", "false") and not value.label:
        return lang.say("yes" if value.value == "true" else "no")
    words = value.label or value.value
    if field == "category":
        return words.rsplit(PATH_SEPARATOR, 1)[-1]
    return words if field == "brand" else lang.capital(words)


def price_range(lang: Language, currency: str, low: float | None, high: float | None) -> str:
    """A range of prices in words: "Under €20", "€20 – €50", "€50 and over"."""
    amounts = [lang.money(amount, currency, short=True) for amount in (low, high) if amount]
    if low and high is not None:
        return lang.say("facet.price_between", low=amounts[0], high=amounts[-1])
    if high is not None:
        return lang.say("facet.price_under", high=lang.money(high, currency, short=True))
    return lang.say("facet.price_over", low=lang.money(low or 0, currency, short=True))


def _chosen(state: SearchState, field: str, value: FacetValue) -> SearchState:
    """The search after a click on `value`: a category or a rating takes the place of another, other values add up."""
    if field in _ONE_AT_A_TIME and value.filter not in state.filters:
        return state.only(field, value.filter)
    return state.toggled(value.filter)


def _open_branches(state: SearchState, facet: Facet) -> tuple[FacetValue, ...]:
    """The category tree in reading order: departments, and below the chosen category and its parents their children."""
    children: dict[str, list[str]] = {}
    for value in facet.values:
        children.setdefault(value.value.rpartition(PATH_SEPARATOR)[0], []).append(value.value)
    opened = {""}
    only = ""
    while len(children.get(only, ())) == 1:
        only = children[only][0]
        opened.add(only)
    chosen = [value.value for value in facet.values if value.filter in state.filters]
    opened |= {above for path in chosen for above in _ancestors(path)}
    shown = [value for value in facet.values if value.value.rpartition(PATH_SEPARATOR)[0] in opened]
    place = {value.value: (-value.count, value.value) for value in facet.values}
    return tuple(sorted(shown, key=lambda value: [place.get(path, (0, path)) for path in _ancestors(value.value)]))


def _ancestors(path: str) -> list[str]:
    """The path and every path above it, the widest first.

    >>> _ancestors("A > B")
    ['A', 'A > B']
    """
    parts = path.split(PATH_SEPARATOR)
    return [PATH_SEPARATOR.join(parts[:depth]) for depth in range(1, len(parts) + 1)]


def _plain_value(expression: str) -> str:
    found = _EQUALS.fullmatch(expression)
    return re.sub(r"\\(.)", r"\1", found[1]) if found else expression
