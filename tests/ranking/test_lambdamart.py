from functools import cache
from pathlib import Path

import lightgbm
import numpy as np
import orjson
import pytest

from aisle.errors import ReleaseError
from aisle.ranking import LambdaMart, LinearFusion, Ranker
from aisle.ranking.clicks import ClickRates
from aisle.ranking.data import build_ranking_data
from aisle.ranking.features import NAMES
from aisle.ranking.lambdamart import model_scores
from aisle.testing.rankers import QUERIES, RankerConformance, toy_found
from aisle.testing.toy_shop import toy_items

DATA = build_ranking_data(toy_items(), np.arange(12, dtype=np.float32))


@cache
def model_of(name: str, sign: int = 1) -> lightgbm.Booster:
    """A model whose score rises (sign 1) or falls (-1) with one feature and looks at no other."""
    table = np.zeros((200, len(NAMES)), np.float32)
    table[:, NAMES.index(name)] = np.linspace(0, 12, 200)
    settings = {"objective": "regression", "verbose": -1, "num_leaves": 16, "min_data_in_leaf": 5, "num_threads": 1}
    return lightgbm.train(settings, lightgbm.Dataset(table, sign * np.linspace(0, 1, 200)), 20)


def clicks() -> ClickRates:
    nothing, rates = np.empty(0, np.float32), np.linspace(0, 1, 13, dtype=np.float32)
    return ClickRates(np.empty(0, np.int64), nothing, nothing, nothing, rates, rates, np.ones(1))


class TestLambdaMart(RankerConformance):
    def make(self) -> Ranker:
        return LambdaMart(model_of("price_log"), DATA)


class TestLambdaMartWithClicks(RankerConformance):
    def make(self) -> Ranker:
        return LambdaMart(model_of("fused_rank", -1), DATA, fusion=LinearFusion(1, 0.5), clicks=clicks())


def test_the_model_decides_against_the_fused_order() -> None:
    found = toy_found("usb c cable")
    backwards = LambdaMart(model_of("fused_rank", -1), DATA).rank(found)
    forwards = LinearFusion().rank(found)
    assert backwards.rows.tolist() == forwards.rows.tolist()
    turned = LambdaMart(model_of("fused_rank"), DATA).rank(found)
    assert turned.rows.tolist() != forwards.rows.tolist()


def test_scores_are_those_of_the_fused_order() -> None:
    for query in QUERIES:
        ranked = LambdaMart(model_of("fused_rank"), DATA).rank(toy_found(query))
        assert ranked.scores.tolist() == LinearFusion().rank(toy_found(query)).scores.tolist()


def test_an_item_that_is_too_new_for_the_data_keeps_its_place() -> None:
    old = build_ranking_data(toy_items()[:4], np.zeros(4, np.float32))
    found = toy_found("headphones")
    fused = LinearFusion().rank(found)
    ranked = LambdaMart(model_of("fused_rank"), old).rank(found)
    for place, row in enumerate(fused.rows.tolist()):
        if row >= 4:
            assert ranked.rows[place] == row


def test_nothing_has_no_scores() -> None:
    assert model_scores(model_of("fused_rank"), np.empty((0, len(NAMES)), np.float32)).shape == (0,)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [("model", "tree\n", "checksum"), ("features", ["one"], "other features"), ("model", 3, "cannot read")],
)
def test_a_changed_ranker_is_a_release_error(tmp_path: Path, key: str, value: object, reason: str) -> None:
    LambdaMart(model_of("fused_rank"), DATA).save(tmp_path)
    path = tmp_path / "lambdamart.json"
    path.write_bytes(orjson.dumps({**orjson.loads(path.read_bytes()), key: value}))
    with pytest.raises(ReleaseError, match=reason):
        LambdaMart.load(tmp_path)
