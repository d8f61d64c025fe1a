"""The kind of the next act on the toy shop: 27 acts that say something of taste, 14 of them views."""

from collections.abc import Callable

import pytest

import aisle
from aisle.shop import Shop
from aisle.testing.encoder import FakeEncoder


def test_a_stranger_acts_as_the_whole_shop_does(toy_shop: Shop) -> None:
    shares = toy_shop.next_act()
    assert list(shares)[:3] == ["view", "purchase", "cart"]
    assert list(shares.values())[:3] == pytest.approx([14 / 27, 5 / 27, 3 / 27], abs=1e-6)
    assert "search" not in shares
    assert toy_shop.next_act("nobody") == shares


def test_what_was_done_last_tells_what_comes_next(toy_shop: Shop) -> None:
    # cid ended with a purchase and a view. After a view came: view 3, purchase 3, cart 2, dislike 1, rate 1;
    # after a purchase and a view: view 1, cart 1. Each context counts as five acts for the longer one.
    after_view = (3 + 5 * 14 / 27) / (10 + 5)
    assert toy_shop.next_act("cid")["view"] == pytest.approx((1 + 5 * after_view) / (2 + 5), abs=1e-6)


@pytest.mark.parametrize("user_id", [None, "ann", "bob", "cid", "dee", "eve"])
def test_shares_add_up_to_one_the_likeliest_first(toy_shop: Shop, user_id: str | None) -> None:
    shares = list(toy_shop.next_act(user_id).values())
    assert sum(shares) == pytest.approx(1, abs=1e-5)
    assert shares == sorted(shares, reverse=True)


def test_a_session_is_enough_to_go_by(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    shop.build()
    shop.log([{"kind": "view", "item_id": "s1", "session_id": "tab"}])
    # after a view as above; then of all who viewed s1: dee put it into the cart
    after_view = (3 + 5 * 14 / 27) / (10 + 5)
    assert shop.next_act(session_id="tab")["view"] == pytest.approx(5 * after_view / (1 + 5), abs=1e-6)


def test_a_shop_without_acts_knows_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("quiet") / "shop"
    aisle.init(folder).close()
    shop = aisle.open(folder, encoder=FakeEncoder())
    shop.store.upsert_items([aisle.Item("a", "A mug")])
    shop.build()
    assert shop.next_act() == {}
    assert [shelf.name for shelf in shop.shelves()] == ["popular"]
    shop.close()
