"""A release answers without the shelves whose models are damaged or were never built."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import aisle
from aisle.recommenders import Associations, CategoryPopularity, Interactions, Rising
from aisle.recommenders.next_kind import next_kinds_of
from aisle.releases import ShelfModels, checksums
from aisle.releases.shelf_models import load_shelf_models
from aisle.shop import Shop
from aisle.testing.encoder import FakeEncoder
from aisle.testing.recommenders import history

NAMES = ["rising", "associations", "category_popularity", "next_kind"]
KINDS = np.array([2, 5, 2, 5], np.int8)
LOG = Interactions(
    np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.ones(4, np.float32), np.arange(4.0), 2, 3, kinds=KINDS
)


def written(release: Path) -> dict[str, str]:
    models = ShelfModels(
        Rising().fit(LOG), Associations().fit(LOG), CategoryPopularity(np.arange(3)).fit(LOG), next_kinds_of(LOG)
    )
    models.save(release / "recommenders")
    return checksums(release)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    files = written(tmp_path)
    assert sorted(files) == sorted(f"recommenders/shelves/{name}.npz" for name in NAMES)
    models, lost = load_shelf_models(tmp_path / "recommenders", files)
    assert lost == ()
    assert models.rising is not None and models.category_popularity is not None
    np.testing.assert_array_equal(models.rising.growth_, Rising().fit(LOG).growth_)
    np.testing.assert_array_equal(models.category_popularity.categories, np.arange(3))
    assert models.next_kind is not None
    asked = [history(0)]
    np.testing.assert_array_equal(models.next_kind.shares(asked), next_kinds_of(LOG).shares(asked))


@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_one_is_left_out_and_named(tmp_path: Path, name: str) -> None:
    files = written(tmp_path)
    path = tmp_path / "recommenders" / "shelves" / f"{name}.npz"
    path.write_bytes(path.read_bytes()[:-1])
    models, (why,) = load_shelf_models(tmp_path / "recommenders", files)
    assert why == f"recommender shelves/{name}: {path} is missing or does not match its checksum; run aisle build"
    assert [one for one in NAMES if getattr(models, one) is None] == [name]


def test_one_that_was_never_built_is_no_damage(tmp_path: Path) -> None:
    assert load_shelf_models(tmp_path / "recommenders", {}) == (ShelfModels(), ())


def test_a_missing_one_raises_the_alarm(tmp_path: Path) -> None:
    files = written(tmp_path)
    (tmp_path / "recommenders" / "shelves" / "rising.npz").unlink()
    models, (why,) = load_shelf_models(tmp_path / "recommenders", files)
    assert models.rising is None
    assert why.startswith("recommender shelves/rising: ")


def test_a_shop_with_a_damaged_shelf_shows_the_others(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    release_id = shop.build().release_id
    for name in NAMES:
        (shop.folder / "releases" / release_id / "recommenders" / "shelves" / f"{name}.npz").write_bytes(b"x")
    opened = aisle.open(shop.folder, encoder=FakeEncoder())
    assert [why.split(":")[0] for why in opened.release.degraded] == [f"recommender shelves/{name}" for name in NAMES]
    assert [shelf.name for shelf in opened.shelves(k=4)] == ["popular"]
    assert [shelf.name for shelf in opened.shelves("dee", 2)] == ["for_you", "because_viewed", "popular"]
    assert opened.bought_together("k1").hits == ()
    assert opened.next_act("dee") == {}
    opened.close()
