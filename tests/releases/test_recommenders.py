"""A release answers without the recommenders that are damaged, and says which."""

from pathlib import Path

import lightgbm
import numpy as np
import pytest

from aisle.ranking.blend import Blend, Member
from aisle.ranking.blend_features import ItemFacts, feature_names
from aisle.ranking.ranked_blend import AnyBlend, RankedBlend
from aisle.recommenders import Content, Interactions, ItemKnn, Popularity, Recommender
from aisle.recommenders.markov import Markov
from aisle.releases import Recommenders, checksums
from aisle.releases.recommenders import load_recommenders
from aisle.testing.recommenders import history

N_ITEMS = 12
CONTENT = Content(np.eye(N_ITEMS, dtype=np.float32))
ASKED = [history(0, 1)]


def log() -> Interactions:
    """Thirty people go from an item to the next two."""
    users, steps = np.repeat(np.arange(30), 3), np.tile(np.arange(3), 30)
    rows = (users + steps) % N_ITEMS
    return Interactions(users, rows, np.ones(90, np.float32), np.arange(90, dtype=np.float64), 30, N_ITEMS)


def blended() -> Blend:
    models: list[Recommender] = [ItemKnn().fit(log()), Markov().fit(log()), CONTENT]
    return Blend([Member(model, weight) for model, weight in zip(models, (0.5, 0.3, 0.2), strict=True)])


def with_trees() -> RankedBlend:
    names = feature_names(["item_knn", "markov", "content"])
    table = np.random.default_rng(0).random((60, len(names)))
    rows = lightgbm.Dataset(table, (table[:, 0] > 0.5).astype(int), group=[60])
    settings = {"objective": "lambdarank", "verbose": -1, "num_threads": 1, "min_data_in_leaf": 5}
    return RankedBlend(blended(), lightgbm.train(settings, rows, 3), ItemFacts.of(log()), 0.5)


def written(release: Path, blend: AnyBlend | None) -> dict[str, str]:
    Recommenders(Popularity().fit(log()), ItemKnn().fit(log()), blend).save(release / "recommenders")
    return checksums(release)


def loaded(release: Path, files: dict[str, str]) -> tuple[Recommenders, tuple[str, ...]]:
    return load_recommenders(release / "recommenders", files, [CONTENT], N_ITEMS)


def test_what_was_written_is_read_and_content_is_not_kept_twice(tmp_path: Path) -> None:
    models, lost = loaded(tmp_path, written(tmp_path, blended()))
    assert lost == ()
    assert models.blend is not None
    np.testing.assert_allclose(models.blend.score(ASKED), blended().score(ASKED))
    assert not (tmp_path / "recommenders" / "content.npz").exists()


def test_a_damaged_member_is_skipped_and_the_others_still_serve(tmp_path: Path) -> None:
    files = written(tmp_path, blended())
    path = tmp_path / "recommenders" / "markov.npz"
    path.write_bytes(path.read_bytes()[:-1])
    models, (why,) = loaded(tmp_path, files)
    assert why == f"recommender markov: {path} does not match its checksum; run aisle build"
    assert models.blend is not None
    assert [member.model.name for member in models.blend.members] == ["item_knn", "content"]


@pytest.mark.parametrize("name", ["item_knn", "popularity"])
def test_a_damaged_model_of_a_shelf_knows_nothing(tmp_path: Path, name: str) -> None:
    files = written(tmp_path, blended())
    (tmp_path / "recommenders" / f"{name}.npz").write_bytes(b"")
    models, (why,) = loaded(tmp_path, files)
    assert why.startswith(f"recommender {name}: ")
    assert len(models.popularity.recommend(ASKED, 3)[0]) == 3
    assert len(models.item_knn.similar(np.array([0]), 3)[0]) == (0 if name == "item_knn" else 3)
    assert models.blend is not None
    assert len(models.blend.members) == (2 if name == "item_knn" else 3)


def test_a_whole_file_of_another_build_does_not_come_back_through_the_blend(tmp_path: Path) -> None:
    files = written(tmp_path, blended())
    ItemKnn(neighbors=1).fit(log()).save(tmp_path / "recommenders")
    models, (why,) = loaded(tmp_path, files)
    assert why.startswith("recommender item_knn: ")
    assert models.blend is not None
    assert [member.model.name for member in models.blend.members] == ["markov", "content"]


def test_without_a_blend_there_is_none(tmp_path: Path) -> None:
    models, lost = loaded(tmp_path, written(tmp_path, None))
    assert (models.blend, lost) == (None, ())
    files = written(tmp_path, blended())
    (tmp_path / "recommenders" / "blend.json").write_text("{")
    models, (why,) = loaded(tmp_path, files)
    assert models.blend is None
    assert why.startswith("recommender blend: cannot read the blend")


def test_damaged_trees_leave_the_blend(tmp_path: Path) -> None:
    files = written(tmp_path, with_trees())
    models, lost = loaded(tmp_path, files)
    assert (type(models.blend), lost) == (RankedBlend, ())
    (tmp_path / "recommenders" / "item_facts.npz").write_bytes(b"")
    models, (why,) = loaded(tmp_path, files)
    assert type(models.blend) is Blend
    assert why.startswith("recommender trees: ")
