from pathlib import Path

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.recommenders import Interactions
from aisle.recommenders.associations import Associations
from aisle.testing.recommenders import RecommenderConformance, SimilarItemsConformance, history, toy_interactions
from aisle.types import EVENT_KINDS

DAY = 86_400.0


class TestAssociations(RecommenderConformance, SimilarItemsConformance):
    def make(self, n_items: int) -> Associations:
        return Associations(support=1, basket_days=30)

    def make_similar(self) -> Associations:
        # of what happened last, so that item 0 has been taken with others: a log without kinds
        log = toy_interactions()
        viewed = Interactions(log.users, log.rows, log.weights, log.times, log.n_users, log.n_items)
        return Associations(support=1, basket_days=1_000).fit(viewed)


def baskets(*rows: list[int], n_items: int = 5) -> Interactions:
    """One user a basket, all on one day."""
    users = np.repeat(np.arange(len(rows)), [len(one) for one in rows])
    flat = np.concatenate([np.array(one, np.int64) for one in rows])
    return Interactions(users, flat, np.ones(len(flat), np.float32), np.zeros(len(flat)), len(rows), n_items)


# of five baskets, four hold 0, two 1, two both; 3 is in all that hold 2 and seldom else
SHOP = baskets([0, 1], [0, 1], [0, 2, 3], [0, 2, 3], [4])


def test_confidence_is_the_share_of_baskets_that_also_hold_it() -> None:
    (found,) = Associations().fit(SHOP).similar(np.array([0]), 5)
    assert found.rows.tolist() == [1, 2, 3]
    np.testing.assert_allclose(found.scores, [2 / 4, 2 / 4, 2 / 4])


def test_lift_is_how_much_more_often_than_by_chance() -> None:
    (found,) = Associations(measure="lift").fit(SHOP).similar(np.array([2]), 5)
    assert found.rows.tolist() == [3, 0]
    np.testing.assert_allclose(found.scores, [5 * 2 / (2 * 2), 5 * 2 / (2 * 4)])


def test_what_comes_together_as_by_chance_is_no_rule() -> None:
    # 0 is in every basket: lift 1 with everything
    (found,) = Associations(support=1).fit(baskets([0, 1], [0, 2], [0, 1])).similar(np.array([1]), 5)
    assert found.rows.tolist() == []


def test_a_rule_needs_its_support_and_its_confidence() -> None:
    def rules(**settings: float) -> int:
        return int(Associations(**settings).fit(SHOP).rules_.nnz)  # type: ignore[arg-type]

    assert (rules(support=2), rules(support=3)) == (8, 0)
    # from 1, 2 and 3 every rule is sure; those from 0 have confidence 1/2
    assert rules(support=2, confidence=0.6) == 5


def test_a_history_sums_the_rules_that_apply() -> None:
    scores = Associations().fit(SHOP).score([history(0, 2, 2, weights=[1, 5, 1])])
    np.testing.assert_allclose(scores, [[1, 0.5, 0.5, 0.5 + 1, 0]])


def test_only_purchases_count_where_there_are_any() -> None:
    kinds = np.array([EVENT_KINDS.index(kind) for kind in ("purchase", "purchase", "view")], np.int8)
    log = Interactions(
        np.array([0, 0, 0, 1]), np.array([0, 1, 2, 3]), np.ones(4, np.float32), np.zeros(4), 2, 5,
        np.append(kinds, kinds[0]),
    )  # fmt: skip
    (found,) = Associations(support=1).fit(log).similar(np.array([0]), 5)
    assert found.rows.tolist() == [1]


def test_a_basket_ends_with_the_day() -> None:
    log = Interactions(
        np.array([0, 0, 0, 1]), np.array([0, 1, 2, 3]), np.ones(4, np.float32), np.array([0, 0.5, 1.5, 0]) * DAY, 2, 5
    )
    one, three = (Associations(support=1, basket_days=days).fit(log).similar(np.array([0]), 5)[0] for days in (1, 3))
    assert one.rows.tolist() == [1]
    assert three.rows.tolist() == [1, 2]


def test_settings_are_saved(tmp_path: Path) -> None:
    Associations(support=3, confidence=0.1, measure="lift", basket_days=7, neighbors=9).fit(SHOP).save(tmp_path)
    model = Associations.load(tmp_path)
    assert (model.support, model.confidence, model.measure, model.basket_days) == (3, 0.1, "lift", 7)
    assert model.neighbors == 9


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(InputError, match="support=0"):
        Associations(support=0)
    with pytest.raises(InputError, match="expected one of confidence, lift"):
        Associations(measure="leverage")  # type: ignore[arg-type]
