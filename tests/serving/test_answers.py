import json
from typing import Any

import pytest

from aisle.cli.plain import plain
from aisle.serving.answers import search_answer, shelf_answer, suggestion_answer
from aisle.serving.responses import json_answer
from aisle.types import Constraint, Facet, FacetValue, Hit, Item, Reason, SearchResponse, Shelf, Suggestion, Unfilter

MUG = Item("k3", "Coffee mug", price=8.0)
HIT = Hit("k3", 0.5, 1, MUG, (Reason("words", "mug"),), ("k4",), {"title": ((7, 10),)})
FACET = Facet("brand", (FacetValue("Roma", 2, 'brand = "Roma"', "罗马"),))
CHEAP = Constraint("price", "price <= 20", "under 20", 1.0, sure=True)
LESS = Unfilter("price < 2", "", 3)
FOUND = SearchResponse("q1", "mugg", (HIT,), 1, (FACET,), 3.25, "r1", "mug", (CHEAP,), ("blue",), "fusion", (LESS,))
SHELF = Shelf("popular", (HIT,), "r1", 0.25)
HIT_JSON = {
    "item_id": "k3",
    "score": 0.5,
    "rank": 1,
    "item": {"item_id": "k3", "title": "Coffee mug", "price": 8.0},
    "reasons": [{"kind": "words", "detail": "mug"}],
    "variants": ["k4"],
    "highlights": {"title": [[7, 10]]},
}


def written(value: dict[str, Any]) -> Any:
    return json.loads(bytes(json_answer(value).body))


def test_a_page_holds_its_hits_and_facets() -> None:
    assert written(search_answer(FOUND)) == {
        "query_id": "q1",
        "query": "mugg",
        "n_hits": 1,
        "hits": [HIT_JSON],
        "facets": [
            {"field": "brand", "values": [{"value": "Roma", "count": 2, "filter": 'brand = "Roma"', "label": "罗马"}]}
        ],
        "latency_ms": 3.25,
        "release_id": "r1",
        "corrected": "mug",
        "constraints": [
            {"field": "price", "filter": "price <= 20", "label": "under 20", "confidence": 1.0, "sure": True}
        ],
        "relaxed": ["blue"],
        "ranker": "fusion",
        "unfilters": [{"removed": "price < 2", "remaining": "", "n_hits": 3}],
        "degraded": [],
    }


def test_a_suggestion_holds_its_filter_where_it_has_one() -> None:
    category = Suggestion("Mugs", "category", filter='category = "Cups > Mugs"', path=("Cups", "Mugs"))
    assert written(suggestion_answer(category)) == {
        "text": "Mugs",
        "kind": "category",
        "item_id": "",
        "filter": 'category = "Cups > Mugs"',
        "path": ["Cups", "Mugs"],
    }
    assert written(suggestion_answer(Suggestion("mug", "query"))) == {"text": "mug", "kind": "query", "item_id": ""}


def test_a_shelf_holds_its_name() -> None:
    assert written(shelf_answer(SHELF)) == {
        "name": "popular",
        "hits": [HIT_JSON],
        "release_id": "r1",
        "latency_ms": 0.25,
        "degraded": [],
    }


@pytest.mark.parametrize(("value", "answer"), [(FOUND, search_answer(FOUND)), (SHELF, shelf_answer(SHELF))])
def test_the_service_answers_what_the_command_line_prints(value: object, answer: dict[str, Any]) -> None:
    assert written(answer) == plain(value)
