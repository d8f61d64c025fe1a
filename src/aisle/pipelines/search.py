"""From what a shopper typed to a page of results. Read this file first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TypeVar
from uuid import uuid4

import numpy as np

from aisle.errors import AwayError
from aisle.index import Filter, cosines, near_misses, parse_filter
from aisle.pipelines.relax import RELAXED_COSINE, relax, weigh
from aisle.pipelines.slate import Explain, Explained, make_hits
from aisle.pipelines.understand import Understood, understand
from aisle.pipelines.unfilter import suggest_unfilters
from aisle.ranking import (
    Collapsed,
    Found,
    brand_shares,
    collapse_variants,
    demote_sold_out,
    diversify,
    prefer,
    rerank,
)
from aisle.recommenders import history_of
from aisle.releases import Release
from aisle.text import has_chinese, item_text, terms
from aisle.text.language import Word
from aisle.types import (
    Candidates,
    Constraint,
    Event,
    Facet,
    FacetValue,
    Reason,
    Rows,
    Scores,
    SearchRequest,
    SearchResponse,
    Unfilter,
    among,
    no_candidates,
    union,
)

T = TypeVar("T")
LEXICAL_ONLY = "lexical only"
"""What a response says when nothing was looked for by meaning, since the engine for it is away."""
MIN_RELEVANCE = 0.5
"""Sorted by price or the like, only results with this share of the best score are shown: the rest is far-fetched."""
MIN_SIMILARITY = 0.6
"""Items that are found by meaning alone have at least this share of the best cosine."""
SAME_MEANING = 0.5
"""An item this near answers the query, whatever its words."""


def search(release: Release, request: SearchRequest, events: Callable[[], Sequence[Event]] = tuple) -> SearchResponse:
    """The page of results that `request` asks for; `events` gives what the shopper did, newest first.

    An empty query browses everything that passes the filters, the most popular first. A query that
    nothing matches gives way word by word, and at last to what is nearest in meaning, and says so.
    While an engine on another machine is away, what this process holds answers, and the response says so.
    Raises InputError for a filter that cannot be read.
    """
    started = perf_counter()
    found, degraded = _answered(release, lambda answering: _search(answering, request, events))
    return replace(found, degraded=degraded, latency_ms=round((perf_counter() - started) * 1_000, 3))


def _answered(release: Release, ask: Callable[[Release], T]) -> tuple[T, tuple[str, ...]]:
    """What `release` answers, or what it does alone where an engine is away; and what was done without."""
    try:
        return ask(release), ()
    except AwayError:
        return ask(release.alone), (LEXICAL_ONLY,)


def _search(release: Release, request: SearchRequest, events: Callable[[], Sequence[Event]]) -> SearchResponse:
    answer = _personal(release, _remembered(release, request), request, events)
    asked, ordered, variants = answer.asked, answer.ordered, answer.variants
    page = slice(request.offset, request.offset + request.k)
    shown = ordered.rows if variants is None else variants.rows
    places = page if variants is None else variants.places[page]
    scores = dict(zip(shown[page].tolist(), ordered.scores[places].tolist(), strict=True))
    return SearchResponse(
        query_id=uuid4().hex,
        query=request.query,
        hits=make_hits(
            release.catalogue,
            shown[page],
            scores,
            answer.explain,
            request.offset,
            _highlighted(asked.words),
            None if variants is None else variants.variants,
            () if has_chinese(asked.query) else (request.locale,),
        ),
        n_hits=len(shown),
        facets=_facets(release, answer, request) if request.facets else (),
        release_id=release.release_id,
        corrected=asked.corrected,
        constraints=asked.constraints,
        relaxed=answer.relaxed,
        ranker=release.ranker.name if asked.query else "popularity",
        unfilters=answer.unfilters,
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that a query finds, in order; a page and its facets are cut from it."""

    asked: Understood
    found: Candidates
    """By relevance to anybody."""
    ordered: Candidates
    """As shown: in the chosen order, with variety and what is sold out further down."""
    explain: Explain
    variants: Collapsed | None
    relaxed: tuple[str, ...]
    unfilters: tuple[Unfilter, ...]


def _remembered(release: Release, request: SearchRequest) -> Answer:
    """The answer to all requests that differ only in page, facets and who asks."""
    whole = replace(request, k=1, offset=0, facets=False, user_id="", session_id="")
    return release.remembered.get(whole, release.index.columns, lambda: _answer(release, whole))


def _answer(release: Release, request: SearchRequest) -> Answer:
    asked = understand(release, request)
    asked, found, relaxed = _retrieve(release, asked) if asked.query else (asked, None, ())
    answer = _ordered(release, found, asked) if found else _browse(release, asked.within)
    ordered = _sorted(release, answer.candidates, request, bool(asked.query))
    grouped = collapse_variants(ordered.rows, release.traits.groups) if request.grouped else None
    unfilters = () if len(ordered) else _unfilters(release, asked)
    return Answer(asked, answer.candidates, ordered, answer.explain, grouped, relaxed, unfilters)


def _personal(
    release: Release, answer: Answer, request: SearchRequest, events: Callable[[], Sequence[Event]]
) -> Answer:
    """The answer in the order of one shopper, where something is known of them. It is not remembered for others."""
    weight = release.settings.search.personal
    if not weight or not answer.asked.query or request.sort != "relevance" or not len(answer.found):
        return answer
    told = events()
    if not told:
        return answer
    history = history_of(told, release.catalogue.rows, release.settings.recommend)
    traits = release.traits
    found = prefer(answer.found, history, traits, weight)
    if found is answer.found:
        return answer
    history = history.known(len(traits.brands))
    shares = brand_shares(found.rows, history, traits)
    liked = set(found.rows[shares > 0].tolist())

    def explain(row: int) -> tuple[Reason, ...]:
        return (*answer.explain(row), Reason("taste")) if row in liked else answer.explain(row)

    ordered = _late(release, found, searched=True)
    grouped = collapse_variants(ordered.rows, traits.groups) if request.grouped else None
    return replace(answer, ordered=ordered, explain=explain, variants=grouped)


def retrieve(release: Release, asked: Understood) -> Found:
    """What words and meaning propose, with the cosines of all of it."""
    lexical, dense, rows = _propose(release, asked)
    return _compared(release, asked, lexical, dense, rows)


def _propose(release: Release, asked: Understood) -> tuple[Candidates, Candidates, Rows]:
    """What words propose, what meaning proposes, and the rows of both, ascending."""
    settings, index = release.settings.search, release.index
    lexical = index.lexical(asked.words, settings.depth, asked.within)
    dense = no_candidates("dense")
    if asked.vector is not None and settings.dense_weight > 0:
        dense = _near(index.dense(asked.vector, settings.depth, asked.within), settings.min_cosine)
    return lexical, dense, union(lexical.rows, dense.rows)


def _compared(release: Release, asked: Understood, lexical: Candidates, dense: Candidates, rows: Rows) -> Found:
    vectors = release.index.vectors[rows]
    near = np.zeros(len(rows), np.float32) if asked.vector is None else cosines(vectors, asked.vector)
    return Found(asked.query, lexical, dense, rows, near, vectors, asked.categories)


def _retrieve(release: Release, asked: Understood) -> tuple[Understood, Found, tuple[str, ...]]:
    """The query as it was searched for at last, what it found, and the words that were left out; ("*",) for all."""
    found = retrieve(release, asked)
    if len(found.cosines) and found.cosines.max() >= SAME_MEANING:
        return asked, found, ()
    if not len(found.rows):
        return asked, *_nearest(release, asked)
    words = [word.term_text for word in asked.words]
    if len(words) < 2 or release.index.count(asked.words, asked.within):
        return asked, found, ()
    optional = [word.term_text for word in asked.words if word.optional]
    known = weigh(words, lambda word: release.index.count(word), release.index.n_items, optional)
    by_text = {word.term_text: word for word in asked.words}
    left = relax(known, lambda kept: release.index.count([by_text[word] for word in kept], asked.within))
    if not left.words or not left.dropped:
        return asked, found, ()
    weaker = replace(asked, words=[by_text[word] for word in left.words])
    return weaker, retrieve(release, weaker), left.dropped


def _nearest(release: Release, asked: Understood) -> tuple[Found, tuple[str, ...]]:
    nothing = no_candidates("lexical")
    if asked.vector is None or release.settings.search.dense_weight == 0:
        return Found(asked.query, nothing, nothing, nothing.rows, nothing.scores), ()
    index, depth = release.index, release.settings.search.depth
    dense = _near(index.dense(asked.vector, depth, asked.within), RELAXED_COSINE)
    found = _compared(release, asked, nothing, dense, np.sort(dense.rows))
    return found, ("*",) if len(dense) else ()


def _near(dense: Candidates, min_cosine: float) -> Candidates:
    if not len(dense):
        return dense
    return dense.top(int((dense.scores >= max(min_cosine, MIN_SIMILARITY * dense.scores[0])).sum()))


def _ordered(release: Release, found: Found, asked: Understood) -> Explained:
    ranked = _boosted(release, release.ranker.rank(found), asked.constraints)
    matched = set(found.lexical.rows.tolist())
    near = dict(zip(found.dense.rows.tolist(), found.dense.scores.tolist(), strict=True))

    def explain(row: int) -> tuple[Reason, ...]:
        words = (Reason("words"),) if row in matched else ()
        return (*words, Reason("meaning", f"{near[row]:.2f}")) if row in near else words

    return Explained(_judged(release, ranked, asked.query), explain)


def _judged(release: Release, ranked: Candidates, query: str) -> Candidates:
    """The first results in the order of a second opinion, where the shop has chosen a cross-encoder."""
    settings = release.settings.search
    if release.reranker is None:
        return ranked
    texts = [item_text(release.catalogue.item(row)) for row in ranked.rows[: settings.rerank_top].tolist()]
    return rerank(ranked, release.reranker.score(query, texts), settings.rerank_weight)


def _boosted(release: Release, ranked: Candidates, constraints: Sequence[Constraint]) -> Candidates:
    """What was recognised but is not sure moves the items that fit it up."""
    scores = ranked.scores.copy()
    for one in constraints:
        if not one.sure:
            fitting = release.index.browse(parse_filter(one.filter))
            weight = release.settings.understand.boost * one.confidence
            scores[among(ranked.rows, fitting)] += np.float32(weight)
    order = np.argsort(-scores, kind="stable")
    return Candidates(ranked.rows[order], scores[order], ranked.source)


def _browse(release: Release, within: Filter | None) -> Explained:
    rows = release.index.browse(within)
    scores = _popularity(release, rows)
    order = np.argsort(-scores, kind="stable")
    return Explained(Candidates(rows[order], scores[order], "popularity"), lambda _: (Reason("popular"),))


def _sorted(release: Release, found: Candidates, request: SearchRequest, searched: bool) -> Candidates:
    """The candidates in the order that the shopper chose; by price and the like, the relevant ones alone."""
    if request.sort == "relevance":
        return _late(release, found, searched)
    found = _relevant(found) if searched else found
    if request.sort == "popularity":
        rows = found.rows[np.argsort(-_popularity(release, found.rows), kind="stable")]
    else:
        rows = release.index.order(found.rows, request.sort)
    by_row = np.argsort(found.rows)
    scores = found.scores[by_row][np.searchsorted(found.rows[by_row], rows)]
    return Candidates(rows, scores, found.source)


def _relevant(found: Candidates) -> Candidates:
    return found.top(int((found.scores >= MIN_RELEVANCE * found.scores[0]).sum())) if len(found) else found


def _late(release: Release, found: Candidates, searched: bool) -> Candidates:
    """Variety on the first page, and what cannot be bought behind what can."""
    settings, traits = release.settings.search, release.traits
    if searched:
        found = diversify(found, [traits.brands, traits.categories], settings.diversity)
    return demote_sold_out(found, traits.sold_out, settings.sold_out_factor)


def _unfilters(release: Release, asked: Understood) -> tuple[Unfilter, ...]:
    return suggest_unfilters(asked.within, lambda within: len(found_rows(release, replace(asked, within=within))))


def _facets(release: Release, answer: Answer, request: SearchRequest) -> tuple[Facet, ...]:
    """Counts among the results; a field that is filtered by is counted as if it were not."""
    beside = _beside(release, answer.asked, request)
    return release.index.facets(answer.ordered.rows, request.locale, answer.asked.within, beside)


def _beside(release: Release, asked: Understood, request: SearchRequest) -> Rows | None:
    """(n,) int64: the results without the condition of any one field, cut as those of the request; None without any."""
    wider = near_misses(asked.within)
    if wider is None:
        return None
    asked = replace(asked, within=wider)
    if request.sort == "relevance" or not asked.query:
        return found_rows(release, asked)
    return _relevant(_ordered(release, retrieve(release, asked), asked).candidates).rows


def facet_values(release: Release, request: SearchRequest, field: str, prefix: str, k: int) -> tuple[FacetValue, ...]:
    """At most `k` values of `field` with a word that begins with `prefix`, among what `request` finds.

    The field's own filter does not narrow them. Raises InputError for an unknown field.
    """
    return _answered(release, lambda answering: _facet_values(answering, request, field, prefix, k))[0]


def _facet_values(release: Release, request: SearchRequest, field: str, prefix: str, k: int) -> tuple[FacetValue, ...]:
    answer = _remembered(release, request)
    asked, beside = answer.asked, _beside(release, answer.asked, request)
    pool = release.index.facet_rows(field, answer.ordered.rows, asked.within, beside)
    return release.index.facet_values(field, prefix, pool, k, request.locale)


def found_rows(release: Release, asked: Understood) -> Rows:
    """(n,) int64: everything that a query finds, in no particular order."""
    return _propose(release, asked)[2] if asked.query else release.index.browse(asked.within)


def _highlighted(words: Sequence[Word]) -> set[str]:
    """The terms of all ways to say the words."""
    texts = [text for word in words for text in (word.term_text, *(other for other, _ in word.alternatives))]
    return {term for text in texts for term in terms(text)}


def _popularity(release: Release, rows: Rows) -> Scores:
    learned = release.popularity.scores_
    scores = np.zeros(len(rows), np.float32)
    known = rows < len(learned)
    scores[known] = learned[rows[known]]
    return scores
