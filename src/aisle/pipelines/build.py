"""From the store to a finished release, stage by stage."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import numpy as np
import polars as pl

from aisle.cluster import HERE, Place
from aisle.cluster.encoding import encoding
from aisle.encoders import CachedEncoder, Encoder, RememberedQueries, VectorCache, located, prepare_cross_encoder
from aisle.errors import InputError
from aisle.evaluation import evaluate_search
from aisle.index import EmbeddedIndex, learn_completions, write_vectors
from aisle.index.milvus import collection_name, upload
from aisle.intent import clicks_by_query, learn_intent
from aisle.pipelines.kind_weights import fit_kind_weights
from aisle.pipelines.learn import learn_recommenders, learn_shelves
from aisle.pipelines.search import retrieve, search
from aisle.pipelines.understand import understand
from aisle.ranking import Learned, LinearFusion, build_ranking_data, learn_ranker
from aisle.recommenders import Content, UserText, build_interactions
from aisle.recommenders.item_features import category_numbers, item_features, product_rows
from aisle.recommenders.models import model_kind
from aisle.recommenders.tuned import read_tuned
from aisle.releases import (
    Catalogue,
    Manifest,
    Recommenders,
    Release,
    ReleaseFolder,
    Staging,
    checksums,
    library_versions,
    write_catalogue,
)
from aisle.settings import Settings
from aisle.store import Store
from aisle.text import item_text, segment, terms
from aisle.text.language import Language, learn_language
from aisle.types import Item, ItemVectors, Judgment, SearchRequest, Vectors

Progress = Callable[[str, int, int], None]
"""Hears of the stage, how much of it is done, and how much there is in all."""
STAGES = ("read", "encode", "index", "learn", "read queries", "complete", "rank", "measure", "check", "activate")
ENCODED = 1_000
"""Items that are encoded at once, and then stand in the cache: what a kill costs at most."""
MAX_MEASURED = 300
"""Judged queries that the quality in the manifest is measured on."""


def build(
    store: Store,
    releases: ReleaseFolder,
    settings: Settings,
    encoder: Encoder,
    folder: Path,
    progress: Progress,
    *,
    place: Place = HERE,
    activate: bool = True,
) -> Manifest:
    """Write a release of what `store` holds, check it, and make it the running one, unless not to `activate` it.

    `folder` is the shop's: files that the settings name lie in it. Items are encoded in `place`.

    A crash at any point leaves the running release as it was. Raises InputError when the store
    holds no items, ReleaseError when the disk is full or another build runs.
    """
    timings: dict[str, float] = {}
    with releases.build() as staging:
        with _stage("read", timings, progress):
            version, counts = store.version(), store.counts()
            write_catalogue(store.items(), staging.folder / "catalogue")
            catalogue = Catalogue.load(staging.folder / "catalogue")
            items = catalogue.items
            if not items:
                raise InputError("the store holds no items; give it some: aisle ingest items FILE")
            events = store.events_frame()
        with _stage("encode", timings, progress):
            cached = cached_encoder(encoder, settings, folder, place)
            parts = _encoded(items, cached, place.n_at_once, _Progress("encode", len(items), progress))
            write_vectors(staging.folder / "index", settings.index.vectors, (len(items), encoder.dim), parts)
            encoder.save(staging.folder / "encoder")
        with _stage("index", timings, progress):
            index = EmbeddedIndex.build(staging.folder / "index", items, settings.index)
            vectors = index.vectors
        with _stage("learn", timings, progress):
            settings = _with_fitted_kinds(events, catalogue, settings)
            models = _learn(events, catalogue, vectors, encoder, settings, folder, progress)
            models.save(staging.folder / "recommenders")
        with _stage("read queries", timings, progress):
            language = _learn_language(items, events, index, settings, folder)
            language.save(staging.folder / "language")
            known = settings.encoder.chinese
            clicks = clicks_by_query(events)
            intent = learn_intent(items, vectors, store.judgments_frame(), clicks, encoder, chinese=known)
            intent.save(staging.folder / "intent")
        with _stage("complete", timings, progress):
            searches = _searches(events)
            completions = learn_completions(
                items, models.popularity.scores_.tolist(), searches, lambda text: _finds(index, text)
            )
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
            vectors_known=round(cached.hit_rate, 4),
        )
        fusion = LinearFusion(settings.search.lexical_weight, settings.search.dense_weight)
        remembered = RememberedQueries(encoder)
        draft = Release(
            manifest,
            catalogue,
            index,
            remembered,
            models.popularity,
            models.item_knn,
            completions,
            language,
            intent,
            fusion,
            models.blend,
        )
        with _stage("rank", timings, progress):
            learned = _learn_ranking(draft, store, events, progress)
            if learned.ranker is not None:
                learned.ranker.save(staging.folder / "ranker")
        if settings.search.reranker:
            prepare_cross_encoder(located(settings.search.reranker, folder)).save(staging.folder / "reranker")
        with _stage("measure", timings, progress):
            quality = {**_measure(draft, store.judgments_frame()), **_gain(learned)}
        if settings.index.milvus.url:
            with _stage("upload", timings, progress):
                name = collection_name(settings.index.milvus, releases.path, staging.release_id)
                done = _Progress("upload", len(items), progress)
                upload(index, items, staging.folder / "index", name, settings.index, done)
        with _stage("check", timings, progress):
            files = checksums(staging.folder)
        manifest = replace(manifest, quality=quality, timings_s=timings, files=files)
        _publish(releases, staging, manifest, progress, activate)
    return manifest


def cached_encoder(encoder: Encoder, settings: Settings, folder: Path, place: Place = HERE) -> CachedEncoder:
    """`encoder`, at work in `place`, with the cache of the shop in `folder`, which all its builds share."""
    cache = VectorCache(folder / "cache", settings.encoder.cache_mb * 1_000_000)
    return CachedEncoder(encoder, cache, encoding(encoder, place))


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


def _publish(releases: ReleaseFolder, staging: Staging, manifest: Manifest, progress: Progress, activate: bool) -> None:
    progress("activate", 0, 2)
    releases.publish(staging, manifest)
    progress("activate", 1, 2)
    if activate:
        releases.activate(manifest.release_id)
    progress("activate", 2, 2)


def _encoded(items: Sequence[Item], encoder: CachedEncoder, n_at_once: int, progress: "_Progress") -> Iterator[Vectors]:
    """The vectors of `items` in their order, some at a time; after a kill the cache knows those that there were."""
    n = ENCODED * n_at_once
    for start in range(0, len(items), n):
        yield encoder.encode_items([item_text(item) for item in items[start : start + n]], progress)


def _with_fitted_kinds(events: pl.DataFrame, catalogue: Catalogue, settings: Settings) -> Settings:
    """The settings that the release is built and served with."""
    if not settings.recommend.fit_kinds:
        return settings
    fitted = fit_kind_weights(events, catalogue.rows, settings.recommend, len(catalogue))
    return settings.model_copy(update={"recommend": fitted.settings})


def _learn(
    events: pl.DataFrame,
    catalogue: Catalogue,
    vectors: ItemVectors,
    encoder: Encoder,
    settings: Settings,
    folder: Path,
    progress: Progress,
) -> Recommenders:
    items, tuned = catalogue.items, read_tuned(folder)
    log = build_interactions(events, catalogue.rows, settings.recommend, len(items))
    learned = learn_recommenders(
        log,
        [Content(vectors), UserText(encoder.encode_queries, lambda row: items[row].title, vectors)],
        settings.recommend,
        tuned,
        item_features(items, np.asarray(vectors)) if _reads_features(settings, tuned) else None,
        lambda done, total: progress("learn", done, total),
    )
    return replace(
        learned, shelves=learn_shelves(log, category_numbers(items), product_rows(items), settings.recommend)
    )


def _reads_features(settings: Settings, tuned: Mapping[str, object]) -> bool:
    """Whether any model that is learned reads `item_features`, which for a million items are gigabytes."""
    names = {*settings.recommend.models, *tuned} - {Content.name, UserText.name}
    return any("features" in model_kind(name).defaults for name in names)


def _learn_language(
    items: Sequence[Item], events: pl.DataFrame, index: EmbeddedIndex, settings: Settings, folder: Path
) -> Language:
    """The language of the items and of the searches that led to clicks; a word that no item has may be a slip."""
    file = folder / settings.understand.synonyms if settings.understand.synonyms else None
    co_clicks = clicks_by_query(events)
    counted = co_clicks.group_by("query").agg(pl.col("n").sum())
    return learn_language(
        items, {query: n for query, n in counted.iter_rows() if _finds(index, query)}, file, co_clicks
    )


def _learn_ranking(draft: Release, store: Store, events: pl.DataFrame, progress: Progress) -> Learned:
    items, rows = draft.catalogue.items, draft.catalogue.rows
    judgments: dict[str, dict[int, int]] = {}
    for query, item_id, grade in store.judgments_frame().iter_rows():
        if item_id in rows:
            judgments.setdefault(query, {})[rows[item_id]] = grade
    if not judgments and events.is_empty():
        return Learned(None, "nothing was judged, and nobody clicked", 0, 0.0, 0.0)
    return learn_ranker(
        lambda query: retrieve(draft, understand(draft, SearchRequest(query))),
        judgments,
        build_ranking_data(items, draft.popularity.scores_),
        events=events,
        item_rows=rows,
        fusion=draft.ranker if isinstance(draft.ranker, LinearFusion) else None,
        progress=lambda done, total: progress("rank", done, total),
    )


def _gain(learned: Learned) -> Mapping[str, float]:
    """What learning to rank brought, measured on queries that the models had not seen."""
    if not learned.n_queries or not learned.ndcg_fused:
        return {}
    return {"held-out nDCG@10, fused": learned.ndcg_fused, "held-out nDCG@10, learned": learned.ndcg_learned}


def _searches(events: pl.DataFrame) -> dict[str, int]:
    counted = events.filter(pl.col("kind").cast(pl.String) == "search").group_by("query").len()
    return {query: n for query, n in counted.iter_rows()}


def _finds(index: EmbeddedIndex, text: str) -> bool:
    """Whether every word of `text` finds something."""
    words = [word for word in segment(text).split() if terms(word)]
    return bool(words) and all(len(index.lexical(word, 1)) for word in words)


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
