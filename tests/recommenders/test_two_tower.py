import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.recommenders import Interactions
from aisle.recommenders.learning import Epoch
from aisle.recommenders.protocol import Holdout
from aisle.recommenders.two_tower import TwoTower
from aisle.testing.baskets import baskets
from aisle.testing.recommenders import RecommenderConformance, history, same, toy_interactions


@cache
def toy_model() -> TwoTower:
    return TwoTower(dim=8, epochs=3, length=5).fit(toy_interactions())


class TestTwoTower(RecommenderConformance):
    def make(self, n_items: int) -> TwoTower:
        return TwoTower(dim=8, epochs=3, length=5)

    def fitted(self) -> TwoTower:
        return toy_model()

    def test_the_same_data_gives_the_same_answers(self) -> None:
        same(self.answers(self.make(12).fit(toy_interactions())), self.answers(self.fitted()))


def camps(n_items: int) -> Interactions:
    """Users keep to items 0 to 2, or to items 3 to 5."""
    return baskets(
        *[[0, 1, 2, 0], [1, 0, 2, 1], [2, 0, 1, 2], [3, 4, 5, 3], [4, 3, 5, 4], [5, 3, 4, 5]] * 4, n_items=n_items
    )


def learner(**options: object) -> TwoTower:
    given: dict[str, object] = {
        "dim": 16,
        "dropout": 0.1,
        "length": 4,
        "learning_rate": 0.02,
        "batch": 64,
        "epochs": 30,
    }
    return TwoTower(**{**given, **options})  # type: ignore[arg-type]


@cache
def camp_model() -> TwoTower:
    return learner().fit(camps(7))


@pytest.mark.parametrize("options", [{}, {"negatives": 2}, {"temperature": 0.0}, {"layers": 2, "heads": 1}], ids=str)
def test_it_learns_what_goes_together(options: dict[str, object]) -> None:
    scores = (learner(**options).fit(camps(7)) if options else camp_model()).score([history(0, 1), history(4)])
    assert scores[0, :3].sum() > 0.9
    assert scores[1, 3:6].sum() > 0.9
    assert scores[:, 6].tolist() == [0, 0]


def test_a_score_is_the_softmax_of_the_product_of_both_towers() -> None:
    model, asked = camp_model(), [history(0, 1), history(), history(4)]
    users = model.user_vectors(asked)
    assert users[1].tolist() == [0] * 16
    np.testing.assert_allclose(np.linalg.norm(users[[0, 2]], axis=1), model.temperature, rtol=1e-5)
    products = np.exp(users[[0, 2]] @ model.outputs_.T)
    chances = products / products.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.score(asked)[[0, 2]][:, model.rows_], chances, rtol=1e-4)


def test_a_new_item_is_recommended_from_its_description_alone() -> None:
    # nobody has chosen 6, which is of the kind of 0 to 2, or 7, which is of the other
    features = np.eye(2, dtype=np.float32)[[0, 0, 0, 1, 1, 1, 0, 1]]
    model = learner(features=features, alone=0.5).fit(camps(8))
    first, second, new = model.score([history(0, 1), history(4, 3), history(6)])
    assert first[6] > 5 * first[7] > 0
    assert second[7] > 5 * second[6] > 0
    assert new[:3].sum() > 5 * new[3:6].sum()


def test_a_holdout_decides_which_epoch_is_kept() -> None:
    heard: list[Epoch] = []
    holdout = Holdout([history(0), history(3)], [np.array([1]), np.array([4])], [np.array([0]), np.array([3])])
    model = learner(patience=2).fit(camps(7), holdout, heard.append)
    qualities = [epoch.quality or 0.0 for epoch in heard]
    assert model.learned_.best == int(np.argmax(qualities)) + 1


def test_features_must_be_numbers_and_one_an_item() -> None:
    with pytest.raises(InputError, match="NaN or infinite values in 1 places"):
        TwoTower(features=np.array([[1.0], [np.nan]], np.float32))
    with pytest.raises(InputError, match="2 features for 7 items"):
        TwoTower(features=np.ones((2, 1), np.float32)).fit(camps(7))


def test_serving_needs_no_pytorch(tmp_path: Path) -> None:
    toy_model().save(tmp_path)
    code = (
        "import sys; from pathlib import Path; from aisle.recommenders.two_tower import TwoTower; "
        "from aisle.testing.recommenders import history; "
        "TwoTower.load(Path(sys.argv[1])).score([history(0)]); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
