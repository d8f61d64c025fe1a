from functools import cache

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.recommenders import Interactions
from aisle.recommenders.bert4rec import Bert4Rec
from aisle.testing.recommenders import RecommenderConformance, history, same, toy_interactions


@cache
def toy_model() -> Bert4Rec:
    return Bert4Rec(dim=8, epochs=3, length=5).fit(toy_interactions())


class TestBert4Rec(RecommenderConformance):
    def make(self, n_items: int) -> Bert4Rec:
        return Bert4Rec(dim=8, epochs=3, length=5)

    def fitted(self) -> Bert4Rec:
        return toy_model()

    def test_the_same_data_gives_the_same_answers(self) -> None:
        same(self.answers(self.make(12).fit(toy_interactions())), self.answers(self.fitted()))


def test_it_learns_what_comes_next() -> None:
    # everybody walks round the circle 0 1 2 3 4 5 0
    rows = np.array([(start + at) % 6 for start in range(6) for at in range(5)] * 4)
    users = np.repeat(np.arange(24), 5)
    circle = Interactions(users, rows, np.ones(120, np.float32), np.arange(120, dtype=np.float64), 24, 6)
    model = Bert4Rec(
        dim=16, layers=1, dropout=0.1, length=4, learning_rate=0.02, batch=64, epochs=80, last_share=0.5
    ).fit(circle)
    assert model.score([history(0, 1, 2), history(5)]).argmax(axis=1).tolist() == [3, 0]


@pytest.mark.parametrize("wrong", [{"hidden_share": 0.0}, {"last_share": 1.5}, {"length": 1}])
def test_a_setting_out_of_range_is_refused(wrong: dict[str, float]) -> None:
    (name,) = wrong
    with pytest.raises(InputError, match=f"{name}={wrong[name]}"):
        Bert4Rec(**wrong)  # type: ignore[arg-type]
