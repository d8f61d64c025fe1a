from typing import Any

from starlette.testclient import TestClient

from aisle.serving.schemas import RecommendAnswer


def recommend(client: TestClient, **body: Any) -> dict[str, Any]:
    answer = client.post("/v1/recommend", json=body)
    assert answer.status_code == 200, answer.text
    RecommendAnswer.model_validate_json(answer.content)
    found: dict[str, Any] = answer.json()
    return found


def test_a_known_user_gets_a_shelf_of_their_own(client: TestClient) -> None:
    shelf = recommend(client, user_id="ann", k=3)["shelf"]
    assert shelf["name"] == "for_you"
    assert 1 <= len(shelf["hits"]) <= 3
    assert shelf["hits"][0]["rank"] == 1


def test_an_unknown_user_gets_popular_items(client: TestClient) -> None:
    assert recommend(client, user_id="stranger")["shelf"]["name"] == "popular"


def test_nobody_gets_popular_items(client: TestClient) -> None:
    assert recommend(client)["shelf"]["name"] == "popular"


def test_a_home_page_gets_all_shelves(client: TestClient) -> None:
    shelves = recommend(client, user_id="ann", shelves=True, k=4)["shelves"]
    assert "popular" in [shelf["name"] for shelf in shelves]
    assert all(len(shelf["hits"]) <= 4 for shelf in shelves)


def test_an_unknown_field_is_refused(client: TestClient) -> None:
    answer = client.post("/v1/recommend", json={"user": "ann"})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == 'unknown field "user"; did you mean "user_id"?'
