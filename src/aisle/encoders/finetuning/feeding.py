"""Batches for a bi-encoder: pairs of query and item with hard negatives, anew in each epoch."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aisle.encoders.finetuning.augment import NO_SYNONYMS, changed_items, changed_queries, made_query
from aisle.encoders.finetuning.negatives import draw_negatives
from aisle.encoders.finetuning.pairs import Pairs
from aisle.encoders.finetuning.reading import batches_by_length, batches_by_nearness
from aisle.encoders.finetuning.recipe import Recipe
from aisle.encoders.finetuning.soft_labels import SoftLabels
from aisle.encoders.learning.embedder import ids_of, padded
from aisle.errors import InputError
from aisle.text.synonyms import Synonyms
from aisle.types import Rows, Scores

Teacher = Callable[[str, Sequence[str]], Scores]
"""Scores of a query and texts, (n,) float32: a cross-encoder's."""
GRADED = ("bce", "cosent")
"""Losses of single pairs; the others compare a right answer with wrong ones."""
MADE = 2
"""Queries made of the words of each item of a batch that learns from soft labels: they cost little beside the item."""
MARGIN = 0.2
"""Standard deviation of the teacher's margins once they are scaled: that of cosines' differences."""


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """What a model learns from. Raises InputError when no pair says that an item answers a query."""

    pairs: Pairs
    texts: Sequence[str]
    """Of every item, by row."""
    groups: Rows
    """(n_items,) items with the same number are variants, or have the same text: never each other's negatives."""
    mined: Sequence[Rows]
    """Hard negatives of each query; see `mine_negatives`."""
    synonyms: Synonyms = NO_SYNONYMS
    teacher: Teacher | None = None
    """Needed by the loss margin-mse."""
    soft_labels: SoftLabels | None = None
    """Needed by the loss soft-contrastive."""

    def __post_init__(self) -> None:
        if not (self.pairs.grade > 0).any():
            raise InputError(
                "no query has a relevant item, so there is nothing to learn; "
                "ingest judgments with grades above 0, or events"
            )


@dataclass(frozen=True, slots=True)
class Batch:
    """`b` queries, their `b` items, and `n` more negatives for each; with soft labels `b * MADE` made queries too."""

    queries: dict[str, Tensor]
    items: dict[str, Tensor]
    """(b * (1 + n)) texts, the queries' own first."""
    grades: Tensor
    """(b,) float32."""
    known: Tensor
    """(b, b * (1 + n)) bool: the item is a right answer of the query."""
    margins: Tensor
    """(b,) float32, how much better the teacher finds the item than its first negative; without a teacher 0."""
    labels: Tensor
    """(b * (1 + MADE), b * (1 + n)) float32 soft labels of all pairs; without them (0, 0)."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Pairs of an epoch."""

    query: Rows
    item: Rows
    grade: NDArray[np.float32]
    negatives: NDArray[np.int64]
    """(n_pairs, n)"""
    margins: NDArray[np.float32]


class Feeder:
    """Batches of `lessons`, tokenised once but for what `recipe.augment` changes."""

    def __init__(
        self, tokenizer: Any, lessons: Lessons, recipe: Recipe, query_prefix: str = "", item_prefix: str = ""
    ) -> None:
        self._tokenizer, self._lessons, self._recipe = tokenizer, lessons, recipe
        self._prefixes = query_prefix, item_prefix
        self._right = [np.unique(lessons.groups[rows]) for rows in lessons.pairs.relevant()]
        self._query_ids = self._ids(lessons.pairs.queries, queries=True)
        self._item_ids = self._ids(lessons.texts, queries=False)
        self._soft_labels = soft_labels_of(lessons) if recipe.loss == "soft-contrastive" else None
        self._taught = taught_pairs(lessons, recipe) if recipe.loss == "margin-mse" else None
        self.n_batches = math.ceil(len(self._asked(np.random.default_rng(0)).query) / recipe.batch)
        """In an epoch."""

    def batches(self, epoch: int) -> Iterator[Batch]:
        """The batches of an epoch, the same for the same number."""
        rng = np.random.default_rng((self._recipe.seed, epoch))
        asked = self._asked(rng)
        query_ids, changed = self._changed(asked, rng)

        def tokens(row: int) -> list[int]:
            return changed.get(row) or self._item_ids[row]

        lengths = np.array([len(tokens(row)) for row in asked.item.tolist()], np.int64)
        lessons, soft, size = self._lessons, self._soft_labels, self._recipe.batch
        if soft:  # only among near ones is there much to tell between right and wrong
            drawn = batches_by_nearness(soft.queries[asked.query], size, rng)
        else:
            drawn = batches_by_length(lengths, size, rng)
        for places in drawn:
            rows = np.concatenate([asked.item[places], asked.negatives[places].T.reshape(-1)])
            queries = [query_ids[one] for one in asked.query[places].tolist()]
            labels = torch.empty(0, 0)
            if soft:
                made = [made_query(lessons.texts[row], rng) for row in asked.item[places].tolist() * MADE]
                queries += self._ids(made, queries=True)
                labels = torch.from_numpy(
                    np.concatenate([soft.of(asked.query[places], rows), soft.of_words(made, rows)])
                )
            yield Batch(
                padded(self._tokenizer, queries),
                padded(self._tokenizer, [tokens(row) for row in rows.tolist()]),
                torch.from_numpy(asked.grade[places]),
                torch.from_numpy(self._known(asked.query[places], rows)),
                torch.from_numpy(asked.margins[places]),
                labels,
            )

    def _asked(self, rng: np.random.Generator) -> Asked:
        if self._taught:
            return self._taught
        if self._recipe.loss in GRADED:
            return graded_pairs(self._lessons, self._recipe.negatives, rng)
        return positive_pairs(self._lessons, self._recipe.negatives, rng)

    def _known(self, query: Rows, rows: Rows) -> NDArray[np.bool_]:
        groups = self._lessons.groups[rows]
        return np.stack([np.isin(groups, self._right[one]) for one in query.tolist()])

    def _changed(self, asked: Asked, rng: np.random.Generator) -> tuple[list[list[int]], dict[int, list[int]]]:
        """Token ids of the epoch's queries, and of those items that are changed in it."""
        share, lessons = self._recipe.augment, self._lessons
        if not share:
            return self._query_ids, {}
        rows = np.unique(asked.item)
        rows = rows[rng.random(len(rows)) < share]
        texts = changed_items([lessons.texts[row] for row in rows.tolist()], 1.0, rng)
        queries = changed_queries(lessons.pairs.queries, share, rng, lessons.synonyms)
        changed = dict(zip(rows.tolist(), self._ids(texts, queries=False), strict=True))
        return self._ids(queries, queries=True), changed

    def _ids(self, texts: Sequence[str], *, queries: bool) -> list[list[int]]:
        prefix = self._prefixes[0 if queries else 1]
        longest = self._recipe.query_tokens if queries else self._recipe.item_tokens
        return ids_of(self._tokenizer, [prefix + text for text in texts], longest)


def soft_labels_of(lessons: Lessons) -> SoftLabels:
    """Those of `lessons`. Raises ValueError without any."""
    if lessons.soft_labels is None:
        raise ValueError("the loss soft-contrastive needs lessons with soft_labels")
    return lessons.soft_labels


def positive_pairs(lessons: Lessons, n: int, rng: np.random.Generator) -> Asked:
    """Every pair with a grade above 0, each with `n` hard negatives of its query."""
    pairs = lessons.pairs
    kept = np.flatnonzero(pairs.grade > 0)
    query = pairs.query[kept]
    negatives = draw_negatives(lessons.mined, query, n, len(lessons.texts), rng)
    return Asked(query, pairs.item[kept], pairs.grade[kept], negatives, np.zeros(len(kept), np.float32))


def graded_pairs(lessons: Lessons, n: int, rng: np.random.Generator) -> Asked:
    """Every pair as it is graded, and for each that has a grade above 0 up to `n` hard negatives with the grade 0."""
    pairs, right = lessons.pairs, positive_pairs(lessons, n, rng)
    asked, drawn = np.repeat(right.query, n), right.negatives.reshape(-1)
    # where nothing was mined any item is drawn, a right answer too
    answers = [lessons.groups[rows] for rows in pairs.relevant()]
    wrong = [lessons.groups[row] not in answers[one] for one, row in zip(asked.tolist(), drawn.tolist(), strict=True)]
    kept = np.array(wrong, bool)
    query = np.concatenate([pairs.query, asked[kept]])
    item = np.concatenate([pairs.item, drawn[kept]])
    grade = np.concatenate([pairs.grade, np.zeros(int(kept.sum()), np.float32)])
    return Asked(query, item, grade, np.empty((len(query), 0), np.int64), np.zeros(len(query), np.float32))


def taught_pairs(lessons: Lessons, recipe: Recipe) -> Asked:
    """Positive pairs with one negative each and the teacher's margins, scaled to a standard deviation of MARGIN.

    Raises InputError without a teacher.
    """
    if lessons.teacher is None:
        raise InputError(
            "loss 'margin-mse' needs a teacher: a cross-encoder, whose scores are learned; "
            "train one with aisle finetune --task rerank --use, which names it in search.reranker"
        )
    asked = positive_pairs(lessons, 1, np.random.default_rng(recipe.seed))
    texts, queries = lessons.texts, lessons.pairs.queries
    margins = np.empty(len(asked.query), np.float32)
    for place, (one, row, other) in enumerate(
        zip(asked.query.tolist(), asked.item.tolist(), asked.negatives[:, 0].tolist(), strict=True)
    ):
        better, worse = lessons.teacher(queries[one], [texts[row], texts[other]])
        margins[place] = better - worse
    scaled = np.asarray(margins * (MARGIN / max(1e-6, float(margins.std()))), np.float32)
    return Asked(asked.query, asked.item, asked.grade, asked.negatives, scaled)
