import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from aisle.serving import create_app
from aisle.shop import Shop, init
from aisle.types import Item

PAGES = ["/", "/search", "/search?q=cable", "/items/e1", "/items/x%2F1", "/cart", "/saved", "/thanks", "/items/nope"]


def titles(page: str) -> list[str]:
    """The titles of the results, without markup."""
    results = page.split('class="results-list"')[1].split('class="shelf"')[0]
    return [re.sub("<.*?>", "", title) for title in re.findall(r'class="card-title">(.*?)</h2>', results)]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_hold_nothing_that_the_policy_forbids(client: TestClient, path: str, language: str) -> None:
    answer = client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == (404 if "nope" in path else 200)
    assert answer.headers["content-security-policy"].startswith("default-src 'self';")
    assert not re.search(r"<script(?! type=\"module\" src)|<style|\sstyle=|\son[a-z]+=\"|javascript:", answer.text)


@pytest.mark.parametrize("path", ["/", "/search?q=lamp", "/items/x%2F1", "/search?brand=B%22r%5Cand"])
def test_hostile_words_of_the_catalogue_are_shown_as_words(client: TestClient, path: str) -> None:
    page = client.get(path).text
    assert "<script>alert" not in page and "<img src=x" not in page
    assert "Toy &lt;shop&gt;" in page


def test_hostile_queries_are_shown_as_words(client: TestClient) -> None:
    page = client.get("/search", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page
    assert 'value="&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"' in page


def test_home_shows_what_is_popular_and_the_departments(client: TestClient) -> None:
    page = client.get("/").text
    assert "Popular now" in page
    assert 'href="/search?category=Electronics"' in page


def test_home_of_a_known_visitor_says_because_of_what(client: TestClient, shop: Shop) -> None:
    client.get("/")
    shop.log([{"kind": "view", "item_id": "e4", "user_id": client.cookies["aisle_user"]}])
    assert "Because you viewed “Wireless headphones”" in client.get("/").text


def test_results_mark_the_words_that_matched(client: TestClient) -> None:
    page = client.get("/search?q=cable").text
    assert "USB-C <mark>cable</mark> 1 m" in page
    assert "Results for “cable”" in page


def test_results_are_in_the_visitors_language(client: TestClient) -> None:
    page = client.get("/search?q=cable&lang=zh").text
    assert "USB-C 数据线 1 米" in page
    assert "共 " in page and " 毫秒" in page


def test_filters_narrow_and_are_shown_as_chips(client: TestClient) -> None:
    page = client.get("/search?brand=Volt&brand=Roma&price_max=50").text
    assert titles(page) == ["USB-C cable 1 m", "USB-C charger 65 W", "USB-C cable 2 m"]
    assert re.findall(r'class="chip" href="(.*?)"', page) == [
        "/search?brand=Roma&amp;price_max=50",
        "/search?brand=Volt&amp;price_max=50",
        "/search?brand=Volt&amp;brand=Roma",
    ]


def test_other_values_of_a_chosen_field_keep_their_counts(client: TestClient) -> None:
    page = client.get("/search?brand=Volt").text
    roma = re.search(r'choice-label">Roma</span><span class="quiet">(\d+)<', page)
    assert roma and roma[1] == "2"


def test_a_brand_with_quotes_and_backslashes_finds_its_items(client: TestClient) -> None:
    assert len(titles(client.get("/search", params={"brand": 'B"r\\and'}).text)) == 1


def test_results_can_be_sorted(client: TestClient) -> None:
    assert titles(client.get("/search?sort=price_asc").text)[:2] == ["Coffee mug", "USB-C cable 1 m"]


@pytest.mark.parametrize("page", ["0", "-1", "x", "2", "400", "99999999"])
def test_a_page_that_does_not_exist_shows_one_that_does(client: TestClient, page: str) -> None:
    assert len(titles(client.get(f"/search?page={page}").text)) == 13


def test_results_that_hold_no_word_of_the_query_say_so(client: TestClient) -> None:
    notice = "These come closest in meaning."
    assert notice in client.get("/search?q=heodphanes").text
    assert notice not in client.get("/search?q=headphones").text


def test_no_results_help_to_go_on(client: TestClient) -> None:
    page = client.get("/search?q=cable&brand=Nobody").text
    assert "Nothing matches “cable”." in page
    assert 'href="/search?q=cable" data-live>search without filters' in page
    assert "Popular now" in page


@pytest.mark.parametrize("query", ["filter=((", "filter=price+%3C+cheap", "q=" + "a" * 10_000, "q=%00"])
def test_a_search_that_cannot_be_read_gets_a_friendly_page(client: TestClient, query: str) -> None:
    answer = client.get(f"/search?{query}")
    assert answer.status_code == 400
    assert "This search cannot be run" in answer.text
    assert "Search without filters" in answer.text


def test_an_unknown_item_gets_a_page_in_the_visitors_language(client: TestClient) -> None:
    answer = client.get("/items/nope?lang=zh")
    assert answer.status_code == 404
    assert "找不到这个页面" in answer.text


def test_an_item_tells_all_that_is_known_of_it(client: TestClient) -> None:
    page = client.get("/items/e1").text
    for told in ("USB-C cable 1 m", "€9.00", "In stock", "Rated 4.5 out of 5", "by Volt.", "Length (m)", "Similar"):
        assert told in page
    assert 'data-view="e1"' in page


def test_an_item_that_is_newer_than_the_release_has_a_page(client: TestClient, shop: Shop) -> None:
    shop.store.upsert_items([Item("new", "Brand-new kettle")])
    try:
        page = client.get("/items/new")
        assert page.status_code == 200
        assert "Brand-new kettle" in page.text
    finally:
        shop.store.delete_items(["new"])
        shop.refresh()


def test_the_cart_adds_up_and_leaves_out_what_is_gone(client: TestClient) -> None:
    client.cookies.set("aisle_cart", "e1:2|gone:1|k3:1")
    page = client.get("/cart").text
    assert '<p class="sum-amount">€26.00</p>' in page
    assert page.count('class="line"') == 2


def test_saved_items_are_shown_with_a_full_heart(client: TestClient) -> None:
    client.cookies.set("aisle_saved", "e1|gone")
    page = client.get("/saved").text
    assert page.count("<article") == 1
    assert 'value="unsave" aria-pressed="true"' in page


def test_an_item_without_a_picture_shows_its_initials(client: TestClient) -> None:
    page = client.get("/items/e1").text
    assert '<span class="initials" aria-hidden="true">UC</span>' in page
    assert "https://pictures.example/lamp.jpg" in client.get("/items/x%2F1").text


def test_pages_may_not_be_kept_by_shared_caches(client: TestClient) -> None:
    assert client.get("/").headers["cache-control"] == "private, no-cache"


@pytest.fixture
def unbuilt(tmp_path: Path) -> Iterator[TestClient]:
    shop = init(tmp_path / "unbuilt")
    with TestClient(create_app(shop)) as client:
        yield client
    shop.close()


def test_a_shop_without_a_release_says_that_it_is_not_ready(unbuilt: TestClient) -> None:
    answer = unbuilt.get("/", headers={"Accept-Language": "en"})
    assert answer.status_code == 503
    assert "The shop is not ready" in answer.text
