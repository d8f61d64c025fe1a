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
    shelves = recommend(client, user_id="ann", shelves=True, k=2)["shelves"]
    assert "popular" in [shelf["name"] for shelf in shelves]
    assert all(len(shelf["hits"]) <= 2 for shelf in shelves)


def test_a_home_page_of_a_stranger_has_what_rises_and_what_is_popular(client: TestClient) -> None:
    assert [shelf["name"] for shelf in recommend(client, shelves=True, k=4)["shelves"]] == ["rising", "popular"]


def test_one_shelf_is_answered_by_its_name(client: TestClient) -> None:
    shelf = recommend(client, shelf="rising", k=1)["shelf"]
    assert (shelf["name"], shelf["hits"][0]["item_id"]) == ("rising", "s1")
    answer = client.post("/v1/recommend", json={"shelf": "risin"})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "shelf")


def test_the_next_act_is_told_where_it_is_asked_for(client: TestClient) -> None:
    assert "next_act" not in recommend(client, user_id="cid")
    for asked in ({"user_id": "cid"}, {"shelves": True}, {"session_id": "ann-1"}):
        shares = recommend(client, next_act=True, **asked)["next_act"]
        assert abs(sum(shares.values()) - 1) < 1e-5
    assert abs(recommend(client, next_act=True)["next_act"]["view"] - 14 / 27) < 1e-6


def test_an_unknown_field_is_refused(client: TestClient) -> None:
    answer = client.post("/v1/recommend", json={"user": "ann"})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == 'unknown field "user"; did you mean "user_id"?'
