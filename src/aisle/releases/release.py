"""A release in memory: everything that answering needs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aisle.encoders import Encoder, RememberedQueries, TextEncoder
from aisle.errors import AisleError, NotFoundError, ReleaseError
from aisle.index import Completions, EmbeddedIndex
from aisle.recommenders import Content, ItemKnn, Popularity
from aisle.releases.catalogue import Catalogue
from aisle.releases.folder import ReleaseFolder
from aisle.releases.manifest import Manifest
from aisle.settings import Settings
from aisle.text import item_text
from aisle.types import Item


@dataclass(frozen=True, slots=True)
class Release:
    """What pipelines read. Its files never change; items that changed in the store since are taken in by `apply`."""

    manifest: Manifest
    catalogue: Catalogue
    index: EmbeddedIndex
    encoder: Encoder
    popularity: Popularity
    item_knn: ItemKnn
    completions: Completions

    @property
    def release_id(self) -> str:
        """The name of its folder."""
        return self.manifest.release_id

    @property
    def settings(self) -> Settings:
        """The settings that it was built with."""
        return self.manifest.settings

    @property
    def content(self) -> Content:
        """The recommender by vectors, of the items as they are now."""
        return Content(self.index.vectors)

    def row(self, item_id: str) -> int:
        """The row of an item that can be found. Raises NotFoundError when there is none."""
        row = self.catalogue.row(item_id)
        if row is None or not self.index.holds(row):
            raise NotFoundError(f"there is no item {item_id!r} in release {self.release_id}")
        return row

    def apply(self, upserted: Sequence[Item], deleted: Iterable[str]) -> None:
        """Take in items that changed in the store after the build; unchanged texts are not encoded again."""
        known = [self.catalogue.row(item.item_id) for item in upserted]
        before = [self.catalogue.item(row) if row is not None else None for row in known]
        changed = [(item, old) for item, old in zip(upserted, before, strict=True) if item != old]
        if changed:
            self._put([item for item, _ in changed], [old for _, old in changed])
        rows = [row for row in map(self.catalogue.row, deleted) if row is not None]
        if rows:
            self.index.delete(np.array(rows, np.int64))

    def _put(self, items: Sequence[Item], before: Sequence[Item | None]) -> None:
        vectors = np.zeros((len(items), self.encoder.dim), np.float32)
        fresh = [
            place
            for place, (item, old) in enumerate(zip(items, before, strict=True))
            if old is None or item_text(item) != item_text(old)
        ]
        rows = self.catalogue.put(items)
        kept = np.setdiff1d(np.arange(len(items)), fresh)
        vectors[kept] = self.index.vectors[rows[kept]]
        if fresh:
            vectors[fresh] = self.encoder.encode_items([item_text(items[place]) for place in fresh])
        self.index.add(rows, items, vectors)


def load_release(releases: ReleaseFolder, release_id: str, encoder: Encoder | None = None) -> Release:
    """Check and load a release; `encoder` stands in for the one that was built in.

    Raises NotFoundError when there is no such release, ReleaseError when a file does not match its
    checksum or cannot be read.
    """
    manifest = releases.verify(release_id)
    folder = releases.folder(release_id)
    try:
        return _load(folder, manifest, encoder)
    except AisleError:
        raise
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ReleaseError(f"release {release_id} cannot be loaded: {error}; run aisle build") from error


def _load(folder: Path, manifest: Manifest, encoder: Encoder | None) -> Release:
    return Release(
        manifest=manifest,
        catalogue=Catalogue.load(folder / "catalogue"),
        index=EmbeddedIndex.load(folder / "index", manifest.settings.index),
        encoder=RememberedQueries(encoder or TextEncoder(folder / "encoder", threads=1)),
        popularity=Popularity.load(folder / "recommenders"),
        item_knn=ItemKnn.load(folder / "recommenders"),
        completions=Completions.load(folder / "index"),
    )
