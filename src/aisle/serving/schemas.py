"""What requests may hold and what answers hold: checked for requests, documentation (and tests) for answers."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from aisle.errors import InputError, nearest
from aisle.index import parse_filter
from aisle.serving import examples
from aisle.types import MAX_ID_LENGTH, MAX_K, MAX_OFFSET, MAX_QUERY_LENGTH, EventKind, ShelfName, Sort, check_text


class Schema(BaseModel):
    """A JSON object that holds the named fields and no others."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _know_every_field(cls, given: Any) -> Any:
        for name in given if isinstance(given, Mapping) else ():
            if name not in cls.model_fields:
                context = {"field": str(name)[:100], "hint": nearest(str(name)[:100], cls.model_fields)}
                raise PydanticCustomError("unknown_field", 'unknown field "{field}"; {hint}', context)
        return given


_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*")
MAX_WITHOUT = 50
"""Constraints that one search may take back: more than any query of 1,000 characters says."""


def _example(value: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [value]})


def _printable(value: str, info: ValidationInfo) -> str:
    check_text(info.field_name or "the text", value)
    return value


def _language(value: str) -> str:
    if value and not _LANGUAGE.fullmatch(value):
        raise InputError(f"locale={value!r} is no language tag; give one such as en, zh or zh-CN")
    return value


def _readable(value: str) -> str:
    parse_filter(value)
    return value


Query = Annotated[str, Field(max_length=MAX_QUERY_LENGTH), AfterValidator(_printable)]
Filters = Annotated[str, Field(max_length=4_000), AfterValidator(_printable)]
Locale = Annotated[str, Field(max_length=35), AfterValidator(_printable), AfterValidator(_language)]
Id = Annotated[str, Field(max_length=MAX_ID_LENGTH), AfterValidator(_printable)]
Constraints = Annotated[list[Annotated[Filters, AfterValidator(_readable)]], Field(max_length=MAX_WITHOUT)]
K = Annotated[int, Field(ge=1, le=MAX_K, description="How many at most.")]
_WHO = "Who asks, where known."
_VISIT = "The visit that this is part of."
_LOCALE = "Language of the labels; by default the shop's first."


class SearchBody(Schema):
    """What a shopper searches for. An empty query browses: everything that passes the filters, most popular first."""

    model_config = _example(examples.SEARCH_REQUEST)
    query: Query = Field("", description="What was typed.")
    k: K = 10
    offset: int = Field(0, ge=0, le=MAX_OFFSET, description="Hits to skip: k times the number of earlier pages.")
    filters: Filters = Field("", description='A filter: price < 20 AND brand = "Volt".')
    sort: Sort = Field("relevance", description="The order of the hits.")
    facets: bool = Field(False, description="Also count the values of brand, category, price and attributes.")
    user_id: Id | None = Field(None, description=_WHO)
    session_id: Id | None = Field(None, description=_VISIT)
    locale: Locale | None = Field(None, description=_LOCALE)
    spelling: bool = Field(True, description="False searches for exactly what was typed.")
    without: Constraints = Field(
        [], description="The `filter` of each of an answer's `constraints` that the shopper has taken back."
    )
    grouped: bool = Field(False, description="Show one item of each group of variants.")


class RecommendBody(Schema):
    """Whom to recommend to. Without a user, or for an unknown one, the popular shelf answers."""

    model_config = _example(examples.RECOMMEND_REQUEST)
    user_id: Id | None = Field(None, description=_WHO)
    session_id: Id | None = Field(None, description=_VISIT)
    k: K = 10
    shelf: ShelfName = Field("for_you", description="Which shelf; for a stranger, popular answers for for_you.")
    shelves: bool = Field(False, description="Answer with all shelves of a home page instead of one.")
    next_act: bool = Field(False, description="Also say how likely each kind of act comes next.")


class CompleteQuery(Schema):
    """What was typed so far."""

    q: Query = Field("", description="The beginning of a query.")
    k: int = Field(8, ge=1, le=100, description="How many suggestions at most.")
    user_id: Id | None = Field(None, description="Who types, where known: what they like comes first.")
    locale: Locale | None = Field(None, description=_LOCALE)


class FacetQuery(Schema):
    """Which values of a facet are looked for, among which results."""

    prefix: Query = Field("", description="The beginning of a word of the value; empty for every value.")
    q: Query = Field("", description="The query whose results are counted; empty for every item.")
    filters: Filters = Field(
        "", description="The filter of these results; what it says of the field itself is not counted."
    )
    sort: Sort = Field(
        "relevance", description="The order of these results: all others leave the far-fetched ones out."
    )
    spelling: bool = Field(True, description="False counts the results for exactly what was typed.")
    without: Constraints = Field(
        [], description="The `filter` of each constraint that the shopper has taken back; may be repeated."
    )
    k: int = Field(10, ge=1, le=100, description="How many values at most.")
    locale: Locale | None = Field(None, description=_LOCALE)


class BesideQuery(Schema):
    """How many items beside one."""

    k: K = 10


class EventBody(Schema):
    """Something that happened in the shop. The kind "search" needs a query, every other kind an item."""

    model_config = _example(examples.EVENT)
    event_id: str = Field("", description="The same id twice is one event; drawn at random when absent.")
    kind: EventKind = Field(description="What happened.")
    timestamp: datetime | None = Field(None, description="When, with its UTC offset; now when absent.")
    user_id: str = Field("", max_length=MAX_ID_LENGTH, description="Who did it.")
    session_id: str = Field("", max_length=MAX_ID_LENGTH, description="The visit that it was part of.")
    item_id: str = Field("", max_length=MAX_ID_LENGTH, description="What it was done to.")
    query: str = Field("", max_length=MAX_QUERY_LENGTH, description="What had been searched for.")
    query_id: str = Field("", max_length=MAX_ID_LENGTH, description="The `query_id` of the search that it came from.")
    rank: int | None = Field(None, ge=1, description="The position at which the item was shown.")
    value: float | None = Field(None, ge=0, description="Stars of a rating, pieces of a cart or a purchase.")
    surface: str = Field("", description='Where: "search", "popular", "similar", "bought_together", "item".')


class EventsBody(Schema):
    """A batch of events: the good ones are kept, the others are reported with their reasons."""

    model_config = _example(examples.EVENTS_REQUEST)
    events: list[EventBody]


class TranslationAnswer(Schema):
    """What an item is called in another language."""

    title: str = ""
    description: str = ""
    category: list[str] = []
    attributes: dict[str, str | float | bool | list[str]] = {}


class ItemAnswer(Schema):
    """One item of the catalogue; fields that the shop left empty are left out."""

    model_config = _example(examples.ITEM)
    item_id: str
    title: str
    description: str = ""
    brand: str = ""
    category: list[str] = Field([], description="From the widest to the narrowest.")
    price: float | None = Field(None, description="In major units of the currency.")
    currency: str = ""
    stock: int | None = Field(None, description="Pieces at hand; absent when the shop does not say.")
    rating: float | None = Field(None, description="Mean rating, 0 to 5.")
    rating_count: int | None = None
    url: str = ""
    image_url: str = ""
    gtin: str = ""
    group_id: str = Field("", description="Shared by the variants of one product.")
    released_at: datetime | None = None
    attributes: dict[str, str | float | bool | list[str]] = {}
    translations: dict[str, TranslationAnswer] = Field({}, description="By language code.")


class ReasonAnswer(Schema):
    """One reason why an item is shown."""

    kind: str = Field(
        description="words, meaning, popular, rising, in_your_categories, taste, behaviour, similar, "
        "chosen_together, bought_together or because_viewed."
    )
    detail: str = ""


class HitAnswer(Schema):
    """One item of a slate."""

    model_config = _example(examples.HIT)
    item_id: str
    score: float
    rank: int = Field(description="From 1 on the first page.")
    item: ItemAnswer
    reasons: list[ReasonAnswer] = []
    variants: list[str] = Field([], description="Ids of its other variants among the results, where they are grouped.")
    highlights: dict[str, list[tuple[int, int]]] = Field(
        {}, description="By field: [start, end) of the characters that matched."
    )


class FacetValueAnswer(Schema):
    """One value of a facet."""

    value: str
    count: int = Field(description="Hits that carry it.")
    filter: str = Field(description="Send this as `filters` to keep these hits.")
    label: str = Field("", description="The value in the language of the request; empty when it has no translation.")


class FacetAnswer(Schema):
    """The values of one field among the hits."""

    model_config = _example(examples.FACET)
    field: str
    values: list[FacetValueAnswer]


class ConstraintAnswer(Schema):
    """Something that the query was understood to say about a field."""

    field: str
    filter: str = Field(description="The filter that says the same; send it in `without` to take it back.")
    label: str = Field(description="The words of the query that said it.")
    confidence: float = Field(description="0 to 1: the share of such readings that are right.")
    sure: bool = Field(description="True when it filters, false when it only moves what fits it up.")


class UnfilterAnswer(Schema):
    """A filter that stands between the shopper and results."""

    removed: str = Field(description="What would have to go.")
    remaining: str = Field(description="The filters that would stay: send these as `filters`.")
    n_hits: int = Field(description="Hits without it.")


class SearchAnswer(Schema):
    """One page of hits."""

    model_config = _example(examples.SEARCH_ANSWER)
    query_id: str = Field(description="Send it with the events that follow.")
    query: str
    n_hits: int = Field(description="Hits on all pages.")
    hits: list[HitAnswer]
    facets: list[FacetAnswer]
    latency_ms: float
    release_id: str
    corrected: str = Field(description="What was searched for in place of a misspelt query; else empty.")
    constraints: list[ConstraintAnswer] = Field(description="What the query was understood to say about fields.")
    relaxed: list[str] = Field(
        description='Words that were left out to find anything; ["*"] when the hits are near in meaning alone.'
    )
    ranker: str = Field(description='What ordered the hits: "fusion", "lambdamart", or "popularity" for browsing.')
    unfilters: list[UnfilterAnswer] = Field(
        [], description="Where nothing is found: the filters that stand in the way, the most helpful first."
    )
    degraded: list[str] = Field(
        [],
        description='What the answer had to do without: "lexical only" while the index on other machines is away, '
        '"profile" when it is not known what the shopper did last.',
    )


class SuggestionAnswer(Schema):
    """One completion of what was typed."""

    text: str
    kind: str = Field(description='"query", "item", "category" or "brand".')
    item_id: str = Field(description='Of the kind "item": which one; else empty.')
    filter: str = Field("", description='Of the kinds "category" and "brand": the filter that keeps its items.')
    path: list[str] = Field([], description='Of the kind "category": where it is, the widest first, itself last.')


class CompleteAnswer(Schema):
    """Completions, best first."""

    model_config = _example(examples.COMPLETE_ANSWER)
    suggestions: list[SuggestionAnswer]


class ShelfAnswer(Schema):
    """A recommended slate."""

    model_config = _example(examples.SHELF)
    name: str = Field(
        description='For a user "for_you", "because_viewed", "in_your_categories", "rising" or "popular"; beside an '
        'item "similar" or "bought_together".'
    )
    hits: list[HitAnswer]
    release_id: str
    latency_ms: float
    degraded: list[str] = Field([], description='As of a search: "profile".')


class RecommendAnswer(Schema):
    """One shelf, or all shelves of a home page: whichever was asked for."""

    model_config = _example(examples.RECOMMEND_ANSWER)
    shelf: ShelfAnswer | None = None
    shelves: list[ShelfAnswer] | None = None
    next_act: dict[str, float] | None = Field(
        None,
        description="Where it was asked for: the share of each kind of act, the likeliest first; they add up to 1.",
    )


class RejectedAnswer(Schema):
    """An event that was not kept."""

    index: int = Field(description="Its position in the batch, from 0.")
    reason: str


class EventsAnswer(Schema):
    """What became of a batch. Every accepted event is on the disk."""

    model_config = _example(examples.EVENTS_ANSWER)
    n_accepted: int
    n_new: int = Field(description="Accepted events whose event_id had not been seen before.")
    rejected: list[RejectedAnswer]


class HealthAnswer(Schema):
    """The process answers."""

    model_config = _example(examples.HEALTH_ANSWER)
    status: str


class RefusedAnswer(Schema):
    """Why a newer release does not serve."""

    reason: str
    since: datetime


class ReadyAnswer(Schema):
    """A release serves."""

    model_config = _example(examples.READY_ANSWER)
    status: str
    release_id: str
    degraded: list[str] = Field([], description="What is done without: parts not to be loaded, engines that are away.")
    refused: RefusedAnswer | None = Field(None, description="Present while a newer release cannot be loaded.")
    storage: RefusedAnswer | None = Field(
        None, description="Present while releases of the storage cannot be had; the one that is here goes on."
    )


class Problem(Schema):
    """What was given, what was expected, and what to do."""

    code: str = Field(description="For programs: stable across versions.")
    message: str = Field(description="For people.")
    field: str = Field("", description="The field of the request that is wrong, where one is.")
    rejected: list[RejectedAnswer] = Field([], description="Of a batch of events of which none is good.")
    request_id: str = Field(description="The same as in the header x-request-id and in the service's log.")


class ErrorAnswer(Schema):
    """The one shape of every error."""

    error: Problem
