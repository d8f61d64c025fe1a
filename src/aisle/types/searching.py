"""What is asked of a search, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from aisle.errors import InputError, nearest
from aisle.types.checks import MAX_QUERY_LENGTH, check_text
from aisle.types.items import Item


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason why an item is on the slate, for machines (`kind`) and people (`detail`).

    Kinds: "words" (detail: the matched words), "meaning" (detail: the cosine), "popular", "rising" (chosen more
    than before), "in_your_categories" (popular where the shopper looks; detail: the category path), "taste"
    (like what the shopper chose before), "behaviour" (chosen by those who chose the same), "similar",
    "chosen_together" and "bought_together" (detail: the other item's id), "because_viewed" (detail: item id).
    """

    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """One item of a slate. `rank` starts at 1 on the first page."""

    item_id: str
    score: float
    rank: int
    item: Item
    reasons: tuple[Reason, ...] = ()
    variants: tuple[str, ...] = ()
    """Ids of the other variants of this product among the results, where they are grouped."""
    highlights: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    """By field ("title", "description"): [start, end) character spans that matched the query."""


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet and how many of the results carry it."""

    value: str
    count: int
    filter: str
    """The filter expression that keeps these items: `brand = "Sony"`."""
    label: str = ""
    """The value in the language of the request; empty when it has no translation."""


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of one field among the results, most frequent first (price ranges: cheapest first)."""

    field: str
    values: tuple[FacetValue, ...]


Sort = Literal["relevance", "price_asc", "price_desc", "rating", "newest", "popularity"]
SORTS: tuple[Sort, ...] = get_args(Sort)


@dataclass(frozen=True, slots=True)
class Constraint:
    """Something that a query says about a field: "under 500 euro", "red", a brand."""

    field: str
    filter: str
    """The filter expression that says the same: `price <= 500`."""
    label: str
    """The words of the query that said it."""
    confidence: float
    """0 to 1, calibrated: the share of such readings that are right."""
    sure: bool
    """Sure ones filter, others only boost."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What a shopper asked for. Raises InputError when a value is out of range.

    An empty query browses: all items that pass the filters, most popular first.
    """

    query: str = ""
    k: int = 10
    offset: int = 0
    filters: str = ""
    """A filter expression: `price < 20 AND brand = "Sony"`."""
    sort: Sort = "relevance"
    facets: bool = False
    user_id: str = ""
    session_id: str = ""
    locale: str = "en"
    spelling: bool = True
    """False searches for exactly what was typed."""
    without: tuple[str, ...] = ()
    """Filter expressions of recognised constraints that the shopper has taken back."""
    grouped: bool = False
    """Show one item of each group of variants."""

    def __post_init__(self) -> None:
        check_text("query", self.query, MAX_QUERY_LENGTH)
        check_page(self.k, self.offset)
        check_text("filters", self.filters, 4_000)
        if self.sort not in SORTS:
            raise InputError(f"sort={self.sort!r} is not a sort order; {nearest(str(self.sort), SORTS)}")


MAX_K = 1_000
MAX_OFFSET = 10_000


def check_page(k: int, offset: int = 0) -> None:
    """Raise InputError unless 1 <= k <= 1000 and 0 <= offset <= 10000."""
    if not 1 <= k <= MAX_K:
        raise InputError(f"k={k}; expected 1 <= k <= {MAX_K}; ask for further pages with offset")
    if not 0 <= offset <= MAX_OFFSET:
        raise InputError(f"offset={offset}; expected 0 <= offset <= {MAX_OFFSET}; narrow the search with filters")


@dataclass(frozen=True, slots=True)
class Unfilter:
    """A filter that the shopper may take away, and how many results there are without it."""

    removed: str
    """In the filter language: `price < 20`."""
    remaining: str
    """The filters that stay, empty for none."""
    n_hits: int


@dataclass(frozen=True, slots=True)
class SearchResponse:
    """The slate of one search."""

    query_id: str
    """Send it back with the events that follow, so that clicks find their search."""
    query: str
    hits: tuple[Hit, ...]
    n_hits: int
    """Items in the whole result, of which `hits` is one page."""
    facets: tuple[Facet, ...] = ()
    latency_ms: float = 0.0
    release_id: str = ""
    corrected: str = ""
    """What was searched for instead of `query`, where its spelling was mended; else empty."""
    constraints: tuple[Constraint, ...] = ()
    """What the query was understood to say about fields."""
    relaxed: tuple[str, ...] = ()
    """Words that were left out to find anything; ("*",) when only the meaning was left."""
    ranker: str = ""
    """What ordered the hits: "fusion", "lambdamart", or "popularity" where nothing was typed."""
    unfilters: tuple[Unfilter, ...] = ()
    """Where nothing is found: the filters that stand in the way."""
    degraded: tuple[str, ...] = ()
    """What the answer had to do without, since an engine on another machine did not answer.

    "lexical only": the index; "profile": it is not known what the shopper did last.
    """
