"""A release in memory: everything that answering needs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from aisle.encoders import (
    BatchedQueries,
    CachedEncoder,
    CrossEncoder,
    Encoder,
    RememberedQueries,
    VectorCache,
    open_encoder,
)
from aisle.errors import AisleError, NotFoundError, ReleaseError
from aisle.index import Completions, EmbeddedIndex
from aisle.index.milvus import MilvusIndex
from aisle.intent import Intent
from aisle.ranking import LambdaMart, LatestTraits, LinearFusion, Traits
from aisle.ranking.blend import usual_blend
from aisle.ranking.ranked_blend import AnyBlend
from aisle.recommenders import Content, ItemKnn, Popularity, Recommender, UserText
from aisle.releases.catalogue import Catalogue
from aisle.releases.folder import ReleaseFolder
from aisle.releases.manifest import Manifest
from aisle.releases.recommenders import load_recommenders
from aisle.releases.remembered import Remembered
from aisle.releases.shelf_models import ShelfModels
from aisle.settings import IndexSettings, Settings
from aisle.text import item_text
from aisle.text.language import Language
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
    language: Language
    intent: Intent
    ranker: LinearFusion | LambdaMart
    blend: AnyBlend | None = None
    """Recommends by all models that help; None where no weights could be measured or read."""
    shelves: ShelfModels = field(default_factory=ShelfModels)
    """What single shelves are made by: rising, bought together, popular in your categories."""
    reranker: CrossEncoder | None = None
    """Judges the best results once more, where the shop has chosen one."""
    degraded: tuple[str, ...] = ()
    """Parts that could not be read, and are done without: what answers instead is plainer."""
    latest_traits: LatestTraits = field(default_factory=LatestTraits)
    remembered: Remembered = field(default_factory=Remembered)
    """Its latest answers."""

    @property
    def done_without(self) -> tuple[str, ...]:
        """What answers are plainer for now: parts that could not be read, and engines that are away."""
        return self.degraded + self.index.degraded

    @property
    def alone(self) -> "Release":
        """This release with what this process holds, for when an engine on another machine is away."""
        return replace(self, index=self.index.alone, remembered=Remembered())

    @property
    def traits(self) -> Traits:
        """Product, brand, category and stock of each row, as they are now."""
        return self.latest_traits.of(self.index.columns)

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

    @property
    def for_you(self) -> AnyBlend:
        """What recommends to a shopper, with the items as they are now."""
        if not self.blend:
            return usual_blend(self.item_knn, self.content)
        return self.blend.using(*by_text(self.encoder, self.catalogue, self.index))

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
        if changed or rows:
            _ = self.traits  # worked out now, so that no search waits for it

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
        if isinstance(self.ranker, LambdaMart):
            self.ranker.put(rows, items)


def by_text(encoder: Encoder, catalogue: Catalogue, index: EmbeddedIndex) -> list[Recommender]:
    """The recommenders that are made of vectors and texts, of the items as they are now."""
    vectors = index.vectors
    return [Content(vectors), UserText(encoder.encode_queries, lambda row: catalogue.item(row).title, vectors)]


RANKER = "ranker"
"""The folder of the learned ranker, which a release can answer without."""
RECOMMENDERS = "recommenders"
"""The folder of the recommenders, where a release does without those that are damaged."""


def load_release(releases: ReleaseFolder, release_id: str, encoder: Encoder | None = None) -> Release:
    """Check and load a release; `encoder` stands in for the one that was built in.

    Raises NotFoundError when there is no such release, ReleaseError when a file does not match its
    checksum or cannot be read.
    """
    manifest = releases.verify(release_id, spare=(RANKER, RECOMMENDERS))
    folder = releases.folder(release_id)
    try:
        return _load(folder, manifest, encoder)
    except AisleError:
        raise
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ReleaseError(f"release {release_id} cannot be loaded: {error}; run aisle build") from error


def _load(folder: Path, manifest: Manifest, encoder: Encoder | None) -> Release:
    ranker, lost_ranker = _load_ranker(folder / RANKER, manifest)
    index = _load_index(folder / "index", manifest.settings.index)
    catalogue = Catalogue.load(folder / "catalogue")
    known = RememberedQueries(encoder or _open_encoder(folder, manifest))
    models, lost_models = load_recommenders(
        folder / RECOMMENDERS, manifest.files, by_text(known, catalogue, index), manifest.n_items
    )
    return Release(
        manifest=manifest,
        catalogue=catalogue,
        index=index,
        encoder=known,
        popularity=models.popularity,
        item_knn=models.item_knn,
        completions=Completions.load(folder / "index"),
        language=Language.load(folder / "language"),
        intent=Intent.load(folder / "intent"),
        ranker=ranker,
        reranker=CrossEncoder(folder / "reranker", threads=1) if manifest.settings.search.reranker else None,
        blend=models.blend,
        shelves=models.shelves,
        degraded=lost_ranker + lost_models,
    )


def _load_index(folder: Path, settings: IndexSettings) -> EmbeddedIndex:
    return MilvusIndex.load(folder, settings) if settings.milvus.url else EmbeddedIndex.load(folder, settings)


def _open_encoder(folder: Path, manifest: Manifest) -> Encoder:
    """The encoder that was built in; items that change take their vectors from the cache that builds use."""
    cache = VectorCache(folder.parent.parent / "cache", manifest.settings.encoder.cache_mb * 1_000_000)
    return BatchedQueries(CachedEncoder(open_encoder(folder / "encoder", threads=1), cache))


def _load_ranker(folder: Path, manifest: Manifest) -> tuple[LinearFusion | LambdaMart, tuple[str, ...]]:
    """The learned ranker where there is one; a damaged one is done without, and named."""
    weights = manifest.settings.search
    plain = LinearFusion(weights.lexical_weight, weights.dense_weight)
    expected = any(name.startswith(f"{RANKER}/") for name in manifest.files)
    if not expected or not manifest.settings.search.learned:
        return plain, ()
    try:
        return LambdaMart.load(folder), ()
    except ReleaseError as error:
        return plain, (f"{RANKER}: {error}",)
