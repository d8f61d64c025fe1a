import math

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.recommenders import Content, content
from aisle.testing.recommenders import RecommenderConformance, SimilarItemsConformance, history, toy_interactions
from aisle.types import Vectors


def vectors(*rows: list[float]) -> Vectors:
    given = np.array(rows, np.float32)
    lengths: Vectors = np.linalg.norm(given, axis=1, keepdims=True)
    return given / lengths


class TestContent(RecommenderConformance, SimilarItemsConformance):
    def make(self, n_items: int) -> Content:
        return Content(vectors(*np.random.default_rng(5).uniform(-0.2, 1, (n_items, 6)).tolist()))

    def make_similar(self) -> Content:
        return self.make(12).fit(toy_interactions())


def test_a_vector_that_is_not_a_number_is_refused() -> None:
    given = np.ones((3, 2), np.float32)
    given[1, 0] = np.nan
    with pytest.raises(InputError, match="1 items, first row 1, are not finite"):
        Content(given)


# east, north-east, north, west
COMPASS = vectors([1, 0], [1, 1], [0, 1], [-1, 0])


def test_the_nearest_by_vector_come_first_and_opposites_never() -> None:
    (found,) = Content(COMPASS).similar(np.array([1]), 10)
    assert found.rows.tolist() == [0, 2]
    np.testing.assert_allclose(found.scores, [math.sqrt(1 / 2)] * 2, rtol=1e-6)


def test_taste_is_the_weighted_mean_of_the_history() -> None:
    # 3 east and 4 north point to (3, 4) / 5
    (found,) = Content(COMPASS).recommend([history(0, 2, weights=[3, 4])], 10)
    assert found.rows.tolist() == [1, 2, 0]
    np.testing.assert_allclose(found.scores, [(3 + 4) / (5 * math.sqrt(2)), 4 / 5, 3 / 5], rtol=1e-6)


def test_a_dislike_pushes_half_as_far_as_a_like_pulls() -> None:
    # east liked, north disliked just as much: (1, -1/2), length sqrt(5)/2
    (found,) = Content(COMPASS).recommend([history(0, 2, weights=[1, -1])], 10)
    assert found.rows.tolist() == [0, 1]
    np.testing.assert_allclose(found.scores, [2 / math.sqrt(5), 1 / math.sqrt(10)], rtol=1e-6)


def test_a_heavy_dislike_does_not_outweigh_what_is_liked() -> None:
    once, hard = Content(COMPASS).recommend([history(0, 2, weights=[1, -1]), history(0, 2, weights=[1, -100])], 10)
    np.testing.assert_allclose(hard.scores, once.scores, rtol=1e-6)


def test_dislikes_alone_say_nothing() -> None:
    (found,) = Content(COMPASS).recommend([history(0, weights=[-1])], 10)
    assert len(found) == 0


def test_likes_that_cancel_out_say_nothing() -> None:
    (found,) = Content(COMPASS).recommend([history(0, 3)], 10)
    assert len(found) == 0


def test_small_blocks_give_the_same_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [history(0), history(), history(2), history(1)]
    whole = Content(COMPASS).recommend(asked, 3)
    monkeypatch.setattr(content, "MAX_BLOCK_SCORES", 4)
    blocks = Content(COMPASS).recommend(asked, 3)
    assert [one.rows.tolist() for one in blocks] == [one.rows.tolist() for one in whole]


def test_vectors_of_another_catalogue_are_refused() -> None:
    with pytest.raises(InputError, match="4 vectors for 12 items"):
        Content(COMPASS).fit(toy_interactions())


def test_one_vector_is_not_a_catalogue() -> None:
    with pytest.raises(InputError, match=r"shape \(2,\)"):
        Content(COMPASS[0])
