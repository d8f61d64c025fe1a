"""What the shop made of a query, and the ways to take it back: the mended spelling, and what was understood."""

from dataclasses import dataclass, replace

from aisle.index import parse_filter
from aisle.index.disjunctive import conditions
from aisle.storefront.facets import Choice, field_label, readings_of
from aisle.storefront.i18n import Language
from aisle.storefront.urls import SearchState, search_url
from aisle.types import SearchResponse


@dataclass(frozen=True, slots=True)
class Understood:
    """Something that the query was understood to say, as a chip; its address is the same search read without it."""

    field: str
    """What the field is called."""
    words: str
    """The words of the query."""
    url: str
    sure: bool
    """True when it filters, false when what fits it only comes first."""


def understood(lang: Language, state: SearchState, found: SearchResponse) -> tuple[Understood, ...]:
    """One chip for each recognised constraint but those that the shopper chose as a filter anyway."""
    return tuple(
        Understood(
            field_label(lang, one.field),
            one.label,
            search_url(replace(state, without=(*state.without, one.filter), page=1)),
            one.sure,
        )
        for one in found.constraints
        if one.filter not in state.filters
    )


def ways_out(lang: Language, state: SearchState, found: SearchResponse) -> tuple[Choice, ...]:
    """Where filters leave nothing: what lies behind them, each choice without the conditions of some fields."""
    choices = []
    for one in found.unfilters:
        wider, labels = state, []
        for field in conditions(parse_filter(one.removed)).by_field:
            wider = _without(wider, field, found)
            labels.append(field_label(lang, field))
        if labels:
            choices.append(Choice(lang.say("list.separator").join(labels), search_url(wider), one.n_hits))
    return tuple(choices)


def _without(state: SearchState, field: str, found: SearchResponse) -> SearchState:
    """The search without anything said of `field`, by the shopper or by the query."""
    free = state.only(field)
    if field == "price":
        free = replace(free, price_min=None, price_max=None)
    return replace(free, without=(*free.without, *readings_of(field, found.constraints)))


def as_typed_url(state: SearchState, found: SearchResponse) -> str:
    """The address of the search for exactly what was typed; empty where nothing else was searched for."""
    return search_url(replace(state, spelling=False, page=1)) if found.corrected else ""


def by_meaning_alone(found: SearchResponse) -> bool:
    """True when the hits are there for their meaning alone: none of those shown holds a word of the query."""
    kinds = {reason.kind for hit in found.hits for reason in hit.reasons}
    return found.relaxed == ("*",) or ("meaning" in kinds and "words" not in kinds)
