"""Rules of baskets, counted by hand: a basket is what one user bought on one day."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from aisle.errors import InputError, NotFoundError
from aisle.shop import Shop
from aisle.types import Event, Reason


def buy(shop: Shop, user: str, *item_ids: str) -> None:
    day = datetime(2026, 3, 11, tzinfo=UTC)
    shop.log(Event(f"{user}-{one}", "purchase", day, user_id=user, item_id=one) for one in item_ids)


def found(shop: Shop, item_id: str) -> list[tuple[str, float]]:
    return [(hit.item_id, hit.score) for hit in shop.bought_together(item_id).hits]


@pytest.fixture
def shop(new_shop: Callable[[], Shop]) -> Shop:
    """Two baskets hold the machine k1 and the grinder k2 (cid's of the toy shop is one), one more holds k1 alone."""
    shop = new_shop()
    buy(shop, "fay", "k1", "k2")
    buy(shop, "gus", "k1")
    return shop


def test_the_score_is_the_share_of_the_baskets(shop: Shop) -> None:
    shop.build()
    shelf = shop.bought_together("k1")
    assert (shelf.name, shelf.release_id) == ("bought_together", shop.release.release_id)
    assert found(shop, "k1") == [("k2", round(2 / 3, 6))]
    assert shelf.hits[0].reasons == (Reason("bought_together", "k1"),)
    assert found(shop, "k2") == [("k1", 1.0)]


def test_one_basket_is_no_rule_and_nothing_fills_the_shelf(toy_shop: Shop) -> None:
    assert toy_shop.bought_together("k1").hits == ()  # cid alone bought k1 and k2
    assert toy_shop.bought_together("s1").hits == ()  # viewed with s2 alone


def test_looking_together_is_not_buying_together(shop: Shop) -> None:
    for user in ("hal", "ida", "joe"):
        shop.log([{"kind": "view", "item_id": item, "user_id": user} for item in ("s1", "s2")])
    shop.build()
    assert found(shop, "s1") == []


def test_variants_of_the_item_are_left_out(shop: Shop) -> None:
    for user in ("hal", "ida"):
        buy(shop, user, "e1", "e2", "e3")
    shop.build()
    # ann bought e1 alone: of three baskets with e1, two held e3
    assert found(shop, "e1") == [("e3", round(2 / 3, 6))]
    assert [item_id for item_id, _ in found(shop, "e3")] == ["e1"]  # one of the two cables


def test_rules_hold_between_products_whatever_the_variant(shop: Shop) -> None:
    # e1 and e2 are one cable in two lengths: each was bought once with the grinder, the cable twice
    buy(shop, "hal", "e1", "k3")
    buy(shop, "ida", "e2", "k3")
    shop.build()
    # ann bought e1 alone: of three baskets with a cable, two held k3
    assert found(shop, "e1") == found(shop, "e2") == [("k3", round(2 / 3, 6))]
    assert [item_id for item_id, _ in found(shop, "k3")] == ["e1"]  # one of the two cables


def test_what_is_sold_out_or_gone_is_left_out(shop: Shop) -> None:
    for user in ("hal", "ida"):
        buy(shop, user, "s1", "s3", "e6")
    shop.build()
    assert [item_id for item_id, _ in found(shop, "s3")] == ["s1"]  # e6 is sold out
    shop.store.delete_items(["s1"])
    assert shop.refresh()
    assert found(shop, "s3") == []


def test_an_item_newer_than_the_release_has_no_rules(shop: Shop) -> None:
    shop.build()
    shop.store.upsert_items([shop.item("k3").__class__("new", "A new mug")])
    shop.refresh()
    assert found(shop, "new") == []


def test_an_unknown_item_and_a_wrong_length_are_refused(toy_shop: Shop) -> None:
    with pytest.raises(NotFoundError, match="no item 'nope'"):
        toy_shop.bought_together("nope")
    for k in (0, 1001):
        with pytest.raises(InputError, match=f"k={k}"):
            toy_shop.bought_together("e1", k)
