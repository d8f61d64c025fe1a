from hypothesis import given
from hypothesis import strategies as st

from aisle.storefront.basket import MAX_COOKIE_BYTES, read_cart, read_saved, write_cart, write_saved

IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(st.dictionaries(IDS, st.integers(1, 99), max_size=10))
def test_a_cart_survives_its_cookie(cart: dict[str, int]) -> None:
    text = write_cart(cart)
    assert read_cart(text) == cart
    assert text.isascii() and not set(text) & set('";, \\')


@given(st.lists(IDS, unique=True, max_size=10))
def test_saved_items_survive_their_cookie(item_ids: list[str]) -> None:
    assert read_saved(write_saved(item_ids)) == tuple(item_ids)


def test_a_forged_cart_is_read_as_far_as_it_can_be() -> None:
    assert read_cart("a:0|b:-1|c:x|:3||d:2|e:999999999|f:²") == {"d": 2, "e": 99}


def test_the_oldest_saved_items_go_when_the_cookie_is_full() -> None:
    item_ids = [f"item-{number:04}" for number in range(1000)]
    kept = read_saved(write_saved(item_ids))
    assert kept == tuple(item_ids[: len(kept)])
    assert len(write_saved(item_ids)) <= MAX_COOKIE_BYTES
