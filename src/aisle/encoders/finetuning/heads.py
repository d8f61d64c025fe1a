"""A head on an encoder: which class is a text of, or which number."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from aisle.encoders.finetuning.adaptation import adapt, merged
from aisle.encoders.finetuning.augment import changed_queries
from aisle.encoders.finetuning.pace import Watch, learn_by
from aisle.encoders.finetuning.reading import batches_by_length
from aisle.encoders.finetuning.recipe import Recipe
from aisle.encoders.learning.course import Learned
from aisle.encoders.learning.distributed import answers
from aisle.encoders.learning.embedder import ids_of, padded
from aisle.errors import InputError

STRANGER = -1
"""The class of a text that belongs to none: out of scope."""


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """(n,) texts with their classes, or with numbers when `classes` is empty."""

    texts: tuple[str, ...]
    targets: NDArray[Any]
    """(n,) int64 place in `classes`, or STRANGER; or float32 numbers."""
    classes: tuple[str, ...] = ()

    def of(self, places: NDArray[np.int64]) -> "Labelled":
        """The texts at these places."""
        return replace(self, texts=tuple(self.texts[place] for place in places.tolist()), targets=self.targets[places])

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts and what is to be said of them."""

    tokens: dict[str, Tensor]
    targets: Tensor


class Head(nn.Module):
    """A Hugging Face model for sequence classification: tokens in, (n, n_outputs) float32 logits out."""

    def __init__(self, model: Any, prefix: str = "") -> None:
        super().__init__()
        self.model = model
        self.prefix = prefix
        """Put before every text: learned tokens, or nothing."""

    def forward(self, tokens: dict[str, Tensor]) -> Tensor:
        """Logits of texts, or of pairs of texts."""
        logits: Tensor = self.model(**tokens).logits
        return logits.float()


def adapted_head(model: Any, tokenizer: Any, recipe: Recipe) -> Head:
    """`model`, for sequence classification, with what `recipe.method` says learning, and its head always."""
    model.requires_grad_(True)
    name = model.base_model_prefix
    adapted = adapt(getattr(model, name), tokenizer, recipe)
    setattr(model, name, adapted.network)
    for part, weights in model.named_modules():
        if part.rsplit(".", 1)[-1] == "pooler":  # between the encoder and the head; pre-training left it as it was
            weights.requires_grad_(True)
    for part in model.modules():
        if recipe.dropout and isinstance(part, nn.Dropout):
            part.p = recipe.dropout
    return Head(model, adapted.item_prefix)


def merged_head(head: Head) -> Any:
    """The plain Hugging Face model again."""
    name = head.model.base_model_prefix
    setattr(head.model, name, merged(getattr(head.model, name)))
    return head.model


def teach_head(
    head: Head,
    tokenizer: Any,
    lessons: Labelled,
    recipe: Recipe,
    quality: Callable[[], float] | None = None,
    watch: Watch | None = None,
) -> Learned:
    """Teach `head` the classes or numbers of `lessons`; `quality` and `watch` as in `learn`.

    Classes: cross-entropy, with `recipe.label_smoothing` (Szegedy et al. 2016) and, when `recipe.balanced`, classes
    weighed by n / (n_classes * n_of_class) (King and Zeng 2001). Texts out of scope are to give every class the same
    probability (outlier exposure: Hendrycks, Mazeika and Dietterich 2019). Numbers: mean squared error. With
    `recipe.dropout` hidden values (Srivastava et al. 2014) and tokens (Iyyer et al. 2015, "Deep Unordered Composition
    Rivals Syntactic Methods for Text Classification") are left out by chance.
    Raises InputError when there is nothing to learn (see `check_labelled`), and as `learn` does.
    """
    check_labelled(lessons)
    ids = _ids(head, tokenizer, lessons.texts, recipe)
    weights = _class_weights(lessons) if recipe.balanced and lessons.classes else None

    def batches(epoch: int) -> Iterator[Batch]:
        rng = np.random.default_rng((recipe.seed, epoch))
        texts = changed_queries(lessons.texts, recipe.augment, rng)
        tokens = _ids(head, tokenizer, texts, recipe) if recipe.augment else ids
        for places in batches_by_length(np.array([len(one) for one in tokens]), recipe.batch, rng):
            chosen = hidden_tokens(tokenizer, [tokens[place] for place in places.tolist()], recipe.dropout, rng)
            yield Batch(padded(tokenizer, chosen), torch.from_numpy(lessons.targets[places]))

    def loss_of(batch: Batch) -> Tensor:
        return head_loss(answers(head, batch.tokens), batch.targets, weights, recipe.label_smoothing)

    return learn_by(recipe, head, batches, loss_of, math.ceil(len(lessons) / recipe.batch), quality, watch)


def hidden_tokens(tokenizer: Any, texts: list[list[int]], share: float, rng: np.random.Generator) -> list[list[int]]:
    """Token ids of `texts` with a `share` of them replaced by the mask, marks such as [CLS] and learned prompts never.

    As they are where `share` is 0 or the tokenizer has no mask.
    """
    if not share or tokenizer.mask_token_id is None:
        return texts
    learned = (token for token, added in tokenizer.added_tokens_decoder.items() if added.special)
    marks = [*tokenizer.all_special_ids, *learned]
    found = []
    for ids in texts:
        hidden = (rng.random(len(ids)) < share) & ~np.isin(ids, marks)
        found.append(np.where(hidden, tokenizer.mask_token_id, ids).tolist())
    return found


def head_loss(logits: Tensor, targets: Tensor, weights: Tensor | None, label_smoothing: float = 0.0) -> Tensor:
    """Mean loss of (n, n_outputs) logits against (n,) classes (int64) or numbers (float32); see `teach_head`."""
    if targets.is_floating_point():
        return nn.functional.mse_loss(logits[:, 0], targets)
    inside = targets != STRANGER
    losses = nn.functional.cross_entropy(
        logits,
        targets.where(inside, 0),
        weight=None if weights is None else weights.to(logits.device),
        reduction="none",
        label_smoothing=label_smoothing,
    )
    even = -nn.functional.log_softmax(logits, dim=1).mean(dim=1)
    return losses.where(inside, even).mean()


def check_labelled(lessons: Labelled) -> None:
    """Raise InputError when `lessons` are empty, have one class alone, or are all the same number."""
    if not len(lessons):
        raise InputError("there is no text to learn from; give a file with at least two labelled texts")
    known = np.unique(lessons.targets[lessons.targets != STRANGER] if lessons.classes else lessons.targets)
    if len(known) < 2:
        told = (lessons.classes[int(known[0])] if lessons.classes else known[0]) if len(known) else "out of scope"
        raise InputError(
            f"all {len(lessons)} texts are labelled {told!r}, so there is nothing to tell apart; "
            "give texts of at least two labels"
        )


def _ids(head: Head, tokenizer: Any, texts: Sequence[str], recipe: Recipe) -> list[list[int]]:
    return ids_of(tokenizer, [head.prefix + text for text in texts], recipe.item_tokens)


def _class_weights(lessons: Labelled) -> Tensor:
    inside = lessons.targets[lessons.targets != STRANGER]
    counts = np.bincount(inside, minlength=len(lessons.classes))
    return torch.tensor(len(inside) / (len(counts) * np.maximum(counts, 1)), dtype=torch.float32)
