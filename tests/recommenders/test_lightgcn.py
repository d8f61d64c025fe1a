import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from aisle.errors import InputError, ReleaseError
from aisle.recommenders.files import write_arrays
from aisle.recommenders.learning import Epoch
from aisle.recommenders.lightgcn import LightGcn
from aisle.recommenders.protocol import Holdout
from aisle.testing.baskets import baskets
from aisle.testing.recommenders import RecommenderConformance, history, toy_interactions


class TestLightGcn(RecommenderConformance):
    def make(self, n_items: int) -> LightGcn:
        return LightGcn(factors=4, epochs=2)


def told(vectors: list[list[float]], shares: list[float], temperature: float = 1) -> LightGcn:
    """A model of these vectors of length 1, as if it had been learned."""
    model = LightGcn(temperature=temperature)
    model.vectors_, model.shares_ = np.array(vectors, np.float32), np.array(shares, np.float32)
    model.biases_ = np.zeros(len(shares), np.float32)
    return model


def test_a_score_is_the_chance_given_what_flows_in_from_the_history() -> None:
    # the taste is 3 * (1, 0) + 4 * (0, 1), so the cosines are 0.6, 0.8 and -0.6, times 5: 3, 4 and -3
    model = told([[1, 0], [0, 1], [-1, 0]], [3, 2, 1], temperature=5)
    (scores,) = model.score([history(0, 1, weights=[1, 4])])
    np.testing.assert_allclose(scores, np.exp([3, 4, -3]) / np.exp([3, 4, -3]).sum(), rtol=1e-5)


def test_a_dislike_pushes_away() -> None:
    (scores,) = told([[1, 0], [0, 1], [0, -1]], [1, 1, 1]).score([history(0, 1, weights=[1, -1])])
    assert scores[2] > scores[1]


def test_an_item_that_nobody_chose_and_a_taste_of_nothing_are_not_proposed() -> None:
    model = told([[1, 0], [0, 1], [-1, 0]], [1, 1, 0])
    found = model.score([history(0), history(2), history(0, weights=[-1]), history()])
    assert (found > 0).tolist() == [[True, True, False], *[[False] * 3] * 3]


# two kinds of people: those of items 0 to 3 and those of items 4 to 7; nobody chose item 8
CAMPS = baskets(*[[0, 1, 2, 3], [4, 5, 6, 7]] * 20, n_items=9)


@pytest.mark.parametrize("layers", [0, 1, 2])
def test_it_learns_what_is_chosen_together(layers: int) -> None:
    model = LightGcn(factors=8, layers=layers, epochs=30, learning_rate=0.03).fit(CAMPS)
    (found,) = model.recommend([history(0, 1)], 2, [np.array([0, 1])])
    assert set(found.rows.tolist()) == {2, 3}
    assert model.learned_.epochs[-1].loss < model.learned_.epochs[0].loss


def test_strangers_are_answered_and_what_nobody_chose_is_left_out() -> None:
    model = LightGcn(factors=8, epochs=3).fit(CAMPS)
    (scores,) = model.score([history(1, 6)])
    assert (scores > 0).tolist() == [True] * 8 + [False]


def test_it_keeps_the_epoch_that_is_best_on_the_holdout() -> None:
    seen: list[Epoch] = []
    holdout = Holdout([history(0, 1), history(4)], [np.array([2, 3]), np.array([5])], [np.array([0, 1]), np.array([4])])
    model = LightGcn(factors=8, epochs=30, patience=2, learning_rate=0.03).fit(CAMPS, holdout, seen.append)
    best = max(seen, key=lambda epoch: epoch.quality or 0)
    assert model.learned_.best == best.number
    assert len(seen) == best.number + 2


def test_people_of_one_choice_tell_nothing() -> None:
    model = LightGcn().fit(baskets([0], [1], n_items=2))
    assert model.learned_.ending == "nobody chose two items"
    assert model.score([history(0)]).tolist() == [[0, 0]]


def test_serving_does_not_import_torch(tmp_path: Path) -> None:
    LightGcn(factors=4, epochs=1).fit(toy_interactions()).save(tmp_path)
    code = (
        "import sys; from pathlib import Path; from aisle.recommenders.lightgcn import LightGcn; "
        "from aisle.testing.recommenders import history; "
        "LightGcn.load(Path(sys.argv[1])).score([history(0)]); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)


@pytest.mark.parametrize(("setting", "value"), [("factors", 0), ("layers", -1), ("negatives", 0), ("temperature", 0.0)])
def test_a_setting_out_of_range_is_refused(setting: str, value: float) -> None:
    with pytest.raises(InputError, match=f"{setting}={value}"):
        LightGcn(**{setting: value})  # type: ignore[arg-type]


def test_damaged_settings_are_a_release_error(tmp_path: Path) -> None:
    write_arrays(tmp_path, "lightgcn", settings="{", vectors=[], shares=[])
    with pytest.raises(ReleaseError, match="damaged"):
        LightGcn.load(tmp_path)


def test_its_settings_are_saved(tmp_path: Path) -> None:
    LightGcn(factors=3, layers=2, temperature=4, epochs=1, seed=9).fit(toy_interactions()).save(tmp_path)
    model = LightGcn.load(tmp_path)
    assert (model.factors, model.layers, model.temperature, model.seed) == (3, 2, 4, 9)
