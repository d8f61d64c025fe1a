"""The recommenders of a release: written together, read one by one, so that a damaged one is done without."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np

from aisle.checksums import file_sha256
from aisle.errors import ReleaseError
from aisle.ranking.blend import FILE as BLEND
from aisle.ranking.blend import Blend
from aisle.ranking.blend_features import FILE as FACTS
from aisle.ranking.ranked_blend import FILE as TREES
from aisle.ranking.ranked_blend import AnyBlend, RankedBlend
from aisle.recommenders import Interactions, ItemKnn, Popularity, Recommender
from aisle.recommenders.models import classes
from aisle.releases.shelf_models import ShelfModels, load_shelf_models

Model = TypeVar("Model", Popularity, ItemKnn)
ELSEWHERE = ("content", "user_text", "popularity", "item_knn")
"""Models that a release holds besides: two by the vectors of the index, the others for shelves of their own."""


@dataclass(frozen=True, slots=True)
class Recommenders:
    """What a release recommends by."""

    popularity: Popularity
    item_knn: ItemKnn
    blend: AnyBlend | None
    """None where no weights could be measured or read."""
    shelves: ShelfModels = field(default_factory=ShelfModels)

    def save(self, folder: Path) -> None:
        """Write a file a model, and those of the blend."""
        self.popularity.save(folder)
        self.item_knn.save(folder)
        if self.blend is not None:
            self.blend.save(folder, ELSEWHERE)
        self.shelves.save(folder)


def load_recommenders(
    folder: Path, files: Mapping[str, str], by_text: Sequence[Recommender], n_items: int
) -> tuple[Recommenders, tuple[str, ...]]:
    """What can be read of the recommenders in `folder`, and why the rest cannot.

    `files` are the checksums of the release's manifest, `by_text` the models of its vectors and its encoder.

    Without popularity all items are equally popular, without item-kNN nothing goes together; a blend
    goes on without its damaged members, and a shelf whose model is damaged is absent.
    """
    lost: list[str] = []
    popularity = _read(Popularity, folder, files, lost)
    item_knn = _read(ItemKnn, folder, files, lost)
    given = [*by_text, *(model for model in (popularity, item_knn) if model is not None)]
    blend = _read_blend(folder, files, given, lost)
    shelves, lost_shelves = load_shelf_models(folder, files)
    models = Recommenders(popularity or _all_alike(n_items), item_knn or ItemKnn(), blend, shelves)
    return models, (*lost, *lost_shelves)


def _read(kind: type[Model], folder: Path, files: Mapping[str, str], lost: list[str]) -> Model | None:
    path = folder / f"{kind.name}.npz"
    try:
        if not _is_whole(path, files):
            raise ReleaseError(f"{path} is missing or does not match its checksum; run aisle build")
        return kind.load(folder)
    except ReleaseError as error:
        lost.append(f"recommender {kind.name}: {error}")
        return None


def _read_blend(
    folder: Path, files: Mapping[str, str], given: Sequence[Recommender], lost: list[str]
) -> AnyBlend | None:
    """The trees over the blend where there are some, else the blend of the members that are whole."""
    if _name(folder / TREES) in files:
        try:
            if all(_is_whole(folder / name, files) for name in (TREES, f"{FACTS}.npz")):
                return RankedBlend.load(folder, classes(), given)
            raise ReleaseError(f"{folder / TREES} or {FACTS}.npz is missing or damaged; run aisle build")
        except ReleaseError as error:
            lost.append(f"recommender trees: {error}")
    if _name(folder / BLEND) not in files:
        return None
    try:
        blend = Blend.load(folder, classes(), given)
    except ReleaseError as error:
        lost.append(f"recommender blend: {error}")
        return None
    told = {name.split(":")[0] for name in lost}
    lost += [f"recommender {why}" for why in blend.missing if f"recommender {why.split(':')[0]}" not in told]
    return blend if blend.members else None


def _all_alike(n_items: int) -> Popularity:
    nothing = np.empty(0, np.int64)
    return Popularity().fit(Interactions(nothing, nothing, np.empty(0, np.float32), np.empty(0), 0, n_items))


def _is_whole(path: Path, files: Mapping[str, str]) -> bool:
    return path.is_file() and file_sha256(path) == files.get(_name(path))


def _name(path: Path) -> str:
    """How the manifest calls a file of this folder."""
    return f"{path.parent.name}/{path.name}"
