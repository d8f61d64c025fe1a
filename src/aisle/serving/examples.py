"""The example of every request and answer in the OpenAPI document, taken from the toy shop."""

from collections.abc import Mapping
from typing import Any, Final

Json = Mapping[str, Any]

RELEASE_ID: Final = "20260310T091500-4f2a"
QUERY_ID: Final = "5b0f6a0c2f6b4a1f8d5a3d0b7a7c9e11"
REQUEST_ID: Final = "0c9a52f1c0e94d0f9a7be3a1d1f7c2aa"

ITEM: Final[Json] = {
    "item_id": "e1",
    "title": "USB-C cable 1 m",
    "description": "USB-C cable 1 m by Volt.",
    "brand": "Volt",
    "category": ["Electronics", "Cables"],
    "price": 9.0,
    "currency": "EUR",
    "stock": 40,
    "rating": 4.5,
    "rating_count": 10,
    "attributes": {"color": "black", "length_m": 1.0},
    "translations": {"zh": {"title": "USB-C 数据线 1 米"}},
}
HIT: Final[Json] = {
    "item_id": "e1",
    "score": 0.93,
    "rank": 1,
    "item": ITEM,
    "reasons": [{"kind": "words", "detail": "usb c cable"}],
    "variants": [],
    "highlights": {"title": [[0, 3], [6, 11]]},
}
FACET_VALUE: Final[Json] = {"value": "Volt", "count": 2, "filter": 'brand = "Volt"', "label": ""}
FACET: Final[Json] = {"field": "brand", "values": [FACET_VALUE]}
CONSTRAINT: Final[Json] = {
    "field": "price",
    "filter": "price <= 20",
    "label": "under 20 euro",
    "confidence": 1.0,
    "sure": True,
}
SEARCH_REQUEST: Final[Json] = {
    "query": "usb c cabel under 20 euro",
    "k": 10,
    "filters": 'brand = "Volt"',
    "facets": True,
    "user_id": "ann",
    "session_id": "ann-1",
    "spelling": True,
    "without": ["wireless = true"],
}
SEARCH_ANSWER: Final[Json] = {
    "query_id": QUERY_ID,
    "query": "usb c cabel under 20 euro",
    "n_hits": 1,
    "hits": [HIT],
    "facets": [FACET],
    "latency_ms": 3.1,
    "release_id": RELEASE_ID,
    "corrected": "usb c cable under 20 euro",
    "constraints": [CONSTRAINT],
    "relaxed": [],
    "ranker": "fusion",
    "unfilters": [],
    "degraded": [],
}
SUGGESTION: Final[Json] = {"text": "usb c cable", "kind": "query", "item_id": ""}
ITEM_SUGGESTION: Final[Json] = {"text": "USB-C cable 1 m", "kind": "item", "item_id": "e1"}
CATEGORY_SUGGESTION: Final[Json] = {
    "text": "Cables",
    "kind": "category",
    "item_id": "",
    "filter": 'category = "Electronics > Cables"',
    "path": ["Electronics", "Cables"],
}
COMPLETE_ANSWER: Final[Json] = {"suggestions": [SUGGESTION, CATEGORY_SUGGESTION, ITEM_SUGGESTION]}
RECOMMEND_REQUEST: Final[Json] = {"user_id": "ann", "k": 10, "next_act": True}
SHELF: Final[Json] = {
    "name": "for_you",
    "hits": [{**HIT, "reasons": [{"kind": "bought_together", "detail": "e3"}], "highlights": {}}],
    "release_id": RELEASE_ID,
    "latency_ms": 1.2,
    "degraded": [],
}
RECOMMEND_ANSWER: Final[Json] = {"shelf": SHELF, "next_act": {"view": 0.6, "cart": 0.3, "purchase": 0.1}}
SIMILAR_HIT: Final[Json] = {**HIT, "reasons": [{"kind": "similar", "detail": "e3"}], "highlights": {}}
SIMILAR_ANSWER: Final[Json] = {**SHELF, "name": "similar", "hits": [SIMILAR_HIT]}
BOUGHT_TOGETHER_ANSWER: Final[Json] = {**SHELF, "name": "bought_together"}
EVENT: Final[Json] = {
    "kind": "click",
    "item_id": "e1",
    "user_id": "ann",
    "session_id": "ann-1",
    "query": "usb c cable",
    "query_id": QUERY_ID,
    "rank": 1,
    "surface": "search",
}
EVENTS_REQUEST: Final[Json] = {"events": [EVENT, {"kind": "cart", "item_id": "e1", "user_id": "ann", "value": 2}]}
REJECTED: Final[Json] = {"index": 3, "reason": 'kind="clik" is not an event kind; did you mean "click"?'}
EVENTS_ANSWER: Final[Json] = {"n_accepted": 99, "n_new": 98, "rejected": [REJECTED]}
HEALTH_ANSWER: Final[Json] = {"status": "ok"}
READY_ANSWER: Final[Json] = {"status": "ready", "release_id": RELEASE_ID}
REFUSED: Final[Json] = {
    "reason": "release 20260311T091500-77aa is corrupt: vectors.npy has changed since it was built",
    "since": "2026-03-11T09:15:02Z",
}

METRICS: Final = 'aisle_http_requests_total{method="POST",route="/v1/search",status="200"} 1432.0\n'

_ERRORS: Final[Mapping[int, tuple[str, str, Json]]] = {
    400: (
        "The body is not JSON.",
        "malformed_json",
        {"message": "the body is not valid JSON at line 1, column 10: Expecting value, near '{\"query\": }'"},
    ),
    404: ("There is no such item.", "not_found", {"message": "no item has the id 'e99'"}),
    413: (
        "The body is larger than the shop allows.",
        "body_too_large",
        {"message": "the body holds 5,000,000 bytes; at most 4,000,000 are allowed; send it in parts"},
    ),
    415: (
        "The body is not declared to be JSON.",
        "unsupported_media_type",
        {"message": "the body is not declared to be JSON; send the header Content-Type: application/json"},
    ),
    422: (
        "A value cannot be used.",
        "invalid_input",
        {"message": 'unknown field "qery"; did you mean "query"?', "field": "qery"},
    ),
    500: (
        "Something went wrong inside; the log has the request id.",
        "internal_error",
        {"message": "something went wrong inside the service; give its operator the request_id, which is in the log"},
    ),
    503: (
        "No release serves yet, or the store cannot be reached.",
        "not_ready",
        {"message": "the shop has no release yet; run: aisle build"},
    ),
    507: ("The disk is full; nothing was written.", "store_full", {"message": "nothing was written: the disk is full"}),
}


def error_example(status: int) -> tuple[str, Json]:
    """What an answer with the error `status` means, and one such answer."""
    meaning, code, details = _ERRORS[status]
    return meaning, {"error": {"code": code, **details, "request_id": REQUEST_ID}}
