from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from aisle.errors import InputError, ReleaseError
from aisle.ranking.blend import Blend, Member
from aisle.recommenders import ItemKnn, Popularity
from aisle.recommenders.protocol import History
from aisle.testing.recommenders import RecommenderConformance, history, same, toy_interactions
from aisle.types import Scores

KINDS = {"item_knn": ItemKnn, "popularity": Popularity}


def toy_blend() -> Blend:
    return Blend([Member(ItemKnn(shrinkage=1), 0.75, "log"), Member(Popularity(), 0.25)])


class TestBlend(RecommenderConformance):
    answers_without_history = False

    def make(self, n_items: int) -> Blend:
        return Blend([Member(ItemKnn(shrinkage=1), 1.0, "log")])

    def test_a_loaded_model_answers_like_the_saved_one(self, tmp_path: Path) -> None:
        model = self.fitted()
        model.save(tmp_path)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["blend.json", "item_knn.npz"]
        same(self.answers(Blend.load(tmp_path, KINDS)), self.answers(model))

    def test_what_is_learned_ends_in_an_underscore(self) -> None:
        model = self.make(12)
        before = model.members
        assert model.fit(toy_interactions()).members is before  # only the members learn

    def test_a_damaged_file_is_a_release_error(self, tmp_path: Path) -> None:
        self.fitted().save(tmp_path)
        (tmp_path / "blend.json").write_text('{"members": [{}]}')
        with pytest.raises(ReleaseError, match=r"blend\.json"):
            Blend.load(tmp_path, KINDS)


class Fixed(Popularity):
    """Says the same of everybody."""

    def __init__(self, name: str, *scores: float) -> None:
        self.name, self.scores = name, np.array(scores, np.float32)

    def score(self, histories: Sequence[History]) -> Scores:
        return np.tile(self.scores, (len(histories), 1))


def test_scores_are_the_weighted_sum_of_shares_of_the_best() -> None:
    blend = Blend([Member(Fixed("a", 4, 2, 0, 1), 0.5), Member(Fixed("b", 0, 10, 5), 0.25)])
    assert blend.score([history()]).tolist() == [[0.5, 0.5, 0.125, 0.125]]
    (found,) = blend.recommend([history()], 3, [np.array([1])])
    assert found.rows.tolist() == [0, 2, 3]


def test_scores_below_nothing_count_as_nothing() -> None:
    blend = Blend([Member(Fixed("a", -4, np.nan, 2), 1.0)])
    assert blend.score([history()]).tolist() == [[0, 0, 1]]


def test_members_without_weight_are_not_kept() -> None:
    blend = Blend([Member(Fixed("a", 1), 1.0), Member(Fixed("b", 1), 0.0)])
    assert [member.model.name for member in blend.members] == ["a"]


def test_wrong_members_are_input_errors() -> None:
    with pytest.raises(InputError, match=r"a has weight -1\.0"):
        Member(Fixed("a", 1), -1.0)
    with pytest.raises(InputError, match="norm 'best'"):
        Member(Fixed("a", 1), 1.0, "best")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="give each model once"):
        Blend([Member(Fixed("a", 1), 1.0), Member(Fixed("a", 2), 1.0)])


def test_a_member_with_a_wrong_checksum_is_left_out_and_named(tmp_path: Path) -> None:
    fitted = toy_blend().fit(toy_interactions())
    fitted.save(tmp_path)
    path = tmp_path / "item_knn.npz"
    path.write_bytes(path.read_bytes() + b"x")
    loaded = Blend.load(tmp_path, KINDS)
    assert [member.model.name for member in loaded.members] == ["popularity"]
    assert loaded.missing == (f"item_knn: {path} does not match its checksum; run aisle build",)
    path.unlink()
    assert "is missing" in Blend.load(tmp_path, KINDS).missing[0]
    assert len(loaded.recommend([history(0)], 3)[0]) == 3


def test_a_member_of_an_unknown_name_is_left_out_and_named(tmp_path: Path) -> None:
    toy_blend().fit(toy_interactions()).save(tmp_path)
    loaded = Blend.load(tmp_path, {"popularity": Popularity})
    assert loaded.missing == ("item_knn: this Aisle has no such model, only popularity; run aisle build",)


def test_members_kept_elsewhere_are_given(tmp_path: Path) -> None:
    blend = toy_blend().fit(toy_interactions())
    blend.save(tmp_path, elsewhere=["item_knn"])
    assert not (tmp_path / "item_knn.npz").exists()
    own = blend.members[0].model
    loaded = Blend.load(tmp_path, KINDS, given=[own])
    assert loaded.members[0].model is own
    assert (loaded.members[0].weight, loaded.members[0].norm) == (0.75, "log")


def test_a_model_can_take_the_place_of_its_member() -> None:
    blend = Blend([Member(Fixed("a", 1, 2), 1.0)]).using(Fixed("a", 2, 1), Fixed("b", 5, 5))
    assert blend.score([history()]).tolist() == [[1, 0.5]]
