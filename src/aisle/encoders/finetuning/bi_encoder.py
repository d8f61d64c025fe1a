"""A bi-encoder learns which items answer which queries: vectors of both, compared by cosine."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from aisle.encoders.finetuning import losses
from aisle.encoders.finetuning.feeding import Batch, Feeder, Lessons
from aisle.encoders.finetuning.pace import Watch, learn_by
from aisle.encoders.finetuning.reading import encode_all
from aisle.encoders.finetuning.recipe import Recipe
from aisle.encoders.learning.course import Learned
from aisle.encoders.learning.distributed import answers
from aisle.encoders.learning.embedder import Embedder
from aisle.types import Vectors

SOFT = 0.5
"""Share of the soft labels in the loss soft-contrastive."""


class BiEncoder(nn.Module):
    """An `Embedder` with the prefixes of queries and items, and what makes a logit of a cosine for the loss bce."""

    def __init__(self, embedder: Embedder, query_prefix: str = "", item_prefix: str = "") -> None:
        super().__init__()
        self.embedder = embedder
        self.query_prefix, self.item_prefix = query_prefix, item_prefix
        self.scale = nn.Parameter(torch.tensor(10.0))
        self.bias = nn.Parameter(torch.tensor(-5.0))

    def encode_queries(self, tokenizer: Any, texts: Sequence[str], max_tokens: int) -> Vectors:
        """(n, dim) float32, L2-normalised."""
        return encode_all(self.embedder, tokenizer, [self.query_prefix + text for text in texts], max_tokens)

    def encode_items(self, tokenizer: Any, texts: Sequence[str], max_tokens: int) -> Vectors:
        """(n, dim) float32, L2-normalised."""
        return encode_all(self.embedder, tokenizer, [self.item_prefix + text for text in texts], max_tokens)


def teach_bi_encoder(
    network: BiEncoder,
    tokenizer: Any,
    lessons: Lessons,
    recipe: Recipe,
    quality: Callable[[], float] | None = None,
    watch: Watch | None = None,
) -> Learned:
    """Teach `network` by `recipe.loss`, and leave it with its best weights; `quality` and `watch` as in `learn`.

    Raises InputError when margin-mse has no teacher, and as `learn` does.
    """
    network.scale.requires_grad_(recipe.loss == "bce")
    network.bias.requires_grad_(recipe.loss == "bce")
    feeder = Feeder(tokenizer, lessons, recipe, network.query_prefix, network.item_prefix)

    def loss_of(batch: Batch) -> Tensor:
        return pair_loss(network, batch, recipe)

    return learn_by(recipe, network, feeder.batches, loss_of, feeder.n_batches, quality, watch)


def pair_loss(network: BiEncoder, batch: Batch, recipe: Recipe) -> Tensor:
    """The loss that `recipe` names, of one batch."""
    queries, items = answers(network.embedder, batch.queries), answers(network.embedder, batch.items)
    if recipe.loss == "contrastive":
        asked = queries, items, batch.known, batch.grades, recipe.tau
        return losses.matryoshka(*asked, recipe.dims) if recipe.dims else losses.contrastive(*asked)
    if recipe.loss == "soft-contrastive":
        hard = losses.contrastive(queries[: len(batch.grades)], items, batch.known, batch.grades, recipe.tau)
        soft = losses.soft_contrastive(queries, items, batch.labels, recipe.tau)
        return (1 - SOFT) * hard + SOFT * soft
    cosines = (queries * items[: len(queries)]).sum(dim=1)
    if recipe.loss == "bce":
        return losses.graded_bce(cosines, batch.grades, network.scale, network.bias)
    if recipe.loss == "cosent":
        return losses.cosent(cosines, batch.grades)
    return losses.margin_mse(cosines, (queries * items[len(queries) :]).sum(dim=1), batch.margins)
