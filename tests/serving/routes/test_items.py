import pytest
from starlette.testclient import TestClient

from aisle.serving.schemas import ItemAnswer, ShelfAnswer
from aisle.shop import Shop


def test_an_item_is_shown_without_its_empty_fields(client: TestClient) -> None:
    answer = client.get("/v1/items/k3")
    assert answer.status_code == 200
    ItemAnswer.model_validate_json(answer.content)
    assert answer.json() == {
        "item_id": "k3",
        "title": "Coffee mug",
        "description": "Coffee mug by Clay & Co.",
        "brand": "Clay & Co",
        "category": ["Kitchen", "Cups"],
        "price": 8.0,
        "currency": "EUR",
        "rating": 4.6,
        "rating_count": 10,
        "attributes": {"color": "blue", "material": "ceramic"},
        "translations": {"zh": {"title": "咖啡杯"}},
    }


def test_an_unknown_item_is_not_found(client: TestClient) -> None:
    for path in ("/v1/items/e99", "/v1/items/e99/similar", "/v1/items/e99/bought-together"):
        answer = client.get(path)
        assert answer.status_code == 404
        error = answer.json()["error"]
        assert error["code"] == "not_found"
        assert "e99" in error["message"]


def test_an_item_id_may_hold_a_slash(client: TestClient) -> None:
    message = client.get("/v1/items/shoes%2Fred").json()["error"]["message"]
    assert "shoes/red" in message


def test_similar_items_do_not_include_the_item_itself(client: TestClient) -> None:
    answer = client.get("/v1/items/e4/similar", params={"k": 3})
    assert answer.status_code == 200
    ShelfAnswer.model_validate_json(answer.content)
    shelf = answer.json()
    assert shelf["name"] == "similar"
    assert "e4" not in [hit["item_id"] for hit in shelf["hits"]]
    assert 1 <= len(shelf["hits"]) <= 3


def test_what_is_bought_together_is_a_shelf(client: TestClient, shop: Shop) -> None:
    assert client.get("/v1/items/k1/bought-together").json()["hits"] == []  # one basket is no rule
    shop.log([{"kind": "purchase", "item_id": item, "user_id": "fay"} for item in ("k1", "k2")])
    shop.build()
    shop.refresh()
    answer = client.get("/v1/items/k1/bought-together", params={"k": 3})
    ShelfAnswer.model_validate_json(answer.content)
    [hit] = answer.json()["hits"]
    assert (answer.json()["name"], hit["item_id"], hit["score"]) == ("bought_together", "k2", 1.0)
    assert hit["reasons"] == [{"kind": "bought_together", "detail": "k1"}]


@pytest.mark.parametrize("shelf", ["similar", "bought-together"])
def test_k_of_items_beside_one_has_bounds(client: TestClient, shelf: str) -> None:
    assert client.get(f"/v1/items/e4/{shelf}", params={"k": 1001}).status_code == 422
    answer = client.get(f"/v1/items/e4/{shelf}", params={"k": 0})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == "k='0'; expected at least 1"
