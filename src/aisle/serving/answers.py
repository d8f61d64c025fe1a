"""The JSON form of what the shop answers, as orjson wants it: it writes frozen dataclasses and tuples by itself."""

from typing import Any

from aisle.records import item_to_dict
from aisle.types import Hit, SearchResponse, Shelf, Suggestion


def search_answer(found: SearchResponse) -> dict[str, Any]:
    """One page of hits."""
    return {
        "query_id": found.query_id,
        "query": found.query,
        "n_hits": found.n_hits,
        "hits": [_hit(hit) for hit in found.hits],
        "facets": found.facets,
        "latency_ms": found.latency_ms,
        "release_id": found.release_id,
        "corrected": found.corrected,
        "constraints": found.constraints,
        "relaxed": found.relaxed,
        "ranker": found.ranker,
        "unfilters": found.unfilters,
        "degraded": found.degraded,
    }


def suggestion_answer(one: Suggestion) -> dict[str, Any]:
    """One completion; the filter and the path of a category only where there are some."""
    answer: dict[str, Any] = {"text": one.text, "kind": one.kind, "item_id": one.item_id}
    if one.filter:
        answer["filter"] = one.filter
    if one.path:
        answer["path"] = one.path
    return answer


def shelf_answer(shelf: Shelf) -> dict[str, Any]:
    """A recommended slate."""
    return {
        "name": shelf.name,
        "hits": [_hit(hit) for hit in shelf.hits],
        "release_id": shelf.release_id,
        "latency_ms": shelf.latency_ms,
        "degraded": shelf.degraded,
    }


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "item_id": hit.item_id,
        "score": hit.score,
        "rank": hit.rank,
        "item": item_to_dict(hit.item),
        "reasons": hit.reasons,
        "variants": hit.variants,
        "highlights": dict(hit.highlights),
    }
