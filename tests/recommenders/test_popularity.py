import math
from pathlib import Path

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.recommenders import Interactions, Popularity
from aisle.recommenders.popularity import Trending
from aisle.testing.recommenders import RecommenderConformance, history, toy_interactions

DAY = 86_400.0


class TestPopularity(RecommenderConformance):
    answers_without_history = True

    def make(self, n_items: int) -> Popularity:
        return Popularity()


class TestTrending(RecommenderConformance):
    answers_without_history = True

    def make(self, n_items: int) -> Trending:
        return Trending()


def interactions(rows: list[int], weights: list[float], days: list[float], n_items: int = 4) -> Interactions:
    n = len(rows)
    return Interactions(
        np.arange(n),
        np.array(rows, np.int64),
        np.array(weights, np.float32),
        np.array(days) * DAY,
        n_users=n,
        n_items=n_items,
    )


def test_weights_add_up_and_halve_after_the_half_life() -> None:
    # item 2: 1 a week ago; item 1: 3 two weeks ago; item 0: 1 now and -2 now
    model = Popularity(half_life_days=7).fit(interactions([1, 2, 0, 0], [3, 1, 1, -2], [0, 7, 14, 14]))
    (found,) = model.recommend([history()], 10)
    assert found.rows.tolist() == [1, 2, 3, 0]
    assert found.scores.tolist() == [3 / 4, 1 / 2, 0, 1 - 2]


def test_without_decay_the_most_chosen_of_the_toy_shop_come_first() -> None:
    (found,) = Popularity(half_life_days=math.inf).fit(toy_interactions()).recommend([history()], 4)
    # e1: 1 + 4 + 8 (ann), 1 (eve), 1 (bob); s1: 1 + 4 + 8; k1: 1 + 3 + 8; e4: 1 + 8 (bob), 1 (ann), 1 (eve)
    assert dict(zip(found.rows.tolist(), found.scores.tolist(), strict=True)) == {0: 15, 9: 13, 6: 12, 3: 11}


def test_everybody_gets_the_same() -> None:
    first, second = Popularity().fit(toy_interactions()).recommend([history(0, 1), history()], 5)
    assert first.rows.tolist() == second.rows.tolist()


def test_a_shop_without_events_shows_its_items_in_order() -> None:
    model = Popularity().fit(interactions([], [], []))
    (found,) = model.recommend([history()], 3)
    assert (found.rows.tolist(), found.scores.tolist()) == ([0, 1, 2], [0, 0, 0])


def test_an_excluded_item_makes_room_for_the_next() -> None:
    model = Popularity().fit(interactions([0, 1, 2], [3, 2, 1], [0, 0, 0]))
    (found,) = model.recommend([history()], 2, [np.array([0])])
    assert found.rows.tolist() == [1, 2]


def test_the_half_life_is_saved(tmp_path: Path) -> None:
    Popularity(half_life_days=3).fit(toy_interactions()).save(tmp_path)
    assert Popularity.load(tmp_path).half_life_days == 3


def test_a_half_life_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="half_life_days=0"):
        Popularity(half_life_days=0)


def test_what_is_trending_forgets_faster_than_what_is_popular() -> None:
    log = interactions([0, 0, 0, 0, 0, 1], [1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 10])
    assert Popularity().fit(log).recommend([history()], 1)[0].rows.tolist() == [0]
    assert Trending().fit(log).recommend([history()], 1)[0].rows.tolist() == [1]
