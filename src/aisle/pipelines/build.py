"""From the store to a finished release, stage by stage."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter

import numpy as np
import polars as pl

from aisle.encoders import Encoder
from aisle.errors import InputError
from aisle.evaluation import evaluate_search
from aisle.index import Completion, Completions, EmbeddedIndex
from aisle.pipelines.search import search
from aisle.recommenders import ItemKnn, Popularity, build_interactions
from aisle.releases import (
    Catalogue,
    Manifest,
    Release,
    ReleaseFolder,
    Staging,
    checksums,
    library_versions,
    write_catalogue,
)
from aisle.settings import Settings
from aisle.store import Store
from aisle.text import has_chinese, item_text, normalise, segment, terms
from aisle.types import Item, Judgment, SearchRequest

Progress = Callable[[str, int, int], None]
"""Hears of the stage, how much of it is done, and how much there is in all."""
STAGES = ("read", "encode", "index", "learn", "complete", "measure", "check", "activate")
MIN_SEARCHES = 2
"""Queries that were typed less often are no suggestion."""
MAX_MEASURED = 300
"""Judged queries that the quality in the manifest is measured on."""


def build(store: Store, releases: ReleaseFolder, settings: Settings, encoder: Encoder, progress: Progress) -> Manifest:
    """Write a release of what `store` holds, check it, and make it the running one.

    A crash at any point leaves the running release as it was. Raises InputError when the store
    holds no items, ReleaseError when the disk is full or another build runs.
    """
    timings: dict[str, float] = {}
    with releases.build() as staging:
        with _stage("read", timings, progress):
            version, counts = store.version(), store.counts()
            items = list(store.items())
            if not items:
                raise InputError("the store holds no items; give it some: aisle ingest items FILE")
            write_catalogue(items, staging.folder / "catalogue")
            events = store.events_frame()
        with _stage("encode", timings, progress):
            done = _Progress("encode", len(items), progress)
            vectors = encoder.encode_items([item_text(item) for item in items], done)
            encoder.save(staging.folder / "encoder")
        with _stage("index", timings, progress):
            index = EmbeddedIndex.create(staging.folder / "index", encoder.dim, settings.index)
            index.add(np.arange(len(items)), items, vectors)
            index.save(staging.folder / "index")
        with _stage("learn", timings, progress):
            popularity, item_knn = _learn(events, items, settings)
            popularity.save(staging.folder / "recommenders")
            item_knn.save(staging.folder / "recommenders")
        with _stage("complete", timings, progress):
            completions = Completions(tuple(_completions(items, popularity, events, index)))
            completions.save(staging.folder / "index")
        manifest = Manifest(
            release_id=staging.release_id,
            created_at=datetime.now(UTC),
            n_items=len(items),
            n_events=counts.n_events,
            n_users=counts.n_users,
            store_version=version,
            encoder=encoder.name,
            settings=settings,
            versions=library_versions(),
            quality={},
            timings_s={},
            files={},
        )
        catalogue = Catalogue.load(staging.folder / "catalogue")
        draft = Release(manifest, catalogue, index, encoder, popularity, item_knn, completions)
        with _stage("measure", timings, progress):
            quality = _measure(draft, store.judgments_frame())
        with _stage("check", timings, progress):
            files = checksums(staging.folder)
        manifest = replace(manifest, quality=quality, timings_s=timings, files=files)
        _publish(releases, staging, manifest, progress)
    return manifest


class _Progress:
    """Turns the sizes of batches into progress of a stage."""

    def __init__(self, stage: str, total: int, progress: Progress) -> None:
        self.stage, self.total, self.done, self.progress = stage, total, 0, progress

    def __call__(self, n: int) -> None:
        self.done += n
        self.progress(self.stage, self.done, self.total)


@contextmanager
def _stage(name: str, timings: dict[str, float], progress: Progress) -> Iterator[None]:
    progress(name, 0, 1)
    started = perf_counter()
    yield
    timings[name] = round(perf_counter() - started, 3)
    progress(name, 1, 1)


def _publish(releases: ReleaseFolder, staging: Staging, manifest: Manifest, progress: Progress) -> None:
    progress("activate", 0, 2)
    releases.publish(staging, manifest)
    progress("activate", 1, 2)
    releases.activate(manifest.release_id)
    progress("activate", 2, 2)


def _learn(events: pl.DataFrame, items: Sequence[Item], settings: Settings) -> tuple[Popularity, ItemKnn]:
    rows = {item.item_id: row for row, item in enumerate(items)}
    interactions = build_interactions(events, rows, settings.recommend, len(items))
    popularity = Popularity(half_life_days=settings.recommend.half_life_days).fit(interactions)
    item_knn = ItemKnn(neighbors=settings.recommend.neighbors, shrinkage=settings.recommend.shrinkage)
    return popularity, item_knn.fit(interactions)


def _completions(
    items: Sequence[Item], popularity: Popularity, events: pl.DataFrame, index: EmbeddedIndex
) -> Iterator[Completion]:
    yield from _searched(events, index)
    brands: dict[str, int] = {}
    categories: dict[tuple[str, str], int] = {}
    for row, item in enumerate(items):
        weight = float(popularity.scores_[row])
        yield Completion(item.title, "item", weight, _locale(item.title), item.item_id)
        for language, part in item.translations.items():
            if part.title:
                yield Completion(part.title, "item", weight, language, item.item_id)
        if item.brand:
            brands[item.brand] = brands.get(item.brand, 0) + 1
        for language, path in [
            ("", item.category),
            *((lang, part.category) for lang, part in item.translations.items()),
        ]:
            for name in path:
                categories[name, language or _locale(name)] = categories.get((name, language or _locale(name)), 0) + 1
    yield from (Completion(name, "brand", n) for name, n in brands.items())
    yield from (Completion(name, "category", n, language) for (name, language), n in categories.items())


def _searched(events: pl.DataFrame, index: EmbeddedIndex) -> Iterator[Completion]:
    """What was searched for more than once, in the spelling used most, where every word finds something."""
    spellings: dict[str, dict[str, int]] = {}
    counted = events.filter(pl.col("kind").cast(pl.String) == "search").group_by("query").len().sort("query")
    for query, n in counted.iter_rows():
        text = normalise(query)
        spellings.setdefault(text.casefold(), {})[text] = n
    for forms in spellings.values():
        text, n = max(forms, key=lambda form: forms[form]), sum(forms.values())
        if n >= MIN_SEARCHES and all(len(index.lexical(word, 1)) for word in segment(text).split() if terms(word)):
            yield Completion(text, "query", n, _locale(text))


def _locale(text: str) -> str:
    return "zh" if has_chinese(text) else ""


def _measure(release: Release, judgments: pl.DataFrame) -> Mapping[str, float]:
    if judgments.is_empty():
        return {}
    chosen = judgments["query"].unique().sort()
    if len(chosen) > MAX_MEASURED:
        chosen = chosen.sample(MAX_MEASURED, seed=0)
    graded = [Judgment(*row) for row in judgments.filter(pl.col("query").is_in(chosen.implode())).iter_rows()]

    def find(query: str, k: int) -> list[tuple[str, float]]:
        return [(hit.item_id, hit.score) for hit in search(release, SearchRequest(query, k)).hits]

    return evaluate_search(find, graded).metrics
