import numpy as np

from aisle.recommenders import History, Interactions
from aisle.recommenders.next_kind import next_kinds_of
from aisle.testing.recommenders import history
from aisle.types import EVENT_KINDS


def test_a_purchase_follows_a_cart() -> None:
    view, cart, purchase = (EVENT_KINDS.index(kind) for kind in ("view", "cart", "purchase"))
    # two users: view, cart, purchase; two: view, view
    kinds = np.array([view, cart, purchase] * 2 + [view, view] * 2, np.int8)
    log = Interactions(
        np.array([0, 0, 0, 1, 1, 1, 2, 2, 3, 3]), np.array([0, 0, 0, 1, 1, 1, 2, 3, 2, 3]),
        np.ones(10, np.float32), np.arange(10.0), 4, 6, kinds,
    )  # fmt: skip
    empty, after_cart, new_item = next_kinds_of(log).shares(
        [
            history(),
            History(np.array([0, 0]), np.ones(2, np.float32), np.array([view, cart], np.int8)),
            History(np.array([5]), np.ones(1, np.float32), np.array([cart], np.int8)),
        ]
    )
    np.testing.assert_allclose(empty[[view, cart, purchase]], [0.6, 0.2, 0.2], rtol=1e-6)
    # after a cart both went on to a purchase: (2 + 5 * 0.2) / (2 + 5)
    np.testing.assert_allclose(new_item[purchase], 3 / 7, rtol=1e-6)
    assert after_cart.argmax() == purchase
    np.testing.assert_allclose([one.sum() for one in (empty, after_cart, new_item)], 1, rtol=1e-5)


def test_without_kinds_each_kind_is_as_likely() -> None:
    log = Interactions(np.zeros(2, np.int64), np.array([0, 1]), np.ones(2, np.float32), np.zeros(2), 1, 2)
    shares = next_kinds_of(log).shares([history(0)])
    np.testing.assert_allclose(shares, np.full((1, len(EVENT_KINDS)), 1 / len(EVENT_KINDS)), rtol=1e-6)


def test_a_history_without_kinds_is_told_by_its_newest_item() -> None:
    view, purchase = EVENT_KINDS.index("view"), EVENT_KINDS.index("purchase")
    # after item 0 comes a purchase, after item 1 a view
    kinds = np.array([view, purchase, view, view], np.int8)
    log = Interactions(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1]), np.ones(4, np.float32), np.zeros(4), 2, 2, kinds)
    shares = next_kinds_of(log).shares([history(1, 0), history(0, 1)])
    np.testing.assert_allclose(shares[:, purchase], [(1 + 5 / 4) / 6, (0 + 5 / 4) / 6], rtol=1e-6)
