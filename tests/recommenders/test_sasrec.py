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
from aisle.recommenders.sasrec import SasRec
from aisle.testing.recommenders import RecommenderConformance, history, same, toy_interactions

NOBODY = np.empty(0, np.int64)


@cache
def toy_model() -> SasRec:
    return SasRec(dim=8, epochs=3, length=5).fit(toy_interactions())


class TestSasRec(RecommenderConformance):
    def make(self, n_items: int) -> SasRec:
        return SasRec(dim=8, epochs=3, length=5)

    def fitted(self) -> SasRec:
        return toy_model()

    def test_the_same_data_gives_the_same_answers(self) -> None:
        same(self.answers(self.make(12).fit(toy_interactions())), self.answers(self.fitted()))


def walks(*walks: list[int], n_items: int) -> Interactions:
    """One user a walk, of weight 1 a step."""
    users = np.repeat(np.arange(len(walks)), [len(walk) for walk in walks])
    n = len(users)
    return Interactions(
        users, np.concatenate(walks), np.ones(n, np.float32), np.arange(n, dtype=np.float64), len(walks), n_items
    )


# everybody walks round the circle 0 1 2 3 4 5 0; item 6 is chosen by nobody
CIRCLE = walks(*[[(start + at) % 6 for at in range(5)] for start in range(6)] * 4, n_items=7)


def walker(**options: object) -> SasRec:
    """Small enough to learn the circle in a second."""
    given: dict[str, object] = {"dim": 16, "layers": 1, "dropout": 0.1, "length": 4, "learning_rate": 0.02, "batch": 64}
    return SasRec(**{**given, "epochs": 40, **options})  # type: ignore[arg-type]


@cache
def circle_model() -> SasRec:
    return walker().fit(CIRCLE)


def test_it_learns_the_order_and_not_only_the_company() -> None:
    scores = circle_model().score([history(0, 1, 2), history(2, 1, 0), history(5)])
    assert scores.argmax(axis=1).tolist()[::2] == [3, 0]
    assert (scores[[0, 2], [3, 0]] > 0.8).all()


def test_scores_are_chances_over_what_somebody_chose() -> None:
    scores = circle_model().score([history(0, 1), history(3)])
    np.testing.assert_allclose(scores.sum(axis=1), 1, rtol=1e-5)
    assert scores.dtype == np.float32
    assert scores[:, 6].tolist() == [0, 0]


def test_what_was_disliked_last_has_no_chance() -> None:
    plain, torn = circle_model().score([history(0, 1), history(0, 1, 2, weights=[1, 1, -1])])
    assert plain[2] > 0.5
    assert torn[2] == 0
    np.testing.assert_allclose(torn[3], plain[3])


def test_only_the_newest_rows_are_read() -> None:
    long, short = circle_model().score([history(5, 5, 5, 0, 1, 2, 3), history(0, 1, 2, 3)])
    np.testing.assert_array_equal(long, short)


@pytest.mark.parametrize(
    "options",
    [{"negatives": 2}, {"temperature": 8.0}, {"smoothing": 0.1}, {"gated": True}, {"averaging": 0.9}, {"batch": 16}],
    ids=str,
)
def test_every_way_to_learn_finds_the_circle(options: dict[str, object]) -> None:
    model = walker(**options).fit(CIRCLE)
    assert model.score([history(0, 1, 2), history(5)]).argmax(axis=1).tolist() == [3, 0]


def test_a_holdout_decides_which_epoch_is_kept() -> None:
    # the holdout goes round the other way: every epoch makes it worse
    holdout = Holdout([history(2), history(4)], [np.array([1]), np.array([3])], [NOBODY, np.array([5])])
    heard: list[Epoch] = []
    model = walker(patience=2).fit(CIRCLE, holdout, heard.append)
    qualities = [epoch.quality or 0.0 for epoch in heard]
    assert model.learned_.best == int(np.argmax(qualities)) + 1
    assert len(heard) == model.learned_.best + 2
    assert "no better" in model.learned_.ending


def test_a_holdout_of_strangers_decides_nothing() -> None:
    holdout = Holdout([history(), history(6)], [np.array([1]), np.array([3])], [NOBODY, NOBODY])
    model = walker(epochs=3, patience=1).fit(CIRCLE, holdout)
    assert model.learned_.best == 3
    assert model.learned_.epochs[-1].quality is None


def test_the_quality_that_decides_is_the_ndcg_of_the_model() -> None:
    # one user whose relevant items are 3 and 6 (which has no vector): 3 is first, 6 is never found
    heard: list[Epoch] = []
    walker().fit(
        CIRCLE, Holdout([history(1, 2), history()], [np.array([3, 6]), np.array([0])], [NOBODY] * 2), heard.append
    )
    ideal = 1 + 1 / np.log2(3)
    assert heard[-1].quality == pytest.approx(1 / ideal)


def test_a_new_item_is_recommended_from_its_description_alone() -> None:
    # two kinds of items, told by the first feature; users keep to one kind; nobody has chosen 6 (kind 0) or 7 (kind 1)
    kinds = np.array([0, 0, 0, 1, 1, 1, 0, 1])
    features = np.eye(2, dtype=np.float32)[kinds]
    log = walks(*[[0, 1, 2, 0], [1, 0, 2, 1], [2, 0, 1, 2], [3, 4, 5, 3], [4, 3, 5, 4], [5, 3, 4, 5]] * 4, n_items=8)
    first, second, new = walker(features=features, alone=0.5).fit(log).score([history(0, 1), history(4, 3), history(6)])
    assert first[6] > 10 * first[7] > 0
    assert second[7] > 10 * second[6] > 0
    assert new[:3].sum() > 0.5


def test_features_must_be_numbers_and_one_an_item() -> None:
    with pytest.raises(InputError, match="NaN or infinite values in 1 places"):
        SasRec(features=np.array([[1.0], [np.nan]], np.float32))
    with pytest.raises(InputError, match="2 features for 7 items"):
        SasRec(features=np.ones((2, 1), np.float32)).fit(CIRCLE)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"dim": 9}, "dim=9, heads=2"),
        ({"layers": 0}, "layers=0"),
        ({"dropout": 1.0}, "dropout=1"),
        ({"epochs": 0}, "epochs=0"),
    ],
)
def test_a_setting_out_of_range_is_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told):
        SasRec(**wrong)  # type: ignore[arg-type]


def test_its_settings_are_saved(tmp_path: Path) -> None:
    circle_model().save(tmp_path)
    model = SasRec.load(tmp_path)
    assert (model.dim, model.layers, model.learning_rate, model.budget_s) == (16, 1, 0.02, float("inf"))


def test_serving_needs_no_pytorch(tmp_path: Path) -> None:
    toy_model().save(tmp_path)
    code = (
        "import sys; from pathlib import Path; from aisle.recommenders.sasrec import SasRec; import numpy as np\n"
        "from aisle.recommenders import History\n"
        "model = SasRec.load(Path(sys.argv[1]))\n"
        "model.score([History(np.array([0]), np.ones(1, np.float32))])\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == 0
