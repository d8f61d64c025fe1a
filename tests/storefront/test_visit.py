import pytest
from starlette.testclient import TestClient

from aisle.shop import Shop
from aisle.storefront.visit import MAX_FORM_BYTES


def test_a_new_visitor_gets_ids_that_stay(client: TestClient) -> None:
    first = client.get("/")
    user_id = first.cookies["aisle_user"]
    assert len(user_id) == 32
    client.get("/search")
    assert client.cookies["aisle_user"] == user_id


def test_cookies_are_ours_alone_and_can_be_read_by_our_scripts(client: TestClient) -> None:
    for cookie in client.get("/").headers.get_list("set-cookie"):
        assert "SameSite=lax" in cookie and "HttpOnly" not in cookie and "Secure" not in cookie


@pytest.mark.parametrize("forged", ["a" * 65, "id with spaces", "<b>12345678</b>"])
def test_a_forged_user_id_is_replaced(client: TestClient, forged: str) -> None:
    client.cookies.set("aisle_user", forged)
    assert client.get("/").cookies["aisle_user"] != forged


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/search?q=a", "/search?q=a"), ("http://evil.example/x", "/"), ("//evil.example", "/"),
        ("http://testserver//evil.example", "/"), ("http://testserver/\\evil.example", "/"), ("http://[", "/"),
        ("", "/"),
    ],
)  # fmt: skip
def test_after_a_form_the_visitor_comes_back_to_this_shop_only(client: TestClient, referer: str, back: str) -> None:
    answer = client.post("/actions", data={"do": "save", "item_id": "e1"}, headers={"Referer": referer})
    assert (answer.status_code, answer.headers["location"]) == (303, back)


def test_a_form_that_is_too_large_or_not_text_is_refused(client: TestClient) -> None:
    assert client.post("/actions", content=b"a" * (MAX_FORM_BYTES + 1)).status_code == 400
    assert client.post("/actions", content=b"item_id=\xff").status_code == 400
    assert client.post("/actions", content=b"&".join([b"a=1"] * 2000)).status_code == 400


def test_the_choice_of_a_language_is_kept_and_leaves_the_address(client: TestClient, shop: Shop) -> None:
    page = client.get("/search?q=cable&lang=zh").text
    assert '<html lang="zh-CN">' in page
    assert "lang=zh" not in page.split("</header>")[1]
    assert '<html lang="zh-CN">' in client.get("/").text
    assert '<html lang="en">' in client.get("/?lang=en").text


def test_the_first_language_is_the_browsers(client: TestClient) -> None:
    page = client.get("/", headers={"Accept-Language": "zh-CN,zh;q=0.9"}).text
    assert "想找点什么" in page
    assert "aisle_language" not in client.cookies
