"""From what a shopper typed to a page of results. Read this file first."""

from time import perf_counter
from uuid import uuid4

import numpy as np

from aisle.index import Filter, parse_filter
from aisle.pipelines.slate import Explained, make_hits
from aisle.ranking import linear_fusion
from aisle.releases import Release
from aisle.text import has_chinese, normalise, terms
from aisle.types import Candidates, Reason, Rows, Scores, SearchRequest, SearchResponse, no_candidates

MIN_RELEVANCE = 0.5
"""Sorted by price or the like, only results with this share of the best score are shown: the rest is far-fetched."""
MIN_SIMILARITY = 0.6
"""Items that are found by meaning alone have at least this share of the best cosine."""


def search(release: Release, request: SearchRequest) -> SearchResponse:
    """The page of results that `request` asks for.

    An empty query browses everything that passes the filters, the most popular first; a query
    that nothing matches has no hits. Raises InputError for a filter that cannot be read.
    """
    started = perf_counter()
    within = parse_filter(request.filters)
    query = normalise(request.query)
    found = _retrieve(release, query, within) if query else _browse(release, within)
    rows = _sorted(release, found.candidates, request)
    page = rows[request.offset : request.offset + request.k]
    scores = dict(zip(found.candidates.rows.tolist(), found.candidates.scores.tolist(), strict=True))
    return SearchResponse(
        query_id=uuid4().hex,
        query=request.query,
        hits=make_hits(release.catalogue, page, scores, found.explain, request.offset, set(terms(query))),
        n_hits=len(rows),
        facets=release.index.facets(rows, request.locale) if request.facets else (),
        latency_ms=round((perf_counter() - started) * 1_000, 3),
        release_id=release.release_id,
    )


def retrieve(release: Release, query: str, within: Filter | None = None) -> tuple[Candidates, Candidates, Candidates]:
    """The lexical, the dense and the fused candidates for a query in normal form."""
    settings, index = release.settings.search, release.index
    lexical = index.lexical(query, settings.depth, within)
    if settings.dense_weight == 0 or (has_chinese(query) and not release.settings.encoder.chinese):
        return lexical, no_candidates("dense"), lexical
    vector = release.encoder.encode_queries([query])[0]
    dense = _near(index.dense(vector, settings.depth, within), settings.min_cosine)
    rows = np.union1d(lexical.rows, dense.rows)
    cosines = index.cosines(vector, rows)
    return lexical, dense, linear_fusion(lexical, rows, cosines, settings.lexical_weight, settings.dense_weight)


def _near(dense: Candidates, min_cosine: float) -> Candidates:
    if not len(dense):
        return dense
    return dense.top(int((dense.scores >= max(min_cosine, MIN_SIMILARITY * dense.scores[0])).sum()))


def _retrieve(release: Release, query: str, within: Filter | None) -> Explained:
    lexical, dense, fused = retrieve(release, query, within)
    matched = set(lexical.rows.tolist())
    near = dict(zip(dense.rows.tolist(), dense.scores.tolist(), strict=True))

    def explain(row: int) -> tuple[Reason, ...]:
        words = (Reason("words"),) if row in matched else ()
        return (*words, Reason("meaning", f"{near[row]:.2f}")) if row in near else words

    return Explained(fused, explain)


def _browse(release: Release, within: Filter | None) -> Explained:
    rows = release.index.browse(within)
    scores = _popularity(release, rows)
    order = np.argsort(-scores, kind="stable")
    return Explained(Candidates(rows[order], scores[order], "popularity"), lambda _: (Reason("popular"),))


def _sorted(release: Release, found: Candidates, request: SearchRequest) -> Rows:
    if request.sort == "relevance":
        return found.rows
    rows = found.rows
    if request.query.strip() and len(found):
        rows = rows[found.scores >= MIN_RELEVANCE * found.scores[0]]
    if request.sort == "popularity":
        return rows[np.argsort(-_popularity(release, rows), kind="stable")]
    return release.index.order(rows, request.sort)


def _popularity(release: Release, rows: Rows) -> Scores:
    learned = release.popularity.scores_
    scores = np.zeros(len(rows), np.float32)
    known = rows < len(learned)
    scores[known] = learned[rows[known]]
    return scores
