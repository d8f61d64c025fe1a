import pytest
from starlette.testclient import TestClient

from aisle.shop import Shop

CABLE = {"item_id": "e1", "surface": "search", "rank": "2", "query_id": "q1"}


def events(shop: Shop, client: TestClient) -> list[tuple[str, str, str, int | None, str, float | None]]:
    """What the visitor did: kind, item, query_id, rank, surface, value; the latest first."""
    done = shop.store.user_events(client.cookies["aisle_user"])
    return [(one.kind, one.item_id, one.query_id, one.rank, one.surface, one.value) for one in done]


def test_adding_to_the_cart_logs_the_search_that_led_to_it(client: TestClient, shop: Shop) -> None:
    answer = client.post("/actions", data={"do": "cart", **CABLE})
    assert (answer.status_code, answer.headers["location"]) == (303, "/cart")
    assert client.cookies["aisle_cart"] == "e1:1"
    assert events(shop, client) == [("cart", "e1", "q1", 2, "search", 1.0)]


def test_scripts_get_the_message_in_the_visitors_language(client: TestClient) -> None:
    headers = {"Accept": "application/json", "Accept-Language": "zh"}
    assert client.post("/actions", data={"do": "cart", **CABLE}, headers=headers).json() == {"message": "已加入购物车"}


def test_a_purchase_remembers_where_the_item_was_found(client: TestClient, shop: Shop) -> None:
    client.post("/actions", data={"do": "cart", **CABLE})
    client.post("/actions", data={"do": "cart", "item_id": "k3", "surface": "popular", "rank": "1"})
    client.post("/cart", data={"item_id": "e1", "pieces": "3"})
    assert client.post("/checkout").headers["location"] == "/thanks"
    bought = [event for event in events(shop, client) if event[0] == "purchase"]
    assert sorted(bought, key=str) == [
        ("purchase", "e1", "q1", 2, "cart", 3.0),
        ("purchase", "k3", "", 1, "cart", 1.0),
    ]
    assert "aisle_cart" not in client.cookies


def test_a_sold_out_item_does_not_get_into_the_cart(client: TestClient) -> None:
    client.post("/actions", data={"do": "cart", "item_id": "e6"})
    assert "aisle_cart" not in client.cookies


def test_saving_is_logged_and_can_be_taken_back(client: TestClient, shop: Shop) -> None:
    client.post("/actions", data={"do": "save", **CABLE})
    assert client.cookies["aisle_saved"] == "e1"
    assert events(shop, client) == [("favorite", "e1", "q1", 2, "search", None)]
    client.post("/actions", data={"do": "unsave", **CABLE})
    assert "aisle_saved" not in client.cookies


def test_not_for_me_is_logged_as_a_dislike(client: TestClient, shop: Shop) -> None:
    client.post("/actions", data={"do": "dislike", "item_id": "s3", "surface": "for_you", "rank": "4"})
    assert events(shop, client) == [("dislike", "s3", "", 4, "for_you", None)]


@pytest.mark.parametrize("form", [{"do": "dance", "item_id": "e1"}, {"do": "cart", "item_id": "e1", "rank": "0"}])
def test_an_action_that_makes_no_sense_is_a_bad_request(client: TestClient, form: dict[str, str]) -> None:
    answer = client.post("/actions", data=form)
    assert answer.status_code == 400
    assert "That did not work" in answer.text


def test_an_unknown_item_cannot_be_acted_on(client: TestClient) -> None:
    assert client.post("/actions", data={"do": "cart", "item_id": "nope"}).status_code == 404


def test_a_full_cart_is_refused_and_nothing_is_logged(client: TestClient, shop: Shop) -> None:
    client.cookies.set("aisle_cart", "|".join(f"{'long' * 20}{number}:1" for number in range(42)))
    assert "the cart is full" in client.post("/actions", data={"do": "cart", **CABLE}).text
    assert events(shop, client) == []


def test_checking_out_an_empty_or_unknown_cart_buys_nothing(client: TestClient, shop: Shop) -> None:
    client.cookies.set("aisle_cart", "gone:1")
    assert client.post("/checkout").headers["location"] == "/cart"
    assert events(shop, client) == []
