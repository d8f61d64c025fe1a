"""The encoder learns a shop: which items answer which queries, or which come after which histories."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from aisle.encoders import prepare_cross_encoder, prepare_encoder
from aisle.encoders.families import Reading, reading_of
from aisle.encoders.finetuning.adaptation import adapt, merged, n_trainable, without_prompts
from aisle.encoders.finetuning.augment import NO_SYNONYMS
from aisle.encoders.finetuning.bi_encoder import BiEncoder, teach_bi_encoder
from aisle.encoders.finetuning.feeding import Lessons, Teacher
from aisle.encoders.finetuning.loading import load_encoder
from aisle.encoders.finetuning.negatives import mine_negatives, nearest_items
from aisle.encoders.finetuning.pace import Watch
from aisle.encoders.finetuning.pairs import Pairs
from aisle.encoders.finetuning.recipe import Recipe
from aisle.encoders.finetuning.saving import save_model
from aisle.encoders.finetuning.soft_labels import SoftLabels
from aisle.encoders.learning.checkpoints import seed_everything
from aisle.encoders.learning.distributed import from_first
from aisle.encoders.learning.embedder import Embedder
from aisle.encoders.weights import located, model_folder
from aisle.errors import InputError
from aisle.pipelines.build import Progress
from aisle.pipelines.finetuned import Finetuned, FinetunePlan, quality_of, told
from aisle.pipelines.lessons import (
    Catalogue,
    folds_of,
    ndcg,
    read_catalogue,
    shop_pairs,
    shop_synonyms,
    user_pairs,
    watched,
)
from aisle.pipelines.own_models import MODELS
from aisle.recommenders import UserText
from aisle.settings import EncoderSettings, Settings
from aisle.store import Store
from aisle.text.synonyms import Synonyms
from aisle.types import Rows, Vectors

T = TypeVar("T")
MAX_CHECKED = 1_000
"""Queries of the validation part that are asked at each check."""
HISTORY_TOKENS = 96
"""A history is longer than a query: the titles of some items."""
NEAR = 10
"""Items nearest to a checked query before learning that a check looks among."""
CHECKED_ITEMS = 2_000
"""So many with these are drawn by chance where they are fewer."""


@dataclass(frozen=True, slots=True, eq=False)
class School:
    """An encoder before it learns, and the shop's items."""

    source: Path
    reading: Reading
    catalogue: Catalogue
    items: Vectors
    """(n_items, dim) by the encoder as it is."""
    synonyms: Synonyms = NO_SYNONYMS
    teacher: Teacher | None = None

    def network(self, recipe: Recipe) -> tuple[BiEncoder, Any]:
        """The encoder anew, and its tokenizer."""
        return open_encoder(self.source, self.reading, recipe)


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """An encoder that has learned."""

    network: BiEncoder
    tokenizer: Any
    n_trainable: int
    n_weights: int
    ending: str

    @property
    def backbone(self) -> Any:
        """The plain Hugging Face model."""
        return self.network.embedder.backbone


def open_encoder(source: Path, reading: Reading, recipe: Recipe) -> tuple[BiEncoder, Any]:
    """The encoder in `source` and its tokenizer. Raises InputError as `load_encoder` does."""
    backbone, tokenizer = load_encoder(source, recipe.method, shard=recipe.shard)
    return BiEncoder(Embedder(backbone, reading.pooling), reading.query_prefix, reading.item_prefix), tokenizer


def open_school(source: Path, settings: EncoderSettings, catalogue: Catalogue, recipe: Recipe, **known: Any) -> School:
    """Encode the whole catalogue with the encoder as it is; `known` are synonyms and the teacher."""
    reading = reading_of(source, settings)
    network, tokenizer = open_encoder(source, reading, recipe)
    items = network.encode_items(tokenizer, catalogue.texts, reading.max_tokens)
    return School(source, reading, catalogue, items, **known)


def teach(
    school: School,
    train: Pairs,
    validation: Pairs,
    recipe: Recipe,
    watch: Watch | None = None,
) -> Taught:
    """A fresh encoder taught on `train`, and stopped by nDCG@10 on `validation`."""
    seed_everything(recipe.seed)  # what LoRA adds is drawn by chance
    network, tokenizer = school.network(recipe)
    queries = network.encode_queries(tokenizer, train.queries, school.reading.max_tokens)
    mined = mine_negatives(queries, school.items, train.relevant(), school.catalogue.groups)
    texts, groups = school.catalogue.texts, school.catalogue.groups
    soft = recipe.loss == "soft-contrastive"
    labels = SoftLabels(train, texts, groups, queries, school.items) if soft else None
    lessons = Lessons(train, texts, groups, mined, school.synonyms, school.teacher, labels)
    if max(recipe.dims, default=0) > school.items.shape[1]:
        raise InputError(f"dims={recipe.dims}, but a vector of {school.source} has {school.items.shape[1]} dimensions")
    adapted = adapt(network.embedder.backbone, tokenizer, recipe)
    network.embedder.backbone = adapted.network
    if recipe.method == "prompt":
        network.query_prefix = adapted.query_prefix + without_prompts(network.query_prefix)
        network.item_prefix = adapted.item_prefix + without_prompts(network.item_prefix)
    counted = n_trainable(adapted.network)
    if recipe.method == "prompt":
        n = recipe.n_prompts
        recipe = replace(recipe, query_tokens=recipe.query_tokens + n, item_tokens=recipe.item_tokens + n)
    quality = _checker(network, tokenizer, school, validation)
    learned = teach_bi_encoder(network, tokenizer, lessons, recipe, quality, watch)
    network.embedder.backbone = merged(adapted.network)
    return Taught(network.eval(), tokenizer, *counted, learned.ending)


def measured(school: School, taught: Taught, pairs: Pairs) -> tuple[NDArray[np.float64], Vectors, Vectors]:
    """nDCG@10 of each of `pairs.queries` over the whole catalogue, and the vectors of the queries and items."""
    longest = school.reading.max_tokens
    queries = taught.network.encode_queries(taught.tokenizer, pairs.queries, longest)
    items = taught.network.encode_items(taught.tokenizer, school.catalogue.texts, longest)
    return ndcg(queries, items, pairs), queries, items


def measured_before(school: School, pairs: Pairs, recipe: Recipe) -> tuple[NDArray[np.float64], Vectors]:
    """nDCG@10 of each of `pairs.queries` by the encoder as it is, and the vectors of the queries."""
    network, tokenizer = school.network(recipe)
    queries = network.encode_queries(tokenizer, pairs.queries, school.reading.max_tokens)
    return ndcg(queries, school.items, pairs), queries


def finetune_search(
    store: Store, settings: Settings, folder: Path, plan: FinetunePlan, progress: Progress
) -> Finetuned:
    """Fine-tune the encoder of the shop in `folder`; see `finetune`."""
    items = list(store.items())
    recipe, pairs = plan.recipe, (user_pairs if plan.task == "user" else shop_pairs)(store, settings, items)
    if plan.task == "user":
        recipe = replace(recipe, query_tokens=max(recipe.query_tokens, HISTORY_TOKENS))
    prefixes = settings.encoder.query_prefix, settings.encoder.item_prefix
    if recipe.method == "prompt" and prefixes != ("auto", "auto"):
        raise InputError(
            "method 'prompt' learns words that stand before texts, and encoder.query_prefix and encoder.item_prefix of "
            'aisle.toml would take their place; set both to "auto", or use lora'
        )
    catalogue = read_catalogue(items)
    cuts = folds_of(pairs, plan.folds, recipe.seed)
    source = model_folder(located(plan.model, folder), "--from")
    progress("encode the items", 0, 1)
    known = {"synonyms": shop_synonyms(settings, folder), "teacher": _teacher(settings, folder, recipe)}
    school = open_school(source, _encoder_settings(settings, plan), catalogue, recipe, **known)
    progress("encode the items", 1, 1)
    before, after = [], []
    for number, (train, validation, test) in enumerate(cuts, 1):
        stage = "learn" if len(cuts) == 1 else f"learn, fold {number}"
        taught = teach(school, train, validation, recipe, watch=watched(progress, stage))
        before.append(measured_before(school, test, recipe)[0])
        after.append(measured(school, taught, test)[0])
    quality = quality_of("nDCG@10", "as it was", np.concatenate(before), np.concatenate(after))
    if len(cuts) > 1:
        train, validation, test = folds_of(pairs, 1, recipe.seed)[0]
        taught = teach(school, train, validation, recipe, watch=watched(progress, "learn, for keeps"))
    name = f"{MODELS}/{plan.chosen_name}"
    asked = test.queries if plan.task == "search" else [item.title for item in _some(items)]
    least = least_cosine(settings, folder, asked, _some(catalogue.texts), taught, school.reading.max_tokens)
    chosen: dict[str, Any] = {"encoder.model": name, "search.min_cosine": least}
    if plan.task == "user":
        chosen["recommend.models"] = tuple(dict.fromkeys((*settings.recommend.models, UserText.name)))
    done = Finetuned(
        folder / name,
        plan.task,
        chosen,
        quality,
        len(train),
        taught.n_trainable,
        taught.n_weights,
        taught.ending,
    )
    save_model(done.folder, taught.backbone, taught.tokenizer, _read(plan, school, taught) | told(plan, done, folder))
    return done


def least_cosine(
    settings: Settings, folder: Path, queries: Sequence[str], texts: Sequence[str], taught: Taught, longest: int
) -> float:
    """What search.min_cosine is to be with `taught`: as many pairs reach it as reach it now, as the shop is served.

    `longest` are the tokens that `taught` reads of a text.
    """
    now = settings.encoder.model_copy(update={"model": located(settings.encoder.model, folder)})

    def cosines_now() -> NDArray[np.float32]:
        served = prepare_encoder(now)
        return served.encode_queries(queries) @ served.encode_items(texts).T

    queries_then = taught.network.encode_queries(taught.tokenizer, queries, longest)
    cosines_then = queries_then @ taught.network.encode_items(taught.tokenizer, texts, longest).T
    return same_share(settings.search.min_cosine, from_first(cosines_now), cosines_then)


def same_share(least: float, before: NDArray[np.float32], after: NDArray[np.float32]) -> float:
    """The cosine that as large a share of `after` reaches as of `before` reaches `least`; within 0 and 1.

    Cosines of another model are spread otherwise, and search.min_cosine has to follow.
    """
    share = float((before >= least).mean())
    return round(float(np.clip(np.quantile(after, 1 - share), 0, 1)), 3)


def _some(values: Sequence[T]) -> Sequence[T]:
    return values[:: max(1, len(values) // CHECKED_ITEMS)]


def _read(plan: FinetunePlan, school: School, taught: Taught) -> dict[str, Any]:
    """What aisle.json says of how the model reads texts."""
    learned = plan.recipe.n_prompts if plan.recipe.method == "prompt" else 0
    return {
        "kind": "encoder",
        "pooling": school.reading.pooling,
        "query_prefix": taught.network.query_prefix,
        "item_prefix": taught.network.item_prefix,
        "max_tokens": school.reading.max_tokens + learned,
    }


def _encoder_settings(settings: Settings, plan: FinetunePlan) -> EncoderSettings:
    """How the model that it starts from is read: as the settings say where it is theirs, else by its own files."""
    own = settings.encoder
    return own if plan.model == own.model else EncoderSettings(model=plan.model, max_tokens=own.max_tokens)


def _teacher(settings: Settings, folder: Path, recipe: Recipe) -> Teacher | None:
    if recipe.loss != "margin-mse" or not settings.search.reranker:
        return None
    return prepare_cross_encoder(located(settings.search.reranker, folder)).logits


def _checker(network: BiEncoder, tokenizer: Any, school: School, validation: Pairs) -> Callable[[], float]:
    """nDCG@10 of some queries, as the network is now, among `checked_rows`."""
    rng = np.random.default_rng(0)
    n_queries = len(validation.queries)
    asked = np.zeros(n_queries, bool)
    asked[rng.permutation(n_queries)[:MAX_CHECKED]] = True
    pairs = validation.of(asked)
    longest = school.reading.max_tokens
    rows = checked_rows(pairs, network.encode_queries(tokenizer, pairs.queries, longest), school.items, rng)
    places = Pairs(pairs.queries, pairs.query, np.searchsorted(rows, pairs.item), pairs.grade)
    texts = [school.catalogue.texts[row] for row in rows.tolist()]

    def quality() -> float:
        queries = network.encode_queries(tokenizer, pairs.queries, longest)
        return float(ndcg(queries, network.encode_items(tokenizer, texts, longest), places).mean())

    return quality


def checked_rows(pairs: Pairs, queries: Vectors, items: Vectors, rng: np.random.Generator) -> Rows:
    """Rows that a check looks among: judged ones, the NEAR nearest to each query, and others up to CHECKED_ITEMS.

    Among items drawn by chance alone nearly any encoder finds the right one first, and checks said little of the
    whole catalogue.
    """
    near = nearest_items(queries, items, NEAR)
    others = rng.permutation(len(items))[: max(0, CHECKED_ITEMS - near.size)]
    return np.unique(np.concatenate([pairs.item, near.ravel(), others]))
