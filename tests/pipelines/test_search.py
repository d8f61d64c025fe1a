"""Search on the toy shop: twelve items, letter counts for vectors."""

from datetime import UTC, datetime

import pytest

from aisle.errors import InputError
from aisle.shop import Shop
from aisle.types import SearchResponse


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
