from pathlib import Path

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.recommenders.als import Als
from aisle.testing.baskets import baskets
from aisle.testing.recommenders import RecommenderConformance, history, toy_interactions


class TestAls(RecommenderConformance):
    def make(self, n_items: int) -> Als:
        return Als(factors=4, l2=0.1, alpha=5)


def told(vectors: list[list[float]], alpha: float, l2: float) -> Als:
    """A model of these vectors of items, as if it had been learned."""
    model = Als(factors=len(vectors[0]), alpha=alpha, l2=l2)
    model.vectors_ = np.array(vectors, np.float32)
    model._prepare()
    return model


def test_a_history_gets_the_least_squares_taste() -> None:
    # v'v + l2 = 1 + 4 + 1 = 6; choosing item 1 at weight 4 (x = 2, c = 6): (6 + (6 - 1) * 4) u = 6 * 2
    scores = told([[1], [2]], alpha=3, l2=1).score([history(1, weights=[4])])
    np.testing.assert_allclose(scores, [[12 / 26, 24 / 26]], rtol=1e-6)


def test_a_dislike_weighs_as_a_sure_zero() -> None:
    # liking 0 (c = 3) and disliking 1 (c = 3, p = 0): (6 + 2 * 1 + 2 * 4) u = 3
    scores = told([[1], [2]], alpha=3, l2=1).score([history(0, 1, weights=[1, -1])])
    np.testing.assert_allclose(scores, [[3 / 16, 6 / 16]], rtol=1e-6)


def test_a_short_history_is_solved_as_exactly_as_a_long_one() -> None:
    vectors = np.random.default_rng(0).normal(size=(6, 3))
    model = told(vectors.tolist(), alpha=3, l2=1)
    for rows in ([0, 1], [0, 1, 2, 3]):
        trusted = np.diag([3 if row in rows else 1 for row in range(6)])
        taste = np.linalg.solve(vectors.T @ trusted @ vectors + np.eye(3), 3 * vectors[rows].sum(axis=0))
        np.testing.assert_allclose(model.score([history(*rows)]), [vectors @ taste], rtol=1e-4)


def test_nothing_liked_is_nothing_proposed() -> None:
    assert told([[1], [2]], alpha=3, l2=1).score([history(0, weights=[-1]), history()]).tolist() == [[0, 0], [0, 0]]


def test_people_who_never_meet_keep_their_own_items() -> None:
    model = Als(factors=2, alpha=10, l2=0.1).fit(baskets([0, 1], [0, 1], [2, 3], [2, 3], n_items=4))
    (scores,) = model.score([history(0)])
    assert min(scores[:2]) > 0.8
    assert max(scores[2:]) < 0.1


def test_the_same_seed_learns_the_same_vectors() -> None:
    one, other = (Als(factors=3, seed=5).fit(toy_interactions()).vectors_ for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_a_setting_out_of_range_is_refused() -> None:
    with pytest.raises(InputError, match="alpha=0"):
        Als(alpha=0)


def test_its_settings_are_saved(tmp_path: Path) -> None:
    Als(factors=2, alpha=3, l2=0.5, iterations=4, seed=9).fit(toy_interactions()).save(tmp_path)
    model = Als.load(tmp_path)
    assert (model.factors, model.alpha, model.l2, model.iterations, model.seed) == (2, 3, 0.5, 4, 9)
