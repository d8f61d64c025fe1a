from functools import cache

import numpy as np

from aisle.recommenders import Interactions
from aisle.recommenders.hstu import Hstu
from aisle.testing.recommenders import RecommenderConformance, history, same, toy_interactions


@cache
def toy_model() -> Hstu:
    return Hstu(dim=8, epochs=3, length=5).fit(toy_interactions())


class TestHstu(RecommenderConformance):
    def make(self, n_items: int) -> Hstu:
        return Hstu(dim=8, epochs=3, length=5)

    def fitted(self) -> Hstu:
        return toy_model()

    def test_the_same_data_gives_the_same_answers(self) -> None:
        same(self.answers(self.make(12).fit(toy_interactions())), self.answers(self.fitted()))


def test_it_learns_what_comes_next() -> None:
    # everybody walks round the circle 0 1 2 3 4 5 0
    rows = np.array([(start + at) % 6 for start in range(6) for at in range(5)] * 4)
    users = np.repeat(np.arange(24), 5)
    circle = Interactions(users, rows, np.ones(120, np.float32), np.arange(120, dtype=np.float64), 24, 6)
    model = Hstu(dim=16, layers=1, dropout=0.1, length=4, learning_rate=0.02, batch=64, epochs=40).fit(circle)
    assert model.score([history(0, 1, 2), history(5)]).argmax(axis=1).tolist() == [3, 0]
