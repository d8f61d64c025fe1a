"""A cross-encoder learns a shop: it re-orders the best results, reading query and item together."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.encoders import Encoder, located, prepare_encoder
from aisle.encoders.finetuning.adaptation import n_trainable
from aisle.encoders.finetuning.augment import NO_SYNONYMS
from aisle.encoders.finetuning.cross_encoder import score_pairs, teach_cross_encoder
from aisle.encoders.finetuning.feeding import Lessons
from aisle.encoders.finetuning.heads import Head, adapted_head, merged_head
from aisle.encoders.finetuning.loading import load_classifier_network
from aisle.encoders.finetuning.negatives import mine_negatives, nearest_items
from aisle.encoders.finetuning.pace import Watch
from aisle.encoders.finetuning.pairs import Pairs
from aisle.encoders.finetuning.recipe import Recipe
from aisle.encoders.finetuning.saving import save_model
from aisle.encoders.learning.checkpoints import seed_everything
from aisle.encoders.learning.distributed import from_first
from aisle.encoders.weights import model_folder
from aisle.pipelines.build import Progress
from aisle.pipelines.finetuned import Finetuned, FinetunePlan, quality_of, told
from aisle.pipelines.lessons import (
    Catalogue,
    folds_of,
    ndcg_of_rows,
    read_catalogue,
    shop_pairs,
    shop_synonyms,
    watched,
)
from aisle.pipelines.own_models import MODELS
from aisle.settings import Settings
from aisle.store import Store
from aisle.text.synonyms import Synonyms
from aisle.types import Rows, Vectors

MAX_CHECKED = 100
"""Queries of the validation part that are re-ordered at each check."""


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """What a cross-encoder re-orders: the nearest items of queries by the shop's encoder."""

    encoder: Encoder
    catalogue: Catalogue
    items: Vectors
    top: int
    """Results that are re-ordered."""
    synonyms: Synonyms = NO_SYNONYMS

    def nearest(self, pairs: Pairs) -> Rows:
        """(n_queries, top) rows."""
        return nearest_items(self.encoder.encode_queries(pairs.queries), self.items, self.top)


@dataclass(frozen=True, slots=True, eq=False)
class TaughtReranker:
    """A cross-encoder that has learned."""

    head: Head
    tokenizer: Any
    n_trainable: int
    n_weights: int
    ending: str


def teach_reranker(
    source: Path, bench: Bench, train: Pairs, validation: Pairs, recipe: Recipe, watch: Watch | None = None
) -> TaughtReranker:
    """The model in `source` with a head of one score, taught on `train` and stopped by nDCG@10 on `validation`."""
    seed_everything(recipe.seed)  # a new head is drawn by chance
    model, tokenizer = load_classifier_network(source, 1, recipe.method, shard=recipe.shard)
    queries = bench.encoder.encode_queries(train.queries)
    mined = mine_negatives(queries, bench.items, train.relevant(), bench.catalogue.groups)
    lessons = Lessons(train, bench.catalogue.texts, bench.catalogue.groups, mined, bench.synonyms)
    head = adapted_head(model, tokenizer, recipe)
    counted = n_trainable(head)
    asked = np.zeros(len(validation.queries), bool)
    asked[:MAX_CHECKED] = True
    pairs = validation.of(asked)
    found = bench.nearest(pairs)

    def quality() -> float:
        return float(ndcg_of_rows(reordered(head, tokenizer, bench, pairs, found, recipe), pairs).mean())

    learned = teach_cross_encoder(head, tokenizer, lessons, recipe, quality, watch)
    return TaughtReranker(Head(merged_head(head)).eval(), tokenizer, *counted, learned.ending)


def reordered(head: Head, tokenizer: Any, bench: Bench, pairs: Pairs, found: Rows, recipe: Recipe) -> Rows:
    """`found`, (n_queries, top) rows, with the best of each query by the cross-encoder first."""
    queries = [query for query in pairs.queries for _ in range(found.shape[1])]
    texts = [bench.catalogue.texts[row] for row in found.ravel().tolist()]
    scores = score_pairs(head, tokenizer, queries, texts, recipe).reshape(found.shape)
    return np.take_along_axis(found, np.argsort(-scores, axis=1, kind="stable"), axis=1)


def finetune_rerank(
    store: Store, settings: Settings, folder: Path, plan: FinetunePlan, progress: Progress
) -> Finetuned:
    """Fine-tune a cross-encoder for the shop in `folder`; see `finetune`.

    Before is the order of the shop's encoder; after, the same results as the cross-encoder orders them.
    """
    items = list(store.items())
    pairs = shop_pairs(store, settings, items)
    catalogue, recipe = read_catalogue(items), plan.recipe
    cuts = folds_of(pairs, plan.folds, recipe.seed)
    source = model_folder(located(plan.model, folder), "--from")
    bench = _bench(settings, folder, catalogue, progress)
    before: list[NDArray[np.float64]] = []
    after: list[NDArray[np.float64]] = []
    for number, (train, validation, test) in enumerate(cuts, 1):
        stage = "learn" if len(cuts) == 1 else f"learn, fold {number}"
        taught = teach_reranker(source, bench, train, validation, recipe, watched(progress, stage))
        found = bench.nearest(test)
        before.append(ndcg_of_rows(found, test))
        after.append(ndcg_of_rows(reordered(taught.head, taught.tokenizer, bench, test, found, recipe), test))
    if len(cuts) > 1:
        train, validation, _ = folds_of(pairs, 1, recipe.seed)[0]
        taught = teach_reranker(source, bench, train, validation, recipe, watched(progress, "learn, for keeps"))
    name = f"{MODELS}/{plan.chosen_name}"
    done = Finetuned(
        folder / name,
        "rerank",
        {"search.reranker": name},
        quality_of(f"nDCG@10 of the {bench.top} nearest", "the encoder", np.concatenate(before), np.concatenate(after)),
        len(train),
        taught.n_trainable,
        taught.n_weights,
        taught.ending,
    )
    info = {"kind": "cross-encoder", "max_tokens": recipe.query_tokens + recipe.item_tokens}
    save_model(done.folder, taught.head.model, taught.tokenizer, info | told(plan, done, folder))
    return done


def _bench(settings: Settings, folder: Path, catalogue: Catalogue, progress: Progress) -> Bench:
    own = settings.encoder
    encoder = prepare_encoder(own.model_copy(update={"model": located(own.model, folder)}))
    done = [0]

    def heard(n: int) -> None:
        done[0] += n
        progress("encode the items", done[0], len(catalogue.texts))

    items = from_first(lambda: encoder.encode_items(catalogue.texts, heard))
    return Bench(encoder, catalogue, items, settings.search.rerank_top, shop_synonyms(settings, folder))
