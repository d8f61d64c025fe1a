"""Shelves on the toy shop: ann bought a cable, bob headphones, cid coffee things, dee shoes, eve looks around."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest

from aisle.errors import InputError, NotFoundError
from aisle.shop import Shop
from aisle.testing.toy_shop import toy_items
from aisle.types import Reason, Shelf, ShelfName


def ids(shelf: Shelf) -> list[str]:
    return [hit.item_id for hit in shelf.hits]


def test_unknown_user_gets_popular_items(toy_shop: Shop) -> None:
    shelf = toy_shop.recommend("nobody", k=3)
    assert shelf.name == "popular"
    assert ids(shelf) == ids(toy_shop.popular(3))
    assert toy_shop.recommend(None, k=3).name == "popular"


def test_what_was_bought_is_not_recommended_again(toy_shop: Shop) -> None:
    shelf = toy_shop.recommend("cid", k=12)
    assert shelf.name == "for_you"
    assert not {"k1", "k2"} & set(ids(shelf))


def test_what_was_disliked_is_not_recommended(toy_shop: Shop) -> None:
    assert "e5" not in ids(toy_shop.recommend("eve", k=12))


def test_sold_out_items_stay_off_every_shelf(toy_shop: Shop) -> None:
    for shelf in (toy_shop.popular(12), toy_shop.recommend("bob", k=12), toy_shop.similar("e4", 12)):
        assert "e6" not in ids(shelf)


def test_similar_items_never_hold_the_item_itself(toy_shop: Shop) -> None:
    shelf = toy_shop.similar("s1", k=5)
    assert shelf.name == "similar"
    assert "s1" not in ids(shelf)
    assert ids(shelf)[0] == "s2"  # viewed by the same shopper, and described alike


def test_shelf_because_you_viewed_names_the_last_item_looked_at(toy_shop: Shop) -> None:
    shelves = {shelf.name: shelf for shelf in toy_shop.shelves("dee", 2)}
    assert list(shelves) == ["for_you", "because_viewed", "rising", "popular"]
    assert {reason.detail for hit in shelves["because_viewed"].hits for reason in hit.reasons} == {"s3"}


def test_new_visitor_sees_what_rises_and_what_is_popular(toy_shop: Shop) -> None:
    assert [shelf.name for shelf in toy_shop.shelves(None, 4)] == ["rising", "popular"]


def test_event_changes_the_shelf_at_once(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    shop.build()
    assert shop.recommend("zoe", k=3).name == "popular"
    assert shop.log([{"kind": "view", "item_id": "s1", "user_id": "zoe"}]) == 1
    shelf = shop.recommend("zoe", k=3)
    assert shelf.name == "for_you"
    assert "s2" in ids(shelf)


def test_stranger_is_known_by_the_session(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    shop.build()
    shop.log([{"kind": "view", "item_id": "s1", "session_id": "tab"}])
    assert shop.recommend(session_id="tab", k=3).name == "for_you"
    names = [shelf.name for shelf in shop.shelves(session_id="tab", k=2)]
    assert names == ["for_you", "because_viewed", "rising", "popular"]
    assert shop.recommend(session_id="other", k=3).name == "popular"


def test_ranks_start_at_one_and_every_hit_has_a_reason(toy_shop: Shop) -> None:
    for shelf in (
        *toy_shop.shelves("ann", 2),
        toy_shop.recommend("ann", shelf="in_your_categories"),
        toy_shop.similar("k1", 4),
    ):
        assert [hit.rank for hit in shelf.hits] == list(range(1, len(shelf.hits) + 1))
        assert all(hit.reasons for hit in shelf.hits)


def test_rising_is_growth_in_the_last_week_of_the_log(toy_shop: Shop) -> None:
    # Days 4 to 10 against days 1 to 3, of which s1 and e3 have nothing: growth = weight / (0 + 10).
    # s1: view 1, cart 4, purchase 8; e3: two views, cart 4, five stars 2.
    shelf = toy_shop.recommend(k=2, shelf="rising")
    assert [(hit.item_id, hit.score, hit.reasons) for hit in shelf.hits] == [
        ("s1", 1.3, (Reason("rising"),)),
        ("e3", 0.8, (Reason("rising"),)),
    ]
    assert "s1" not in ids(toy_shop.recommend("dee", shelf="rising"))  # bought


def test_categories_are_those_that_the_user_likes_something_of(toy_shop: Shop) -> None:
    # dee looked at shoes (s1, which she bought, and s2) and at a mat; eve at cables, chargers, audio, and dislikes e5.
    shelf = toy_shop.recommend("dee", shelf="in_your_categories")
    assert (shelf.name, ids(shelf)) == ("in_your_categories", ["s3", "s2"])
    assert shelf.hits[0].reasons == (Reason("in_your_categories", "Sports > Fitness"),)
    assert ids(toy_shop.recommend("eve", shelf="in_your_categories")) == ["e3", "e4", "e1"]
    assert toy_shop.recommend("nobody", shelf="in_your_categories").hits == ()


def test_without_a_category_nothing_is_popular_in_one(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    shop.store.upsert_items([replace(item, category=()) for item in toy_items()])
    shop.build()
    assert shop.recommend("dee", shelf="in_your_categories").hits == ()
    assert shop.recommend("dee").hits


def test_unknown_shelf_is_named(toy_shop: Shop) -> None:
    with pytest.raises(InputError, match="shelf='risin' is no shelf; did you mean \"rising\""):
        toy_shop.recommend(shelf=cast("ShelfName", "risin"))


def test_unknown_item_is_named(toy_shop: Shop) -> None:
    with pytest.raises(NotFoundError, match="no item 'nope'"):
        toy_shop.similar("nope")


def test_shelf_length_out_of_range_is_refused(toy_shop: Shop) -> None:
    with pytest.raises(InputError, match="k=0"):
        toy_shop.recommend("ann", k=0)
