"""The words of this house: frozen values that every floor speaks in. Imports nothing of ours but the errors."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError, nearest

Vectors = NDArray[np.float32]
"""(n, dim) float32, each row L2-normalised or all zero."""
Rows = NDArray[np.int64]
"""(n,) int64 item rows: our own integer positions. Only the id map turns them into item ids."""
Scores = NDArray[np.float32]
"""(n,) float32, higher is better."""
AttributeValue = str | float | bool | tuple[str, ...]

EventKind = Literal[
    "impression", "search", "view", "click", "cart", "purchase", "favorite", "rate", "dislike", "return"
]
EVENT_KINDS: tuple[EventKind, ...] = get_args(EventKind)

MAX_ID_LENGTH = 512
MAX_QUERY_LENGTH = 1_000
MAX_TEXT_LENGTH = 100_000
MAX_COUNT = 2**53
"""The largest whole number that every reader of JSON keeps exact."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Control characters, and halves of surrogate pairs: neither databases nor JSON can hold them."""


def check_id(name: str, value: object) -> None:
    """Raise InputError unless `value` is a usable id: 1 to 512 characters, none of them a control character."""
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{name} is missing or empty: {value!r}; give a non-empty string")
    if len(value) > MAX_ID_LENGTH:
        raise InputError(f"{name} has {len(value)} characters; at most {MAX_ID_LENGTH} are allowed")
    if not value.isprintable() and (_CONTROL.search(value) or not {"\n", "\r", "\t"}.isdisjoint(value)):
        raise InputError(f"{name} holds a control character: {value[:80]!r}; remove it")


def check_text(name: str, value: str, limit: int = MAX_TEXT_LENGTH) -> None:
    """Raise InputError when `value` is longer than `limit` characters or holds a control character."""
    if len(value) > limit:
        raise InputError(f"{name} has {len(value):,} characters; at most {limit:,} are allowed; shorten it")
    if not value.isprintable() and (found := _CONTROL.search(value)):
        raise InputError(f"{name} holds the control character {found.group()!r}; remove it")


def check_number(name: str, value: float | None, low: float = 0.0, high: float = math.inf) -> None:
    """Raise InputError unless `value` is None or a finite number between `low` and `high`."""
    if value is not None and not (math.isfinite(value) and low <= value <= high):
        wanted = f"at least {low:g}" if math.isinf(high) else f"between {low:g} and {high:g}"
        raise InputError(f"{name}={value!r}; expected a finite number, {wanted}")


def check_utc(name: str, value: datetime) -> None:
    """Raise InputError unless `value` carries the UTC offset zero."""
    if value.utcoffset() is None or value.astimezone(UTC).utcoffset() != value.utcoffset():
        raise InputError(f"{name}={value.isoformat()} is not in UTC; convert it: value.astimezone(UTC)")


def check_attributes(attributes: Mapping[str, AttributeValue]) -> None:
    """Raise InputError unless every value is a text, a finite number, true or false, or a tuple of texts."""
    for name, value in attributes.items():
        check_text("the name of an attribute", name)
        if isinstance(value, str):
            check_text(name, value)
        elif isinstance(value, tuple):
            for part in value:
                check_text(name, part)
        elif isinstance(value, int):
            if abs(value) > MAX_COUNT:
                raise InputError(f"{name}={value}; whole numbers beyond 2**53 lose digits in JSON; give it as text")
        elif not isinstance(value, float) or not math.isfinite(value):
            raise InputError(f"{name}={value!r}; expected text, a finite number, true or false, or a tuple of texts")


@dataclass(frozen=True, slots=True)
class Translation:
    """What an item is called in another language. Empty fields fall back to the item's own."""

    title: str = ""
    description: str = ""
    category: tuple[str, ...] = ()
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    """Translated values under the item's own attribute names."""

    def __post_init__(self) -> None:
        for text in (self.title, self.description, *self.category):
            check_text("translation", text)
        check_attributes(self.attributes)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in the catalogue. Raises InputError when a value cannot be right."""

    item_id: str
    title: str
    description: str = ""
    brand: str = ""
    category: tuple[str, ...] = ()
    """The path from the widest to the narrowest: ("Electronics", "Audio", "Headphones")."""
    price: float | None = None
    """In major units of `currency` (19.95 is nineteen euro and ninety-five cents)."""
    currency: str = ""
    stock: int | None = None
    """Pieces at hand; None when the shop does not say, which counts as in stock."""
    rating: float | None = None
    """Mean rating, 0 to 5."""
    rating_count: int | None = None
    url: str = ""
    image_url: str = ""
    gtin: str = ""
    group_id: str = ""
    """Shared by the variants (sizes, colours) of one product."""
    released_at: datetime | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    translations: Mapping[str, Translation] = field(default_factory=dict)
    """By language code: {"zh": Translation(...)}."""

    def __post_init__(self) -> None:
        check_id("item_id", self.item_id)
        if not self.title.strip():
            raise InputError(f"title of item {self.item_id!r} is empty; every item needs a title")
        check_text("title", self.title)
        check_text("description", self.description)
        for name in ("brand", "currency", "url", "image_url", "gtin", "group_id"):
            if text := getattr(self, name):
                check_text(name, text)
        for part in self.category:
            check_text("category", part)
        check_number("price", self.price)
        check_number("stock", self.stock, 0, MAX_COUNT)
        check_number("rating", self.rating, 0, 5)
        check_number("rating_count", self.rating_count, 0, MAX_COUNT)
        check_attributes(self.attributes)
        if self.released_at is not None:
            check_utc("released_at", self.released_at)

    @property
    def in_stock(self) -> bool:
        """True unless the shop says that none is left."""
        return self.stock is None or self.stock > 0


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, at a UTC time. Raises InputError when a value cannot be right.

    Fields follow OpenSearch's User Behavior Insights where it has one: `query_id` ties what was
    done to the search it came from, `rank` is the position (from 1) at which the item was shown.
    """

    event_id: str
    kind: EventKind
    timestamp: datetime
    user_id: str = ""
    session_id: str = ""
    item_id: str = ""
    """Empty only for the kind "search"."""
    query: str = ""
    query_id: str = ""
    rank: int | None = None
    value: float | None = None
    """Stars for "rate", pieces for "cart" and "purchase"."""
    surface: str = ""
    """Where it happened: "search", "popular", "rising", "similar", "bought_together", "item", ..."""

    def __post_init__(self) -> None:
        check_id("event_id", self.event_id)
        if self.kind not in EVENT_KINDS:
            raise InputError(f"kind={self.kind!r} is not an event kind; {nearest(str(self.kind), EVENT_KINDS)}")
        check_utc("timestamp", self.timestamp)
        if self.kind == "search":
            if not self.query.strip():
                raise InputError("an event of kind 'search' needs a query")
        else:
            check_id("item_id", self.item_id)
        for name in ("user_id", "session_id", "query_id", "surface"):
            if value := getattr(self, name):
                check_id(name, value)
        check_text("query", self.query, MAX_QUERY_LENGTH)
        check_number("rank", self.rank, 1, MAX_COUNT)
        check_number("value", self.value)


@dataclass(frozen=True, slots=True)
class Judgment:
    """A person's grade of an item for a query: 0 is irrelevant, higher is better."""

    query: str
    item_id: str
    grade: int

    def __post_init__(self) -> None:
        check_id("item_id", self.item_id)
        if not self.query.strip():
            raise InputError("query of a judgment is empty; give the text that was searched for")
        check_text("query", self.query, MAX_QUERY_LENGTH)
        check_number("grade", self.grade, 0, MAX_COUNT)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Items that a retriever or a model proposes, best first."""

    rows: Rows
    """(n,) int64, each row at most once."""
    scores: Scores
    """(n,) float32, never increasing."""
    source: str
    """Who proposed them: "lexical", "dense", "item_knn", ..."""

    def __len__(self) -> int:
        return len(self.rows)

    def top(self, k: int) -> "Candidates":
        """The first `k` of them."""
        return Candidates(self.rows[:k], self.scores[:k], self.source)


def no_candidates(source: str) -> Candidates:
    """An empty proposal, the ordinary answer to an empty query, an unknown item or a new user."""
    return Candidates(np.empty(0, np.int64), np.empty(0, np.float32), source)


SHORT = 1_000
"""So many scores are sorted at once: to look for the best ones first would take longer."""


def best_first(scores: Scores, k: int, source: str, rows: Rows | None = None) -> Candidates:
    """The `k` highest of `scores` as candidates; ties go to the lower position.

    `scores` is (n,) float32, where -inf leaves an item out; `rows` names the row of each position
    (default: 0 to n-1).

    >>> best_first(np.array([1, 3, 3, -np.inf], np.float32), 2, "x").rows.tolist()
    [1, 2]
    """
    positions = np.isfinite(scores).nonzero()[0]
    if k < len(positions) and len(positions) > SHORT:
        kept = scores[positions]
        threshold = np.partition(kept, len(kept) - k)[len(kept) - k]
        above = positions[kept > threshold]
        tied = positions[kept == threshold][: k - len(above)]
        positions = np.sort(np.concatenate([above, tied]))
    order = positions[(-scores[positions]).argsort(kind="stable")[:k]]
    chosen = order if rows is None else rows[order]
    return Candidates(chosen.astype(np.int64, copy=False), scores[order].astype(np.float32, copy=False), source)


def union(one: Rows, other: Rows) -> Rows:
    """The rows of both, each once, ascending; quicker than numpy's for a few hundred.

    >>> union(np.array([4, 1]), np.array([2, 4])).tolist()
    [1, 2, 4]
    """
    rows = np.sort(np.concatenate([one, other]))
    first = np.ones(len(rows), bool)
    np.not_equal(rows[1:], rows[:-1], out=first[1:])
    return rows[first]


def among(rows: Rows, others: Rows) -> NDArray[np.bool_]:
    """(len(rows),) bool: which of `rows` are among `others`, which ascend.

    >>> among(np.array([5, 2, 9]), np.array([2, 3, 5])).tolist()
    [True, True, False]
    """
    if not len(others):
        return np.zeros(len(rows), bool)
    return np.asarray(others[np.minimum(np.searchsorted(others, rows), len(others) - 1)] == rows)


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


ShelfName = Literal["for_you", "because_viewed", "in_your_categories", "rising", "popular"]
"""The shelves for a user, in the order of a home page."""
SHELF_NAMES: tuple[ShelfName, ...] = get_args(ShelfName)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A recommended slate with its name: one of SHELF_NAMES, or of an item "similar" or "bought_together"."""

    name: str
    hits: tuple[Hit, ...]
    release_id: str = ""
    latency_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One completion of what was typed so far."""

    text: str
    kind: Literal["query", "item", "category", "brand"]
    item_id: str = ""
    """For the kind "item": which one."""
    filter: str = ""
    """For the kinds "category" and "brand": the filter expression that keeps its items."""
    path: tuple[str, ...] = ()
    """For the kind "category": where it is, the widest first, itself last, in the language of `text`."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row of a feed that could not be read, and why."""

    source: str
    """The file or address it came from."""
    line: int
    """From 1; for formats without lines, the number of the record."""
    reason: str
    row: str
    """The row as it was, cut to 2,000 characters."""
    replaces: bool = False
    """True for a repeated id: the row went in, in place of the one before."""
