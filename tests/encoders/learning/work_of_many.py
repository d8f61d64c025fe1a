"""What the tests of several processes let those do: a module of its own, which new processes can import."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
from torch import Tensor

from aisle.encoders.finetuning.adaptation import adapt, merged
from aisle.encoders.finetuning.bi_encoder import BiEncoder, pair_loss
from aisle.encoders.finetuning.feeding import Feeder, Lessons
from aisle.encoders.finetuning.loading import load_encoder
from aisle.encoders.finetuning.pairs import make_pairs
from aisle.encoders.finetuning.recipe import Recipe
from aisle.encoders.learning.checkpoints import seed_everything
from aisle.encoders.learning.distributed import n_processes, of_all, rank
from aisle.encoders.learning.embedder import Embedder
from aisle.encoders.learning.loop import Course, Learned, learn
from aisle.encoders.pretraining.corpus import Corpus
from aisle.encoders.pretraining.plan import Pretraining
from aisle.encoders.pretraining.pretrain import pretrain

Tell = Callable[..., None]
COURSE = Course(steps=6, learning_rate=1e-3, warmup=0.0, check_every=2, save_every=3)
TEXTS = tuple(f"{word} {thing}" for thing in ("lamp", "mug", "hose") for word in ("blue", "warm", "desk"))
RECIPE = Recipe(method="full", batch=5, negatives=1)  # five pairs for two processes, and four in the last batch


@dataclass(frozen=True)
class Seen:
    """What one process saw of a course."""

    learned: Learned
    weights: dict[str, Tensor]
    """After it."""
    asked: int
    """Times that it was asked for the quality."""
    held: int
    """Weights that it held while it learned."""


def taught(source: Path, recipe: Recipe, course: Course) -> Seen:
    """A bi-encoder after `course`."""
    seed_everything(0)
    backbone, tokenizer = load_encoder(source, recipe.method)
    network = BiEncoder(Embedder(adapt(backbone, tokenizer, recipe).network, "mean"))
    network.scale.requires_grad_(recipe.loss == "bce")
    network.bias.requires_grad_(recipe.loss == "bce")
    pairs = make_pairs({(text[::-1], row): 0.5 + row / 20 for row, text in enumerate(TEXTS)})
    lessons = Lessons(pairs, TEXTS, np.arange(len(TEXTS)), [np.empty(0, np.int64)] * len(TEXTS))
    feeder = Feeder(tokenizer, lessons, recipe)
    held: list[int] = []

    def quality() -> float:
        local = [getattr(weight, "to_local", lambda weight=weight: weight)() for weight in network.parameters()]
        held.append(sum(one.numel() for one in local))
        return rank() + len(held)  # each process finds another

    learned = learn(
        network,
        feeder.batches,
        lambda batch: pair_loss(network, batch, recipe),
        course,
        quality=quality,
    )
    network.embedder.backbone = merged(network.embedder.backbone)
    return Seen(learned, {name: one.clone() for name, one in network.state_dict().items()}, len(held), held[-1])


def in_turn(
    corpus: Corpus, plan: Pretraining, begin: Path, source: Path, folder: Path, names: tuple[str, ...], tell: Tell
) -> dict[str, Any]:
    """Pre-training from `begin`, and fine-tuning of `source` in the ways `names`: what is compared with one process."""
    told = partial(tell, "progress")
    found: dict[str, Any] = {"n_processes": n_processes()}
    found["pretrained"] = pretrain(corpus, plan, folder / "pretrained", source=begin, progress=told)
    for name in names:
        loss, method, *parts = name.split()
        recipe = replace(RECIPE, loss=cast(Any, loss), method=cast(Any, method))
        found[name] = of_all(taught(source, recipe, replace(COURSE, shard=bool(parts))))
    tell("done", rank())
    return found
