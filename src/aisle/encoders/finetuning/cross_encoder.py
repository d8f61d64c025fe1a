"""A cross-encoder learns to read query and item together, and says how well they fit."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from aisle.encoders.finetuning.augment import changed_items, changed_queries
from aisle.encoders.finetuning.feeding import Lessons, graded_pairs
from aisle.encoders.finetuning.heads import Batch, Head
from aisle.encoders.finetuning.pace import Watch, learn_by
from aisle.encoders.finetuning.reading import ENCODED_AT_ONCE, batches_by_length
from aisle.encoders.finetuning.recipe import Recipe
from aisle.encoders.learning.course import Learned
from aisle.encoders.learning.devices import device, moved
from aisle.encoders.learning.distributed import answers
from aisle.types import Scores


def teach_cross_encoder(
    head: Head,
    tokenizer: Any,
    lessons: Lessons,
    recipe: Recipe,
    quality: Callable[[], float] | None = None,
    watch: Watch | None = None,
) -> Learned:
    """Teach `head`, with one output, the grades of pairs; `quality` and `watch` as in `learn`.

    Binary cross-entropy between the logistic of its score and the grade (Nogueira and Cho 2019, with graded instead
    of yes or no); mined negatives have the grade 0, since judged pairs are all somewhat alike. Raises InputError as
    `learn` does.
    """

    def batches(epoch: int) -> Iterator[Batch]:
        rng = np.random.default_rng((recipe.seed, epoch))
        asked = graded_pairs(lessons, recipe.negatives, rng)
        written = changed_queries(lessons.pairs.queries, recipe.augment, rng, lessons.synonyms)
        queries = [written[one] for one in asked.query.tolist()]
        items = changed_items([lessons.texts[row] for row in asked.item.tolist()], recipe.augment, rng)
        pairs = pair_ids(tokenizer, queries, items, recipe)
        lengths = np.array([len(one["input_ids"]) for one in pairs], np.int64)
        for places in batches_by_length(lengths, recipe.batch, rng):
            chosen = [pairs[place] for place in places.tolist()]
            yield Batch(padded_pairs(tokenizer, chosen), torch.from_numpy(asked.grade[places]))

    def loss_of(batch: Batch) -> Tensor:
        return nn.functional.binary_cross_entropy_with_logits(answers(head, batch.tokens)[:, 0], batch.targets)

    n_right = int((lessons.pairs.grade > 0).sum())
    n_batches = math.ceil((len(lessons.pairs) + recipe.negatives * n_right) / recipe.batch)
    return learn_by(recipe, head, batches, loss_of, n_batches, quality, watch)


def score_pairs(head: Head, tokenizer: Any, queries: Sequence[str], texts: Sequence[str], recipe: Recipe) -> Scores:
    """(n,) float32 scores of queries with texts, computed without gradients."""
    where = device()
    was_training = head.training
    head.to(where).eval()
    pairs = pair_ids(tokenizer, queries, texts, recipe)
    order = np.argsort([len(one["input_ids"]) for one in pairs], kind="stable")
    scores = np.empty(len(pairs), np.float32)
    with torch.inference_mode():
        for start in range(0, len(order), ENCODED_AT_ONCE):
            places = order[start : start + ENCODED_AT_ONCE]
            batch = moved(padded_pairs(tokenizer, [pairs[place] for place in places]), where)
            scores[places] = answers(head, batch)[:, 0].cpu().numpy()
    head.train(was_training)
    return scores


def pair_ids(
    tokenizer: Any, queries: Sequence[str], texts: Sequence[str], recipe: Recipe
) -> list[dict[str, list[int]]]:
    """The model's inputs for each pair, not padded; of a pair that is too long the longer text is cut."""
    read = tokenizer(
        list(queries),
        list(texts),
        truncation="longest_first",
        max_length=recipe.query_tokens + recipe.item_tokens,
        padding=False,
    )
    return [{name: values[place] for name, values in read.items()} for place in range(len(queries))]


def padded_pairs(tokenizer: Any, pairs: Sequence[dict[str, list[int]]]) -> dict[str, Tensor]:
    """A batch of `pair_ids`: (n, n_tokens) int64 each."""
    return dict(tokenizer.pad(list(pairs), padding=True, return_tensors="pt"))
