"""Search on the toy shop: twelve items, letter counts for vectors."""

from datetime import UTC, datetime
from importlib import import_module

import pytest

from aisle.errors import InputError, StoreError
from aisle.shop import Shop
from aisle.types import Event, SearchResponse


def ids(response: SearchResponse) -> list[str]:
    return [hit.item_id for hit in response.hits]


def test_words_of_the_query_come_first(toy_shop: Shop) -> None:
    assert set(ids(toy_shop.search("usb c cable", k=2))) == {"e1", "e2"}


def test_ranks_start_at_one_and_go_on_over_pages(toy_shop: Shop) -> None:
    first, second = toy_shop.search("running shoes", k=2), toy_shop.search("running shoes", k=2, offset=2)
    assert [hit.rank for hit in (*first.hits, *second.hits)] == [1, 2, 3, 4]
    assert ids(first) + ids(second) == ids(toy_shop.search("running shoes", k=4))
    assert first.n_hits == second.n_hits


def test_scores_never_increase(toy_shop: Shop) -> None:
    scores = [hit.score for hit in toy_shop.search("wireless headphones", k=12).hits]
    assert scores == sorted(scores, reverse=True)


def test_empty_query_browses_by_popularity(toy_shop: Shop) -> None:
    response = toy_shop.search("", k=12)
    assert response.n_hits == 12
    # s1: bought on day 9, 8 * 2**(-1/14), viewed and in the cart on day 4, 5 * 2**(-6/14): 11.3 in all; k1: 10.1
    assert ids(response)[:2] == ["s1", "k1"]
    assert response.hits[0].reasons[0].kind == "popular"


def test_query_without_letters_or_words_has_no_hits(toy_shop: Shop) -> None:
    response = toy_shop.search("!?", facets=True)
    assert (response.hits, response.n_hits, response.facets) == ((), 0, ())


def test_filters_hold_for_every_hit(toy_shop: Shop) -> None:
    response = toy_shop.search("headphones", k=12, filters="price < 50 AND brand = sonora")
    assert ids(response) == ["e5"]


def test_filter_with_an_empty_query_browses_what_passes(toy_shop: Shop) -> None:
    assert set(ids(toy_shop.search(filters='category = "Kitchen > Coffee"'))) == {"k1", "k2"}
    assert ids(toy_shop.search(filters="in_stock = false")) == ["e6"]


def test_sorting_by_price_leaves_the_far_fetched_out(toy_shop: Shop) -> None:
    response = toy_shop.search("coffee", k=12, sort="price_asc")
    assert ids(response)[:3] == ["k3", "k2", "k1"]
    prices = [hit.item.price for hit in response.hits]
    assert prices == sorted(prices, key=lambda price: price or 0)


def test_browsing_sorts_by_every_field(toy_shop: Shop) -> None:
    assert ids(toy_shop.search(sort="price_desc", k=1)) == ["k1"]
    assert ids(toy_shop.search(sort="rating", k=1)) == ["e3"]
    assert ids(toy_shop.search(sort="rating", k=12))[-1] == "s3"  # nobody has rated it
    assert ids(toy_shop.search(sort="popularity", k=1)) == ["s1"]


def test_chinese_query_finds_items_by_their_translation(toy_shop: Shop) -> None:
    response = toy_shop.search("无线耳机", locale="zh")
    assert ids(response)[0] == "e4"
    assert response.hits[0].highlights["title.zh"] == ((0, 4),)


def test_full_width_letters_are_the_same_letters(toy_shop: Shop) -> None:
    assert ids(toy_shop.search("ＵＳＢ　ｃａｂｌｅ", k=2)) == ids(toy_shop.search("usb cable", k=2))


def test_matched_words_are_highlighted_and_named_as_reason(toy_shop: Shop) -> None:
    hit = toy_shop.search("headphone wireless", k=1).hits[0]
    assert hit.item.title == "Wireless headphones"
    assert hit.highlights["title"] == ((0, 8), (9, 19))
    assert hit.reasons[0].kind == "words"
    assert hit.reasons[0].detail == "wireless, headphones"
    assert hit.reasons[1].kind == "meaning"


def test_facets_count_the_whole_result_and_not_the_page(toy_shop: Shop) -> None:
    response = toy_shop.search("", k=1, facets=True)
    facets = {facet.field: {value.value: value.count for value in facet.values} for facet in response.facets}
    assert facets["category"]["Electronics"] == 6
    assert facets["category"]["Electronics > Audio"] == 3
    assert facets["brand"]["Volt"] == 3
    assert facets["in_stock"] == {"true": 11, "false": 1}
    assert sum(facets["price"].values()) == 12


def test_every_facet_value_filters_to_its_count(toy_shop: Shop) -> None:
    for facet in toy_shop.search("", facets=True).facets:
        for value in facet.values:
            assert toy_shop.search("", filters=value.filter).n_hits == value.count


def test_each_search_has_its_own_query_id(toy_shop: Shop) -> None:
    assert toy_shop.search("mug").query_id != toy_shop.search("mug").query_id


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 0}, "k=0; expected 1 <= k <= 1000"),
        ({"k": 5000}, "k=5000; expected 1 <= k <= 1000"),
        ({"offset": -1}, "offset=-1; expected 0 <= offset <= 10000"),
        ({"sort": "price"}, 'did you mean "price_asc"|did you mean "price_desc"'),
        ({"filters": "price <"}, "expected a value at its end"),
        ({"filters": 'colour = "red"'}, "unknown field 'colour'; did you mean \"color\""),
        ({"query": "x" * 10_000}, "query has 10,000 characters; at most 1,000"),
        ({"query": "a\x00b"}, "control character"),
    ],
)
def test_bad_values_are_told_what_was_expected(toy_shop: Shop, options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        toy_shop.search(**{"query": "mug", **options})  # type: ignore[arg-type]


def test_newest_first_puts_items_without_a_date_last(toy_shop: Shop) -> None:
    response = toy_shop.search(sort="newest", k=12)
    dates = [hit.item.released_at or datetime.min.replace(tzinfo=UTC) for hit in response.hits]
    assert dates == sorted(dates, reverse=True)


def test_counts_of_a_sorted_page_are_those_of_its_results(toy_shop: Shop) -> None:
    asked = {"query": "headphones", "sort": "price_asc", "k": 12}
    everything = toy_shop.search(**asked)  # type: ignore[arg-type]
    narrowed = toy_shop.search(**asked, filters='color = "black"', facets=True)  # type: ignore[arg-type]
    colors = next(facet for facet in narrowed.facets if facet.field == "color")
    shown = [hit.item.attributes.get("color") for hit in everything.hits]
    assert {value.value: value.count for value in colors.values} == {"black": shown.count("black")}
    assert toy_shop.search("headphones", k=12).n_hits > everything.n_hits
    inside = toy_shop.facet_values("color", query="headphones", filters='color = "black"', sort="price_asc")
    assert inside == colors.values


def test_values_inside_a_facet_follow_spelling_and_what_was_taken_back(toy_shop: Shop) -> None:
    under = "headphones under 50"
    (reading,) = [one.filter for one in toy_shop.search(under).constraints if one.field == "price"]
    assert [value.value for value in toy_shop.facet_values("wireless", query=under)] == ["false"]
    back = toy_shop.facet_values("wireless", query=under, without=[reading])
    assert {value.value for value in back} >= {"true", "false"}
    assert toy_shop.facet_values("brand", "son", "headfones")
    as_typed = toy_shop.search("headfones", k=12, spelling=False, facets=True)
    counted = {value.value for facet in as_typed.facets if facet.field == "brand" for value in facet.values}
    assert {value.value for value in toy_shop.facet_values("brand", query="headfones", spelling=False)} == counted


def like(shop: Shop, user_id: str, item_id: str) -> None:
    moment = datetime(2026, 4, 1, tzinfo=UTC)
    shop.log([Event(f"{user_id}-{item_id}", "purchase", moment, user_id=user_id, item_id=item_id)])


def test_known_shoppers_see_what_they_prefer_first(toy_shop: Shop) -> None:
    query = "usb c cable"
    stranger = ids(toy_shop.search(query))
    assert stranger[0] == "e1"
    like(toy_shop, "zoe", "e2")
    mine = toy_shop.search(query, user_id="zoe", k=2)
    assert ids(mine) == ["e2", "e1"]
    assert "taste" in [reason.kind for reason in mine.hits[0].reasons]
    assert ids(toy_shop.search(query)) == ids(toy_shop.search(query, user_id="nobody")) == stranger
    assert [reason.kind for hit in toy_shop.search(query).hits for reason in hit.reasons].count("taste") == 0


def test_a_session_has_a_taste_of_its_own(toy_shop: Shop) -> None:
    moment = datetime(2026, 4, 1, tzinfo=UTC)
    toy_shop.log([Event("s-1", "purchase", moment, session_id="visit", item_id="e2")])
    assert ids(toy_shop.search("usb c cable", session_id="visit"))[0] == "e2"
    assert ids(toy_shop.search("usb c cable", session_id="other"))[0] == "e1"


def test_shoppers_without_a_history_share_the_remembered_answer(
    toy_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy_shop.search("usb c cable")
    module = import_module("aisle.pipelines.search")

    def never(*_: object) -> None:
        raise AssertionError("the answer was made anew")

    monkeypatch.setattr(module, "_answer", never)
    like(toy_shop, "zoe", "e2")
    for user_id in ("nobody", "zoe", None):
        assert toy_shop.search("usb c cable", user_id=user_id).hits


def test_sorting_and_browsing_are_the_same_for_everybody(toy_shop: Shop) -> None:
    like(toy_shop, "zoe", "e2")
    assert ids(toy_shop.search(user_id="zoe")) == ids(toy_shop.search())
    by_price = toy_shop.search("usb c cable", sort="price_asc", user_id="zoe")
    assert ids(by_price) == ids(toy_shop.search("usb c cable", sort="price_asc"))


def test_a_search_needs_no_store(toy_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise StoreError("the database is away")

    monkeypatch.setattr(toy_shop.store, "user_events", away)
    assert toy_shop.search("usb c cable", user_id="ann").hits
