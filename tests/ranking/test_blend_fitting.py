from collections.abc import Sequence

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.ranking.blend import Blend
from aisle.ranking.blend_fitting import fit_blend
from aisle.ranking.pool import make_pool
from aisle.recommenders import Popularity, Recommender
from aisle.recommenders.protocol import History, Holdout
from aisle.testing.recommenders import history
from aisle.types import Scores

N_USERS, N_ITEMS = 400, 50
RNG = np.random.default_rng(0)
TARGETS = RNG.integers(0, N_ITEMS, N_USERS)


class Oracle(Popularity):
    """Knows a share of the answers: the score of each user's target stands out from noise that much."""

    def __init__(self, name: str, strength: float, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.name = name
        self.table = rng.random((N_USERS, N_ITEMS)).astype(np.float32)
        self.table[np.arange(N_USERS), TARGETS] += strength * rng.random(N_USERS).astype(np.float32)

    def score(self, histories: Sequence[History]) -> Scores:
        return self.table[[int(one.weights[0]) for one in histories]]


def holdout(n_users: int = N_USERS) -> Holdout:
    # the weight of a history's only event, of an unknown row, tells the oracle which user it is
    asked = [history(-1, weights=[float(user)]) for user in range(n_users)]
    return Holdout(asked, [np.array([TARGETS[user]]) for user in range(n_users)], [np.empty(0, np.int64)] * n_users)


def blended(models: Sequence[Recommender], told: Holdout) -> Blend:
    return fit_blend(models, make_pool(models, told))


def test_two_that_know_different_things_are_better_than_the_best() -> None:
    blend = blended([Oracle("a", 2, 1), Oracle("b", 2, 2), Oracle("noise", 0, 3)], holdout())
    assert {member.model.name for member in blend.members} == {"a", "b"}
    assert sum(member.weight for member in blend.members) == pytest.approx(1)
    assert blend.quality["NDCG@10, blend"] > max(blend.quality["NDCG@10, a"], blend.quality["NDCG@10, b"]) + 0.02


def test_a_model_that_does_not_help_is_not_served() -> None:
    blend = blended([Oracle("noise", 0, 3), Oracle("a", 50, 1)], holdout())
    assert [member.model.name for member in blend.members] == ["a"]
    assert blend.quality["NDCG@10, blend"] == blend.quality["NDCG@10, a"]


def test_one_model_is_a_blend_of_one() -> None:
    blend = blended([Oracle("a", 2, 1)], holdout())
    assert [(member.model.name, member.weight) for member in blend.members] == [("a", 1.0)]


def test_the_same_holdout_gives_the_same_blend() -> None:
    models = [Oracle("a", 2, 1), Oracle("b", 2, 2)]
    one, other = blended(models, holdout()), blended(models, holdout())
    assert [(m.weight, m.norm) for m in one.members] == [(m.weight, m.norm) for m in other.members]


def test_without_users_or_hits_the_first_model_stands_alone() -> None:
    models = [Oracle("a", 2, 1), Oracle("b", 2, 2)]
    assert [member.model.name for member in blended(models, holdout(0)).members] == ["a"]
    with pytest.raises(InputError, match="no models"):
        blended([], holdout())
