import numpy as np
import pytest

from aisle.errors import InputError
from aisle.recommenders.item_features import item_features
from aisle.types import Item

HALF = 0.5**0.5


def item(item_id: str, category: tuple[str, ...] = (), price: float | None = None, currency: str = "EUR") -> Item:
    return Item(item_id, item_id, category=category, price=price, currency=currency)


def test_texts_categories_and_prices_stand_side_by_side() -> None:
    # the wide category has two items, the narrow ones one each, which tells nothing; log prices 0, 2 and none
    items = [item("a", ("Audio", "Radios"), 0.0), item("b", ("Audio",), float(np.expm1(2))), item("c"), None]
    told = item_features(items, np.eye(4, dtype=np.float32))
    assert told.dtype == np.float32
    assert told == pytest.approx(
        np.array(
            [[1, 0, 0, 0, HALF, -1, 1], [0, 1, 0, 0, 1, 1, 1], [0, 0, 1, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0]], np.float32
        )
    )


def test_categories_of_one_name_under_different_ones_are_different() -> None:
    paths = [("Men", "Shoes"), ("Men", "Shoes"), ("Women", "Shoes"), ("Women", "Shoes")]
    told = item_features([item(str(at), path) for at, path in enumerate(paths)], np.zeros((4, 1), np.float32))
    columns = told[:, 1:-2]
    assert columns.shape == (4, 4)
    assert (columns[0] @ columns[1], columns[0] @ columns[2]) == (pytest.approx(1.0), 0.0)


def test_prices_are_compared_within_their_currency() -> None:
    items = [item("a", price=1.0), item("b", price=3.0), item("c", price=100.0, currency="CNY")]
    scaled = item_features(items, np.zeros((3, 1), np.float32))[:, -2]
    assert scaled.tolist() == pytest.approx([-1, 1, 0])


def test_a_price_far_out_is_cut() -> None:
    items = [item(str(at), price=1.0) for at in range(99)]
    assert item_features([*items, item("far", price=1e6)], np.zeros((100, 1), np.float32))[-1, -2] == 3


def test_no_items_have_no_features() -> None:
    assert item_features([], np.zeros((0, 2), np.float32)).shape == (0, 4)


def test_a_vector_too_few_is_refused() -> None:
    with pytest.raises(InputError, match="1 vectors for 2 items"):
        item_features([None, None], np.zeros((1, 2), np.float32))
