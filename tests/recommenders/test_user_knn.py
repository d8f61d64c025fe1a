import math
from pathlib import Path

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.recommenders import Interactions
from aisle.recommenders.user_knn import UserKnn
from aisle.testing.recommenders import RecommenderConformance, history


class TestUserKnn(RecommenderConformance):
    def make(self, n_items: int) -> UserKnn:
        return UserKnn(shrinkage=1)


def chosen(*baskets: dict[int, float], n_items: int = 5) -> Interactions:
    """One user a basket, who chose each row with that weight, all at once."""
    told = [(user, row, weight) for user, basket in enumerate(baskets) for row, weight in basket.items()]
    users, rows, weights = (np.array(column) for column in zip(*told, strict=True))
    return Interactions(users, rows, weights.astype(np.float32), np.zeros(len(told)), len(baskets), n_items)


def plain(**changed: float) -> UserKnn:
    """A model without shrinkage, idf and recency, but for what is `changed`."""
    return UserKnn(**{"shrinkage": 0.0, "idf": False, "recency": 1.0} | changed)  # type: ignore[arg-type]


def test_the_nearest_vote_by_their_cosine() -> None:
    # cosine with {0, 1}: 2 / sqrt(2 * 3) and 1 / sqrt(2 * 2)
    scores = plain().fit(chosen({0: 1, 1: 1, 2: 1}, {1: 1, 3: 1}, {4: 1})).score([history(0, 1)])
    near, far = 2 / math.sqrt(6), 1 / 2
    np.testing.assert_allclose(scores, [np.array([near, near + far, near, far, 0]) / (near + far)], rtol=1e-6)


def test_shrinkage_doubts_short_overlaps() -> None:
    scores = plain(shrinkage=2).fit(chosen({0: 1, 2: 1}, {0: 1, 1: 1, 3: 1, 4: 1})).score([history(0, 1)])
    near, far = 2 / (math.sqrt(8) + 2), 1 / (2 + 2)
    np.testing.assert_allclose(scores[0, 2] / scores[0, 3], far / near, rtol=1e-6)


def test_only_the_nearest_vote() -> None:
    scores = plain(neighbors=1).fit(chosen({0: 1, 1: 1, 2: 1}, {1: 1, 3: 1})).score([history(0, 1)])
    assert np.flatnonzero(scores[0]).tolist() == [0, 1, 2]


def test_sharing_what_everybody_has_says_less() -> None:
    log = chosen({0: 1, 2: 1}, {1: 1, 3: 1}, {0: 1}, {0: 1})
    even, idf = (plain(idf=idf).fit(log).score([history(0, 1)])[0] for idf in (False, True))
    assert even[2] == even[3]
    assert idf[3] > idf[2]


def test_newer_events_say_more() -> None:
    scores = plain(recency=0.25).fit(chosen({0: 1, 2: 1}, {1: 1, 3: 1})).score([history(0, 1)])
    np.testing.assert_allclose(scores[0, 2] / scores[0, 3], 0.5, rtol=1e-6)  # the square root, as of all weights


def test_those_who_chose_what_is_disliked_are_less_alike() -> None:
    model = plain().fit(chosen({0: 1, 1: 1, 2: 1}, {0: 1, 3: 1, 4: 1}))
    liked, torn = model.score([history(0), history(0, 1, weights=[1, -0.5])])
    assert liked[2] == liked[3]
    assert torn[2] < torn[3]


def test_settings_are_saved(tmp_path: Path) -> None:
    UserKnn(neighbors=7, shrinkage=2.5, idf=False, recency=0.6).fit(chosen({0: 1})).save(tmp_path)
    model = UserKnn.load(tmp_path)
    assert (model.neighbors, model.shrinkage, model.idf, model.recency) == (7, 2.5, False, 0.6)


def test_a_setting_out_of_range_is_refused() -> None:
    with pytest.raises(InputError, match="recency=0"):
        UserKnn(recency=0)
