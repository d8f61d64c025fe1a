import numpy as np

from aisle.recommenders.protocol import Interactions
from aisle.recommenders.random import Random
from aisle.testing.recommenders import RecommenderConformance, history


class TestConformance(RecommenderConformance):
    answers_without_history = True

    def make(self, n_items: int) -> Random:
        return Random()


def test_every_item_is_as_likely_as_any_other() -> None:
    nothing = np.empty(0, np.int64)
    model = Random().fit(Interactions(nothing, nothing, nothing.astype(np.float32), nothing.astype(float), 0, 4))
    firsts = [found.rows[0] for found in model.recommend([history(row) for row in range(4_000)], 1)]
    # All histories but four are of unknown rows, and count as the empty one.
    assert len({int(row) for row in firsts[4:]}) == 1
    mixed = [history(*(row % 4, row // 4 % 4, row // 16 % 4, row // 64 % 4, row // 256)) for row in range(1_024)]
    counts = np.bincount([found.rows[0] for found in model.recommend(mixed, 1)], minlength=4)
    # 256 each, with a standard deviation of 14.
    assert (np.abs(counts - 256) < 60).all()


def test_another_seed_gives_other_scores() -> None:
    nothing = np.empty(0, np.int64)
    log = Interactions(nothing, nothing, nothing.astype(np.float32), nothing.astype(float), 0, 9)
    one, other = (Random(seed=seed).fit(log).score([history(1, 2)]) for seed in (0, 1))
    assert (one != other).any()
