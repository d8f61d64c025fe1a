from typing import Any

import pytest
from starlette.testclient import TestClient

from aisle.serving.schemas import CompleteAnswer, FacetAnswer, SearchAnswer


def search(client: TestClient, **body: Any) -> dict[str, Any]:
    answer = client.post("/v1/search", json=body)
    assert answer.status_code == 200, answer.text
    SearchAnswer.model_validate_json(answer.content)
    found: dict[str, Any] = answer.json()
    return found


def refused(client: TestClient, **body: Any) -> dict[str, Any]:
    answer = client.post("/v1/search", json=body)
    assert answer.status_code == 422, answer.text
    error: dict[str, Any] = answer.json()["error"]
    return error


def ids(found: dict[str, Any]) -> list[str]:
    return [hit["item_id"] for hit in found["hits"]]


def test_a_search_finds_items_by_their_words(client: TestClient) -> None:
    found = search(client, query="usb c cable", k=2)
    assert set(ids(found)) == {"e1", "e2"}
    assert found["query"] == "usb c cable"
    assert found["query_id"]
    assert found["release_id"]
    first = found["hits"][0]
    assert first["rank"] == 1
    assert first["item"]["title"].startswith("USB-C cable")
    assert first["reasons"]


def test_filters_keep_what_passes(client: TestClient) -> None:
    found = search(client, query="usb c cable", filters="price < 10")
    assert ids(found)[0] == "e1"
    assert {"e2", "e3"}.isdisjoint(ids(found))
    assert all(hit["item"]["price"] < 10 for hit in found["hits"])


def test_an_empty_query_browses(client: TestClient) -> None:
    assert search(client)["n_hits"] == 12


def test_pages_follow_one_another(client: TestClient) -> None:
    everything = ids(search(client, sort="price_asc", k=12))
    second = search(client, sort="price_asc", k=5, offset=5)
    assert ids(second) == everything[5:10]
    assert second["hits"][0]["rank"] == 6


def test_facets_come_when_asked_for(client: TestClient) -> None:
    assert search(client, query="usb")["facets"] == []
    facets = {facet["field"]: facet["values"] for facet in search(client, facets=True)["facets"]}
    volt = next(value for value in facets["brand"] if value["value"] == "Volt")
    assert volt["count"] == 3
    assert search(client, filters=volt["filter"])["n_hits"] == 3


def test_no_hits_is_an_ordinary_answer(client: TestClient) -> None:
    found = search(client, query="cable", filters="price > 100000")
    assert (found["n_hits"], found["hits"]) == (0, [])


def test_filters_that_leave_nothing_are_named(client: TestClient) -> None:
    found = search(client, query="cable", filters='price > 100000 AND brand = "Volt"')
    [way] = found["unfilters"]
    assert (way["removed"], way["remaining"]) == ("price > 100000", 'brand = "Volt"')
    assert search(client, query="cable", filters=way["remaining"])["n_hits"] == way["n_hits"]


def test_null_stands_for_nobody(client: TestClient) -> None:
    assert search(client, query="coffee", user_id=None, session_id=None, locale=None)["hits"]


@pytest.mark.parametrize(
    ("k", "message"),
    [
        (0, "k=0; expected at least 1"),
        (5000, "k=5000; expected at most 1000"),
        (2.5, "k=2.5; expected a whole number"),
        ("x", "k='x'; expected a whole number"),
        (None, "k=None; expected a whole number"),
    ],
)
def test_k_must_be_a_number_of_hits(client: TestClient, k: object, message: str) -> None:
    error = refused(client, k=k)
    assert (error["field"], error["message"]) == ("k", message)


def test_a_control_character_in_a_query_is_refused(client: TestClient) -> None:
    error = refused(client, query="usb\x00cable")
    assert error["field"] == "query"
    assert error["message"] == "query holds the control character '\\x00'; remove it"


def test_a_query_of_ten_thousand_characters_is_refused(client: TestClient) -> None:
    error = refused(client, query="a" * 10_000)
    assert error["field"] == "query"
    assert error["message"] == "query has 10,000 characters; at most 1,000 are allowed; shorten it"


def test_a_bad_filter_is_refused_with_its_position(client: TestClient) -> None:
    error = refused(client, query="usb", filters="price < 20 AND OR")
    assert (error["code"], error["field"]) == ("invalid_filter", "filters")
    assert "position" in error["message"]


def test_an_unknown_sort_names_the_known_ones(client: TestClient) -> None:
    error = refused(client, sort="cheap")
    assert error["field"] == "sort"
    assert "'price_asc'" in error["message"]


def test_a_user_id_must_be_text(client: TestClient) -> None:
    assert refused(client, user_id=5)["message"] == "user_id=5; expected a string"


def test_what_was_understood_can_be_taken_back(client: TestClient) -> None:
    found = search(client, query="headphones under 50 euro")
    [price] = [one for one in found["constraints"] if one["field"] == "price"]
    assert (price["label"], price["sure"]) == ("under 50 euro", True)
    assert ids(found) == ["e5"]
    again = search(client, query="headphones under 50 euro", without=[price["filter"]])
    assert "e4" in ids(again)
    assert [one for one in again["constraints"] if one["field"] == "price"] == []


def test_a_misspelt_query_is_mended_unless_asked_not_to(client: TestClient) -> None:
    found = search(client, query="headfones")
    assert (found["query"], found["corrected"]) == ("headfones", "headphones")
    assert {"e4", "e5"} <= set(ids(found))
    assert search(client, query="headfones", spelling=False)["corrected"] == ""


def test_the_ranker_is_named(client: TestClient) -> None:
    assert search(client, query="coffee")["ranker"] == "fusion"
    assert search(client)["ranker"] == "popularity"


def test_one_of_each_product_is_shown_when_asked_for(client: TestClient) -> None:
    found = search(client, query="usb c cable", grouped=True)
    grouped = ids(found)
    assert len({"e1", "e2"} & set(grouped)) == 1
    [cable] = [hit for hit in found["hits"] if hit["item_id"] in ("e1", "e2")]
    assert {cable["item_id"], *cable["variants"]} == {"e1", "e2"}


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({"without": "price < 5"}, "without", "expected a list"),
        ({"without": ["price <"]}, "without.0", "expected a value"),
        ({"without": [5]}, "without.0", "without.0=5; expected a string"),
        ({"without": ["price < 5"] * 51}, "without", "expected at most 50 of them"),
        ({"spelling": "perhaps"}, "spelling", "spelling='perhaps'; expected true or false"),
    ],
)
def test_what_cannot_be_taken_back_is_refused(client: TestClient, body: Any, field: str, message: str) -> None:
    error = refused(client, **body)
    assert error["field"] == field
    assert message in error["message"]


def facet(client: TestClient, field: str, **asked: Any) -> list[dict[str, Any]]:
    answer = client.get(f"/v1/facets/{field}", params=asked)
    assert answer.status_code == 200, answer.text
    FacetAnswer.model_validate_json(answer.content)
    assert answer.json()["field"] == field
    values: list[dict[str, Any]] = answer.json()["values"]
    return values


def test_values_of_a_facet_are_found_by_the_beginning_of_a_word(client: TestClient) -> None:
    assert facet(client, "brand", prefix="cl") == [
        {"value": "Clay & Co", "count": 1, "filter": 'brand = "Clay & Co"', "label": ""}
    ]
    assert facet(client, "brand", prefix="co") == facet(client, "brand", prefix="cl")
    assert facet(client, "brand", prefix="xx") == []


def test_values_of_a_facet_are_counted_among_the_results(client: TestClient) -> None:
    counts = {value["value"]: value["count"] for value in facet(client, "color", filters="price < 30", k=100)}
    assert counts == {"black": 1, "white": 1, "blue": 1, "green": 1}
    assert len(facet(client, "brand", k=2)) == 2


def test_a_chosen_brand_does_not_hide_the_others_from_a_search_inside_the_facet(client: TestClient) -> None:
    assert [value["value"] for value in facet(client, "brand", prefix="ro", filters='brand = "Volt"')] == ["Roma"]


def test_a_search_inside_a_facet_counts_the_results_of_the_page(client: TestClient) -> None:
    page = search(client, query="headphones under 50", facets=True)
    (reading,) = [one["filter"] for one in page["constraints"] if one["field"] == "price"]
    assert [value["value"] for value in facet(client, "wireless", q=page["query"])] == ["false"]
    taken_back = facet(client, "wireless", q=page["query"], without=[reading, "rating > 4"])
    assert {"true", "false"} == {value["value"] for value in taken_back}
    as_typed = search(client, query="headfones", spelling=False, facets=True)["facets"]
    brands = next(one["values"] for one in as_typed if one["field"] == "brand")
    assert facet(client, "brand", q="headfones", spelling=False) == brands
    by_price = facet(client, "wireless", q="headphones", sort="price_asc")
    relevant = search(client, query="headphones", sort="price_asc", facets=True)["facets"]
    assert by_price == next(one["values"] for one in relevant if one["field"] == "wireless")


@pytest.mark.parametrize(
    ("path", "code", "message"),
    [
        ("brand?sort=cheap", "invalid_input", "sort='cheap'; expected one of"),
        ("brand?spelling=perhaps", "invalid_input", "spelling='perhaps'; expected true or false"),
        ("brand?without=price+%3C", "invalid_input", "expected a value"),
        ("brand%00", "invalid_input", "field holds a control character"),
        ("b" * 600, "invalid_input", "field has 600 characters; at most 512 are allowed"),
        ("brand?locale=../x", "invalid_input", "locale='../x' is no language tag; give one such as en, zh or zh-CN"),
        ("brnad", "invalid_input", "unknown field 'brnad'; did you mean \"brand\"?"),
        ("brand?k=0", "invalid_input", "k='0'; expected at least 1"),
        ("brand?k=101", "invalid_input", "k='101'; expected at most 100"),
        ("brand?filters=price+%3C", "invalid_filter", "expected a value"),
        ("brand?prefix=%00", "invalid_input", "prefix holds the control character"),
        ("brand?query=a", "invalid_input", 'unknown field "query"'),
    ],
)
def test_a_bad_search_inside_a_facet_is_refused(client: TestClient, path: str, code: str, message: str) -> None:
    answer = client.get(f"/v1/facets/{path}")
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == code
    assert message in answer.json()["error"]["message"]


def complete(client: TestClient, **asked: Any) -> list[dict[str, Any]]:
    answer = client.get("/v1/complete", params=asked)
    assert answer.status_code == 200, answer.text
    CompleteAnswer.model_validate_json(answer.content)
    suggestions: list[dict[str, Any]] = answer.json()["suggestions"]
    return suggestions


def test_completions_begin_with_what_was_typed(client: TestClient) -> None:
    found = complete(client, q="usb", k=3)
    assert 1 <= len(found) <= 3
    assert all("usb" in suggestion["text"].lower() for suggestion in found)


def test_a_completion_to_a_brand_has_its_filter(client: TestClient) -> None:
    assert {"text": "Volt", "kind": "brand", "item_id": "", "filter": 'brand = "Volt"'} in complete(client, q="vo")


def test_what_a_user_likes_is_asked_for(client: TestClient) -> None:
    assert complete(client, q="usb", user_id="ann")
    assert complete(client, q="usb", user_id="nobody") == complete(client, q="usb")


def test_a_completion_to_an_item_names_it(client: TestClient) -> None:
    assert {"text": "Yoga mat", "kind": "item", "item_id": "s3"} in complete(client, q="yoga")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"q": "a", "k": 101}, "k='101'; expected at most 100"),
        ({"q": "a\x00"}, "q holds the control character '\\x00'; remove it"),
        ({"prefix": "a"}, 'unknown field "prefix"; known names: k, locale, q, user_id'),
    ],
)
def test_a_bad_completion_request_is_refused(client: TestClient, asked: dict[str, str], message: str) -> None:
    answer = client.get("/v1/complete", params=asked)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == message
