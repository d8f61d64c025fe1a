"""The ways to narrow a result, as a shopper reads them: groups of choices with counts, and chips for what is chosen."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from aisle.index import parse_filter
from aisle.index.disjunctive import conditions
from aisle.storefront.i18n import Language
from aisle.storefront.urls import SearchState, field_of, search_url
from aisle.types import Constraint, Facet, FacetValue

PATH_SEPARATOR = " > "
"""Between the names of a category path, as the index writes it."""

MANY = 8
"""Values of a facet that are shown at once; the others unfold, and can be searched."""

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
    filter: str = ""
    """Of a value of a facet: the filter expression that keeps its items."""


@dataclass(frozen=True, slots=True)
class Group:
    """The choices of one field."""

    field: str
    label: str
    choices: tuple[Choice, ...]
    base: str = ""
    """The address to which the filter of one more value is added."""
    readings: tuple[str, ...] = ()
    """Filters of this field alone that the query was understood to say: they give way to what is chosen here."""

    @property
    def searchable(self) -> bool:
        """True where a box to search inside the facet helps: many names, of which not all may be shown."""
        return self.field not in _RANGES and len(self.choices) > MANY


def facet_groups(
    lang: Language, currency: str, state: SearchState, facets: Iterable[Facet], constraints: Sequence[Constraint] = ()
) -> tuple[Group, ...]:
    """One group for each facet that offers a choice: one value alone is none, nor is one category in another.

    What the query was surely understood to say (`constraints`) shows as chosen.
    """
    groups = []
    for facet in facets:
        readings = readings_of(facet.field, constraints)
        on = {*state.filters, *readings}
        base = _base(state, facet, readings)
        shown = _open_branches(on, facet) if facet.field == "category" else facet.values
        choices = tuple(
            Choice(
                label=choice_label(lang, currency, facet.field, value),
                url=search_url(_clicked(state, base, value.filter, readings)),
                count=value.count,
                selected=value.filter in on,
                depth=value.value.count(PATH_SEPARATOR) if facet.field == "category" else 0,
                filter=value.filter,
            )
            for value in shown
            if value.count or value.filter in on
        )
        if len({choice.depth for choice in choices}) < len(choices) or any(choice.selected for choice in choices):
            label = field_label(lang, facet.field)
            groups.append(Group(facet.field, label, choices, search_url(base), readings))
    return tuple(groups)


def departments(facets: Iterable[Facet]) -> tuple[FacetValue, ...]:
    """The widest categories, the largest first."""
    values = (value for facet in facets if facet.field == "category" for value in facet.values)
    return tuple(value for value in values if PATH_SEPARATOR not in value.value)


def department_choice(lang: Language, department: FacetValue) -> Choice:
    """The way into a department."""
    state = SearchState(filters=(department.filter,))
    return Choice(choice_label(lang, "", "category", department), search_url(state), department.count)


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


def readings_of(field: str, constraints: Iterable[Constraint]) -> tuple[str, ...]:
    """The filters of sure constraints that speak of `field` alone: its values are counted as if these were absent."""
    sure = (one.filter for one in constraints if one.sure)
    read = ((text, conditions(parse_filter(text))) for text in sure)
    return tuple(text for text, found in read if not found.rest and set(found.by_field) == {field})


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


def _base(state: SearchState, facet: Facet, readings: Sequence[str]) -> SearchState:
    """The search to which a value is added: a category or a rating takes the place of another, other values add up."""
    free = replace(state, without=(*state.without, *readings), page=1)
    if facet.field in _ONE_AT_A_TIME:
        return free.only(facet.field)
    values = {value.filter for value in facet.values}
    stay = (text for text in readings if text in values and text not in state.filters)
    return replace(free, filters=(*state.filters, *stay))


def _clicked(state: SearchState, base: SearchState, expression: str, readings: Sequence[str]) -> SearchState:
    """The search after a click on a value: it is added, or taken away where it was on."""
    if expression in state.filters:
        return state.toggled(expression)
    if expression in readings:
        return replace(state, without=(*state.without, expression), page=1)
    return base.toggled(expression)


def _open_branches(on: Collection[str], facet: Facet) -> tuple[FacetValue, ...]:
    """The category tree in reading order: departments, and below the chosen category and its parents their children."""
    children: dict[str, list[str]] = {}
    for value in facet.values:
        children.setdefault(value.value.rpartition(PATH_SEPARATOR)[0], []).append(value.value)
    opened = {""}
    only = ""
    while len(children.get(only, ())) == 1:
        only = children[only][0]
        opened.add(only)
    chosen = [value.value for value in facet.values if value.filter in on]
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
