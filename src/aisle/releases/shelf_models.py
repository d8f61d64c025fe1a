"""The models behind single shelves: each has a file of its own, and a shelf whose model is damaged is absent."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar

from aisle.checksums import file_sha256
from aisle.errors import ReleaseError
from aisle.recommenders import Associations, CategoryPopularity, Rising
from aisle.recommenders.next_kind import NextKind

FOLDER = "shelves"
"""Inside the folder of the recommenders, where a member of the blend may have the same name and know other things."""
Model = TypeVar("Model", Rising, Associations, CategoryPopularity, NextKind)


@dataclass(frozen=True, slots=True)
class ShelfModels:
    """What single shelves are made by; None where a release has no such model, or cannot read it."""

    rising: Rising | None = None
    associations: Associations | None = None
    """Rules between the items of purchases alone."""
    category_popularity: CategoryPopularity | None = None
    """By the categories of `item_features.category_numbers`."""
    next_kind: NextKind | None = None

    def save(self, folder: Path) -> None:
        """Write a file a model to `folder`/shelves."""
        for field in fields(self):
            model = getattr(self, field.name)
            if model is not None:
                model.save(folder / FOLDER)


def load_shelf_models(folder: Path, files: Mapping[str, str]) -> tuple[ShelfModels, tuple[str, ...]]:
    """What can be read of `folder`/shelves, and why the rest cannot.

    `files` are the checksums of the release's manifest: a model that it does not list was never built, which is
    no damage.
    """
    lost: list[str] = []
    models = ShelfModels(
        _read(Rising, folder, files, lost),
        _read(Associations, folder, files, lost),
        _read(CategoryPopularity, folder, files, lost),
        _read(NextKind, folder, files, lost),
    )
    return models, tuple(lost)


def _read(kind: type[Model], folder: Path, files: Mapping[str, str], lost: list[str]) -> Model | None:
    name = f"{FOLDER}/{kind.name}.npz"
    expected = files.get(f"{folder.name}/{name}")
    if expected is None:
        return None
    path = folder / name
    try:
        if not path.is_file() or file_sha256(path) != expected:
            raise ReleaseError(f"{path} is missing or does not match its checksum; run aisle build")
        return kind.load(path.parent)
    except ReleaseError as error:
        lost.append(f"recommender {FOLDER}/{kind.name}: {error}")
        return None
