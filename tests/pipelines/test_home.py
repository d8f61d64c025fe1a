"""The home page: no product twice, no shelf that looks like a mistake."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from aisle.shop import Shop
from aisle.testing.toy_shop import toy_items

USERS = [None, "ann", "bob", "cid", "dee", "eve"]


@pytest.mark.parametrize("user_id", USERS)
@pytest.mark.parametrize("k", [1, 2, 4, 12])
def test_no_product_stands_on_the_page_twice(toy_shop: Shop, user_id: str | None, k: int) -> None:
    items = [hit.item for shelf in toy_shop.shelves(user_id, k) for hit in shelf.hits]
    products = [item.group_id or item.item_id for item in items]
    assert products and len(products) == len(set(products))


@pytest.mark.parametrize("user_id", USERS)
def test_a_shelf_of_less_than_four_is_not_shown(toy_shop: Shop, user_id: str | None) -> None:
    for shelf in toy_shop.shelves(user_id, 4):
        assert len(shelf.hits) == 4
    assert "in_your_categories" not in [shelf.name for shelf in toy_shop.shelves("dee", 4)]  # s3 and s2 alone


def test_in_a_small_shop_the_first_shelf_does_not_take_everything(toy_shop: Shop) -> None:
    # ten products are for sale: twelve for the first shelf would leave nothing to the second
    lengths = {shelf.name: len(shelf.hits) for shelf in toy_shop.shelves("dee", 12)}
    assert lengths == {"for_you": 4, "because_viewed": 4}


def test_a_shop_of_three_items_shows_them(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    shop.store.delete_items([item.item_id for item in toy_items()[3:]])
    shop.build()
    [shelf] = shop.shelves(k=12)
    assert (shelf.name, len(shelf.hits)) == ("popular", 2)  # two variants of a cable, and a charger


def test_what_is_popular_where_somebody_looks_has_its_shelf(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    mats = [replace(toy_items()[-1], item_id=f"mat{n}", title=f"Mat {n}") for n in range(30)]
    shop.store.upsert_items(mats)
    shop.log([{"kind": "view", "item_id": mat.item_id, "user_id": "gym"} for mat in mats])
    shop.build()
    shelves = {shelf.name: shelf for shelf in shop.shelves("dee", 4)}
    assert list(shelves) == ["for_you", "because_viewed", "in_your_categories", "rising", "popular"]
    paths = {hit.item.category for hit in shelves["in_your_categories"].hits}
    assert paths <= {("Sports", "Fitness"), ("Sports", "Shoes")}
