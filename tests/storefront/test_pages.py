import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from aisle.serving import create_app
from aisle.shop import Shop, init
from aisle.types import Constraint, Facet, FacetValue, Hit, Item, Reason, Shelf

AnswerWith = Callable[..., list[dict[str, object]]]
CHEAP = Constraint("price", "price <= 20", "under 20 euro", 1.0, sure=True)
BLACK = Constraint("color", 'color = "black"', "<b>black</b>", 0.6, sure=False)
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


def test_home_shows_what_rises_and_no_product_twice(client: TestClient) -> None:
    page = client.get("/").text
    assert "Rising now" in page
    shown = re.findall(r'data-item="(.*?)"', page)
    assert len(shown) == len(set(shown))
    assert "人气上升" in client.get("/", headers={"Accept-Language": "zh"}).text


def test_an_item_shows_what_is_bought_with_it_and_not_again_as_similar(
    client: TestClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    heading = "Often bought together</h2>"
    assert heading not in client.get("/items/k1").text  # one basket is no rule
    hits = (Hit("k2", 0.5, 1, shop.item("k2"), (Reason("bought_together", "k1"),)),)
    monkeypatch.setattr(shop, "bought_together", lambda item_id, k: Shelf("bought_together", hits))
    page = client.get("/items/k1").text
    assert heading in page and "Similar products" in page
    assert page.count('data-item="k2"') == 1
    assert re.findall(r'<h2 id="(shelf-.)"', page) == ["shelf-1", "shelf-2"]
    ranks = re.findall(r'data-rank="(.*?)"', page.split('id="shelf-2"')[1])
    assert ranks == [str(rank) for rank in range(1, len(ranks) + 1)]


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
    assert titles(page) == ["USB-C cable 1 m", "USB-C charger 65 W"]
    assert "2 variants" in page
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
    assert len(titles(client.get(f"/search?page={page}").text)) == 12  # 13 items, two of one product


def test_results_that_hold_no_word_of_the_query_say_so(client: TestClient) -> None:
    notice = "These come closest in meaning."
    assert notice in client.get("/search?q=heodphanes&spelling=0").text
    assert notice not in client.get("/search?q=headphones").text


def notes(page: str) -> list[str]:
    """What the page says about how it read the query, without markup."""
    found = re.findall(r"<p[^>]* data-note>(.*?)</p>", page, re.DOTALL)
    return [html.unescape(re.sub("<.*?>", "", note)).strip() for note in found]


def understood(page: str) -> list[tuple[str, str]]:
    """The chips of what was understood: their addresses and their words."""
    found = re.findall(r'class="chip understood[^"]*" href="(.*?)"[^>]*>(.*?)<svg', page)
    return [(html.unescape(url), html.unescape(re.sub("<.*?>", "", words)).strip()) for url, words in found]


def test_a_mended_query_says_so_and_can_be_searched_for_as_typed(client: TestClient, answer_with: AnswerWith) -> None:
    asked = answer_with(corrected="cable")
    page = client.get("/search?q=cabel&brand=Volt&page=2").text
    assert "<h1>Showing results for “cable”</h1>" in page
    assert notes(page)[0] == "Search instead for “cabel”"
    assert 'href="/search?q=cabel&amp;brand=Volt&amp;spelling=0"' in page
    assert 'value="cabel"' in page
    client.get("/search?q=cabel&spelling=0&without=price+%3C%3D+20")
    assert [one["spelling"] for one in asked] == [True, True, False]
    assert asked[-1]["without"] == ("price <= 20",)


def test_a_mended_query_is_shown_as_words(client: TestClient, answer_with: AnswerWith) -> None:
    answer_with(corrected="<script>alert(1)</script>", relaxed=("<img src=x>",), constraints=(BLACK,))
    page = client.get("/search", params={"q": "cable"}).text
    assert "<script>alert" not in page and "<img src=x" not in page and "<b>black" not in page


def test_words_that_were_left_out_are_named(client: TestClient, answer_with: AnswerWith) -> None:
    answer_with(relaxed=("purple", "velvet"))
    assert notes(client.get("/search?q=purple+velvet+cable").text) == [
        "Nothing matches all words. Left out: purple, velvet"
    ]
    assert notes(client.get("/search?q=cable&lang=zh").text) == ["没有商品包含所有关键词，已忽略： purple、velvet"]


def test_results_of_meaning_alone_say_so(client: TestClient, answer_with: AnswerWith) -> None:
    answer_with(relaxed=("*",))
    assert notes(client.get("/search?q=cable").text) == ["No product mentions “cable”. These come closest in meaning."]


def test_what_was_understood_can_be_taken_back(client: TestClient, answer_with: AnswerWith) -> None:
    answer_with(constraints=(CHEAP, BLACK))
    page = client.get("/search?q=cable&sort=rating").text
    assert understood(page) == [
        ("/search?q=cable&without=price+%3C%3D+20&sort=rating", "Price under 20 euro filter"),
        ("/search?q=cable&without=color+%3D+%22black%22&sort=rating", "Colour <b>black</b> preferred"),
    ]
    assert [words for _, words in understood(client.get("/search?q=cable&lang=zh").text)] == [
        "价格 under 20 euro 筛选", "颜色 <b>black</b> 优先",
    ]  # fmt: skip


def test_clearing_the_filters_keeps_what_was_taken_back(client: TestClient) -> None:
    page = client.get("/search?q=cable&brand=Volt&brand=Roma&spelling=0&without=price+%3C%3D+20").text
    assert 'class="chip chip-all" href="/search?q=cable&amp;spelling=0&amp;without=price+%3C%3D+20"' in page
    assert '<input type="hidden" name="without" value="price &lt;= 20">' in page


def test_nothing_under_a_price_leads_on_without_it(client: TestClient, answer_with: AnswerWith) -> None:
    answer_with(hits=(), n_hits=0, constraints=(CHEAP, BLACK))
    page = client.get("/search?q=cable").text
    assert re.findall(r">(Search without “.*?”)</a>", page) == ["Search without “under 20 euro”"]


def test_a_price_that_is_typed_in_takes_the_place_of_the_one_in_the_query(
    client: TestClient, answer_with: AnswerWith
) -> None:
    answer_with(constraints=(CHEAP,))
    form = client.get("/search?q=cable").text.split('class="price-form"')[1].split("</form>")[0]
    assert '<input type="hidden" name="without" value="price &lt;= 20">' in form


def test_a_page_of_results_is_one_search(client: TestClient, answer_with: AnswerWith) -> None:
    asked = answer_with()
    client.get("/search?brand=Volt&filter=color+%3D+%22black%22&price_max=50")
    assert [one["filters"] for one in asked] == ['brand = "Volt" AND color = "black" AND price <= 50']


def test_a_long_facet_has_a_box_to_search_inside_it(client: TestClient, answer_with: AnswerWith) -> None:
    names = [*"ABCDEFGH", '"><script>']
    answer_with(facets=(Facet("brand", tuple(FacetValue(name, 1, f"brand = {name}") for name in names)),))
    page = client.get("/search?q=cable&price_max=50").text
    assert 'aria-label="Search in Brand"' in page and 'data-facet-search="brand"' in page
    assert 'data-query="cable" data-within="price &lt;= 50"' in page
    assert "<script>" not in page


def test_no_results_help_to_go_on(client: TestClient) -> None:
    page = client.get("/search?q=cable&brand=Nobody").text
    assert 'href="/search?q=cable" rel="nofollow" data-live>Search without the filter: Brand</a>' in page
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
