import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from aisle.errors import ReleaseError
from aisle.ranking.blend import Blend, Member
from aisle.ranking.blend_features import ItemFacts
from aisle.ranking.blend_learning import LearnedBlend, learn_blend
from aisle.ranking.pool import make_pool
from aisle.ranking.ranked_blend import RankedBlend
from aisle.recommenders import History, Interactions, Popularity
from aisle.recommenders.protocol import NOTHING, Holdout
from aisle.testing.recommenders import history
from aisle.types import Scores

N_USERS, N_ITEMS = 1_000, 40
RNG = np.random.default_rng(0)
TARGETS = RNG.integers(0, N_ITEMS // 2, N_USERS)
NOISE = RNG.random((N_USERS, N_ITEMS)).astype(np.float32)


class Blind(Popularity):
    """Scores at random, a little higher for the target; the first half of the items is popular, and only that sells."""

    name = "blind"

    def score(self, histories: Sequence[History]) -> Scores:
        users = [len(one.rows) for one in histories]
        scores = NOISE[users].copy()
        scores[np.arange(len(users)), TARGETS[users]] += 0.3
        return scores


def holdout(n_users: int = N_USERS) -> Holdout:
    # the length of a history of unknown rows tells the model which user it is
    asked = [history(*[-1] * user) for user in range(n_users)]
    return Holdout(asked, [TARGETS[user : user + 1] for user in range(n_users)], [NOTHING] * n_users)


def log() -> Interactions:
    """The first half of the items was chosen ten times each, the other half never."""
    rows = np.repeat(np.arange(N_ITEMS // 2), 10)
    n = len(rows)
    return Interactions(np.zeros(n, np.int64), rows, np.ones(n, np.float32), np.zeros(n), 1, N_ITEMS)


def learned(model: Blind, n_users: int = N_USERS) -> LearnedBlend:
    told = holdout(n_users)
    return learn_blend(Blend([Member(model, 1.0)]), make_pool([model], told), ItemFacts.of(log()), told)


@pytest.fixture(scope="module")
def ranker() -> RankedBlend:
    found = learned(Blind())
    assert found.ranker is not None
    assert found.after > found.before + 0.05
    return found.ranker


def test_trees_learn_what_the_blend_cannot_know(ranker: RankedBlend) -> None:
    asked = holdout().histories[:50]
    tops = [found.rows[:10] for found in ranker.recommend(asked, 10)]
    assert np.mean([rows < N_ITEMS // 2 for rows in tops]) > 0.95


def test_scores_are_those_of_the_blend_handed_out_anew(ranker: RankedBlend) -> None:
    asked = holdout().histories[7:9]
    np.testing.assert_allclose(np.sort(ranker.score(asked)), np.sort(ranker.blend.score(asked)))


def test_the_member_that_says_most_is_named(ranker: RankedBlend) -> None:
    found, names = ranker.explained(holdout().histories[3], 5, np.array([0, 1, 2]))
    assert names == ("blind",) * 5
    assert not {0, 1, 2} & set(found.rows.tolist())


def test_with_few_users_the_blend_stays() -> None:
    found = learned(Blind(), 50)
    assert found.ranker is None
    assert found.reason == "50 users with a relevant candidate; learning takes 500, so the blend stays"


class Knowing(Blind):
    """Puts every target first."""

    def score(self, histories: Sequence[History]) -> Scores:
        scores = super().score(histories)
        scores[np.arange(len(scores)), TARGETS[[len(one.rows) for one in histories]]] += 5
        return scores


def test_trees_that_do_not_help_are_not_kept() -> None:
    found = learned(Knowing())
    assert found.ranker is None
    assert found.reason.endswith("not surely better, so the blend stays")


def test_trees_are_kept_with_the_blend(ranker: RankedBlend, tmp_path: Path) -> None:
    ranker.save(tmp_path, elsewhere=["blind"])
    loaded = RankedBlend.load(tmp_path, given=[Blind()])
    asked = holdout().histories[:3]
    np.testing.assert_array_equal(loaded.score(asked), ranker.score(asked))


def test_damaged_trees_and_missing_members_are_release_errors(ranker: RankedBlend, tmp_path: Path) -> None:
    ranker.save(tmp_path, elsewhere=["blind"])
    with pytest.raises(ReleaseError, match="could not be read: blind"):
        RankedBlend.load(tmp_path)
    path = tmp_path / "ranked_blend.json"
    told = json.loads(path.read_text())
    path.write_text(json.dumps(told | {"trees": told["trees"][:-10]}))
    with pytest.raises(ReleaseError, match="do not match their checksum"):
        RankedBlend.load(tmp_path, given=[Blind()])
    path.unlink()
    with pytest.raises(ReleaseError, match=r"ranked_blend\.json"):
        RankedBlend.load(tmp_path, given=[Blind()])
