"""The JSON form of what the shop answers, as orjson wants it: it writes frozen dataclasses and tuples by itself."""

from typing import Any

from aisle.records import item_to_dict
from aisle.types import Hit, SearchResponse, Shelf


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
    }


def shelf_answer(shelf: Shelf) -> dict[str, Any]:
    """A recommended slate."""
    return {
        "name": shelf.name,
        "hits": [_hit(hit) for hit in shelf.hits],
        "release_id": shelf.release_id,
        "latency_ms": shelf.latency_ms,
    }


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "item_id": hit.item_id,
        "score": hit.score,
        "rank": hit.rank,
        "item": item_to_dict(hit.item),
        "reasons": hit.reasons,
        "highlights": dict(hit.highlights),
    }
