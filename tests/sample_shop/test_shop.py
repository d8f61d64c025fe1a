from datetime import UTC, datetime

import pytest

from aisle.errors import InputError
from aisle.sample_shop import SampleShop, generate
from aisle.sample_shop.truth import truth_to_dict


def test_same_seed_gives_the_same_shop() -> None:
    one, other = (generate(seed=5, n_items=80, n_users=30, days=10) for _ in range(2))
    assert one.items == other.items
    assert one.events.equals(other.events)
    assert one.judgments == other.judgments
    assert truth_to_dict(one.truth) == truth_to_dict(other.truth)


def test_another_seed_gives_another_shop(small_shop: SampleShop) -> None:
    other = generate(seed=4, n_items=600, n_users=30, days=10)
    assert [item.title for item in other.items] != [item.title for item in small_shop.items]


@pytest.mark.parametrize(("n_items", "n_users", "days"), [(1, 1, 1), (5, 3, 2), (40, 1, 30)])
def test_tiny_shops_are_shops(n_items: int, n_users: int, days: int) -> None:
    shop = generate(n_items=n_items, n_users=n_users, days=days)
    assert len(shop.items) == n_items
    assert set(shop.events["item_id"].unique()) - {""} <= {item.item_id for item in shop.items}


def test_window_ends_where_it_is_told_to() -> None:
    shop = generate(n_items=50, n_users=40, days=7, end=datetime(2020, 3, 8, tzinfo=UTC))
    dates = shop.events["timestamp"].dt.date().cast(str).unique().sort().to_list()
    assert dates[0] == "2020-03-01"
    assert dates[-1] == "2020-03-07"


@pytest.mark.parametrize("name", ["n_items", "n_users", "days"])
def test_nothing_at_all_is_refused(name: str) -> None:
    sizes = {"n_items": 1, "n_users": 1, "days": 1, name: 0}
    with pytest.raises(InputError, match=f"{name}=0; a shop needs at least 1"):
        generate(7, sizes["n_items"], sizes["n_users"], sizes["days"])


def test_end_without_utc_is_refused() -> None:
    with pytest.raises(InputError, match="UTC"):
        generate(n_items=1, n_users=1, days=1, end=datetime(2026, 6, 30))
