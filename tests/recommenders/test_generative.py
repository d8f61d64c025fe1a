import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from aisle.errors import InputError, ReleaseError
from aisle.recommenders.code_trie import trie_of
from aisle.recommenders.files import write_arrays
from aisle.recommenders.generative import Generative
from aisle.recommenders.generative_learning import GenerativeNetwork
from aisle.recommenders.learning import Epoch
from aisle.recommenders.protocol import Holdout
from aisle.recommenders.semantic_ids import SemanticIds
from aisle.testing.baskets import baskets
from aisle.testing.recommenders import RecommenderConformance, history, same, toy_interactions


@cache
def toy_model() -> Generative:
    return Generative(codes=3, levels=2, dim=8, layers=1, epochs=2, length=5).fit(toy_interactions())


class TestGenerative(RecommenderConformance):
    def make(self, n_items: int) -> Generative:
        return Generative(codes=3, levels=2, dim=8, layers=1, epochs=2, length=5)

    def fitted(self) -> Generative:
        return toy_model()

    def test_the_same_data_gives_the_same_answers(self) -> None:
        same(self.answers(self.make(12).fit(toy_interactions())), self.answers(self.fitted()))


# everybody walks round the circle 0 1 2 3 4 5 0; item 6 is chosen by nobody
CIRCLE = baskets(*[[(start + at) % 6 for at in range(5)] for start in range(6)] * 4, n_items=7)


def walker(**options: object) -> Generative:
    """Small enough to learn the circle in a second."""
    small: dict[str, object] = {"codes": 2, "levels": 2, "dim": 16, "layers": 1, "dropout": 0.1, "length": 4}
    course = {"learning_rate": 0.02, "batch": 64, "epochs": 20}
    return Generative(**{**small, **course, **options})  # type: ignore[arg-type]


@cache
def circle_model() -> Generative:
    return walker().fit(CIRCLE)


def test_it_learns_to_spell_the_next_item() -> None:
    scores = circle_model().score([history(0, 1, 2), history(5)])
    assert scores.argmax(axis=1).tolist() == [3, 0]
    assert scores.max(axis=1).min() > 0.7


def test_scores_are_chances_of_real_items_that_add_up_to_one() -> None:
    model = circle_model()
    scores = model.score([history(0, 1), history(3)])
    np.testing.assert_allclose(scores.sum(axis=1), 1, rtol=1e-5)
    assert scores[:, 6].tolist() == [0, 0]
    assert len(np.unique(model.codes_, axis=0)) == 6


def test_items_outside_the_beam_have_no_chance() -> None:
    model = circle_model()
    wide = model.score([history(0, 1, 2)])[0]
    model.beam = 1
    narrow = model.score([history(0, 1, 2)])[0]
    model.beam = 64
    assert np.flatnonzero(narrow).tolist() == [3]
    assert narrow[3] == pytest.approx(wide[3])


def test_the_loss_is_that_of_the_codes_that_lead_on() -> None:
    # items 0 to 2 are called 0 0, 0 1 and 1 0; an untold network finds all codes alike:
    # item 0 has the chance 1/2 * 1/2, item 2 has 1/2, because nothing else begins with 1
    ids = SemanticIds(np.array([[0, 0], [0, 1], [1, 0]]), ())
    network = GenerativeNetwork(walker(), ids, trie_of(ids.codes), torch.ones(3)).eval()
    for words in network.words:
        torch.nn.init.zeros_(words)
    hidden = torch.ones(1, 16)
    assert network.code_loss(hidden, torch.tensor([0])).item() == pytest.approx(np.log(4))
    assert network.code_loss(hidden, torch.tensor([2])).item() == pytest.approx(np.log(2))
    assert network.code_loss(hidden.expand(2, -1), torch.tensor([0, 2])).item() == pytest.approx(np.log(8) / 2)


def test_what_was_disliked_last_has_no_chance() -> None:
    (torn,) = circle_model().score([history(0, 1, 2, weights=[1, 1, -1])])
    assert torn[2] == 0


def test_a_new_item_is_recommended_from_its_description_alone() -> None:
    # users keep to items 0 to 2 or to 3 to 5; nobody has chosen 6, which is like the first, or 7, like the others
    features = np.array([[0, 1], [0, 2], [0, 3], [9, 1], [9, 2], [9, 3], [0, 4], [9, 4]], np.float32)
    camps = [[0, 1, 2, 0], [1, 0, 2, 1], [2, 0, 1, 2], [3, 4, 5, 3], [4, 3, 5, 4], [5, 3, 4, 5]]
    model = walker(features=features, alone=0.5, epochs=15).fit(baskets(*camps * 4, n_items=8))
    first, second, new = model.score([history(0, 1), history(4, 3), history(6)])
    assert model.codes_.shape == (8, 3)
    assert first[6] > first[7] > 0
    assert second[7] > second[6] > 0
    assert new[:3].sum() > new[3:6].sum()


def test_a_holdout_decides_which_epoch_is_kept() -> None:
    # the holdout goes round the other way: in the end every epoch makes it worse
    holdout = Holdout([history(2), history(4)], [np.array([1]), np.array([3])], [np.array([2]), np.array([5])])
    heard: list[Epoch] = []
    model = walker(patience=2).fit(CIRCLE, holdout, heard.append)
    qualities = [epoch.quality or 0.0 for epoch in heard]
    assert model.learned_.best == int(np.argmax(qualities)) + 1
    assert len(heard) == model.learned_.best + 2
    found = model.recommend([history(2), history(4)], 10, holdout.excluded)
    places = [one.rows.tolist().index(target) for one, target in zip(found, (1, 3), strict=True)]
    assert max(qualities) == pytest.approx(np.mean(1 / np.log2(np.array(places) + 2)))


def test_users_of_one_choice_teach_nothing() -> None:
    model = Generative().fit(baskets([0], [1], n_items=2))
    assert model.learned_.ending == "nobody chose two items one after another"
    assert model.score([history(0)]).tolist() == [[0, 0]]


def test_features_must_be_numbers_and_one_an_item() -> None:
    with pytest.raises(InputError, match="NaN or infinite values in 1 places"):
        Generative(features=np.array([[1.0], [np.nan]], np.float32))
    with pytest.raises(InputError, match="2 features for 7 items"):
        Generative(features=np.ones((2, 1), np.float32)).fit(CIRCLE)


@pytest.mark.parametrize(
    ("wrong", "told"), [({"dim": 9}, "dim=9, heads=2"), ({"beam": 0}, "beam=0"), ({"alone": 1.0}, "alone=1")]
)
def test_a_setting_out_of_range_is_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told):
        Generative(**wrong)  # type: ignore[arg-type]


def test_its_settings_are_saved_and_damaged_ones_are_a_release_error(tmp_path: Path) -> None:
    toy_model().save(tmp_path)
    model = Generative.load(tmp_path)
    assert (model.codes, model.levels, model.dim, model.budget_s) == (3, 2, 8, float("inf"))
    nothing = {key: np.empty(0) for key in ("rows", "index", "codes", "vectors", "graph")}
    write_arrays(tmp_path, "generative", settings="{", n_speakers=0, **nothing)
    with pytest.raises(ReleaseError, match="damaged"):
        Generative.load(tmp_path)


def test_serving_needs_no_pytorch(tmp_path: Path) -> None:
    toy_model().save(tmp_path)
    code = (
        "import sys; from pathlib import Path; from aisle.recommenders.generative import Generative; "
        "from aisle.testing.recommenders import history; "
        "Generative.load(Path(sys.argv[1])).score([history(0)]); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
