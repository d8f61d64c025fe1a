"""Shelves on the toy shop: ann bought a cable, bob headphones, cid coffee things, dee shoes, eve looks around."""

from collections.abc import Callable

import pytest

from aisle.errors import InputError, NotFoundError
from aisle.shop import Shop
from aisle.types import Shelf


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
    shelves = {shelf.name: shelf for shelf in toy_shop.shelves("dee", 4)}
    assert list(shelves) == ["for_you", "because_viewed", "popular"]
    assert {reason.detail for hit in shelves["because_viewed"].hits for reason in hit.reasons} == {"s3"}


def test_new_visitor_sees_the_popular_shelf_alone(toy_shop: Shop) -> None:
    assert [shelf.name for shelf in toy_shop.shelves(None, 4)] == ["popular"]


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
    assert [shelf.name for shelf in shop.shelves(session_id="tab")] == ["for_you", "because_viewed", "popular"]
    assert shop.recommend(session_id="other", k=3).name == "popular"


def test_ranks_start_at_one_and_every_hit_has_a_reason(toy_shop: Shop) -> None:
    for shelf in (*toy_shop.shelves("ann", 4), toy_shop.similar("k1", 4)):
        assert [hit.rank for hit in shelf.hits] == list(range(1, len(shelf.hits) + 1))
        assert all(hit.reasons for hit in shelf.hits)


def test_unknown_item_is_named(toy_shop: Shop) -> None:
    with pytest.raises(NotFoundError, match="no item 'nope'"):
        toy_shop.similar("nope")


def test_shelf_length_out_of_range_is_refused(toy_shop: Shop) -> None:
    with pytest.raises(InputError, match="k=0"):
        toy_shop.recommend("ann", k=0)
