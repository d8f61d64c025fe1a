from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from aisle.encoders.finetuning import pace
from aisle.encoders.finetuning.adaptation import adapt
from aisle.encoders.finetuning.bi_encoder import BiEncoder, teach_bi_encoder
from aisle.encoders.finetuning.feeding import Lessons
from aisle.encoders.finetuning.loading import load_encoder
from aisle.encoders.finetuning.pairs import make_pairs
from aisle.encoders.finetuning.recipe import Loss, Method, Recipe
from aisle.encoders.learning.embedder import Embedder
from aisle.errors import InputError

THINGS = ("lamp", "mug", "cable", "jacket", "hose")
WORDS = ("blue", "warm", "desk", "garden", "winter", "coffee")
TEXTS = tuple(f"{word} {thing}" for thing in THINGS for word in WORDS)
NAMES = {thing: f"{thing[0]} {thing[-1]} text" for thing in THINGS}
"""What people call the things: nothing that a random encoder finds near."""


def lessons() -> Lessons:
    right = {(f"{NAMES[thing]} {word}", TEXTS.index(f"{word} {thing}")): 1.0 for thing in THINGS for word in WORDS}
    pairs = make_pairs(right)
    return Lessons(pairs, TEXTS, np.arange(len(TEXTS)), [np.empty(0, np.int64)] * len(pairs.queries))


def opened(folder: Path, recipe: Recipe) -> tuple[BiEncoder, Any]:
    torch.manual_seed(0)
    backbone, tokenizer = load_encoder(folder)
    adapted = adapt(backbone, tokenizer, recipe)
    return BiEncoder(Embedder(adapted.network, "mean"), adapted.query_prefix, adapted.item_prefix), tokenizer


def found(network: BiEncoder, tokenizer: Any) -> float:
    """Share of the queries whose nearest item is theirs."""
    told = lessons()
    queries = network.encode_queries(tokenizer, told.pairs.queries, 32)
    items = network.encode_items(tokenizer, TEXTS, 32)
    return float(((queries @ items.T).argmax(axis=1) == told.pairs.item).mean())


@pytest.mark.parametrize(
    ("method", "loss", "rate", "epochs"),
    [
        ("full", "contrastive", 3e-3, 20),
        ("lora", "contrastive", 1e-2, 20),
        ("full", "bce", 3e-3, 15),
        ("full", "cosent", 3e-3, 15),
    ],
)
def test_an_encoder_learns_what_people_call_things(
    tiny_model: Path, method: Method, loss: Loss, rate: float, epochs: int
) -> None:
    recipe = Recipe(method=method, loss=loss, learning_rate=rate, epochs=epochs, batch=32, negatives=2, checks=1)
    network, tokenizer = opened(tiny_model, recipe)
    before = found(network, tokenizer)
    learned = teach_bi_encoder(network, tokenizer, lessons(), recipe)
    losses = [step.loss for step in learned.steps]
    assert np.mean(losses[-5:]) < np.mean(losses[:5])
    assert found(network, tokenizer) > before + 0.25


def test_the_same_seed_learns_the_same(tiny_model: Path) -> None:
    recipe = Recipe(method="lora", epochs=2, batch=8, dims=(8, 16), augment=0.5)
    vectors = []
    for _ in range(2):
        network, tokenizer = opened(tiny_model, recipe)
        teach_bi_encoder(network, tokenizer, lessons(), recipe)
        vectors.append(network.encode_items(tokenizer, TEXTS, 32))
    np.testing.assert_array_equal(vectors[0], vectors[1])


def test_a_budget_cuts_the_steps_so_that_the_learning_rate_still_falls_to_nothing(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "seconds_of_a_step", lambda *_: 10.0)
    recipe = Recipe(method="bitfit", epochs=100, batch=8, budget_s=55.0)
    network, tokenizer = opened(tiny_model, recipe)
    learned = teach_bi_encoder(network, tokenizer, lessons(), recipe, quality=lambda: 0.0)
    assert len(learned.steps) == 5
    assert learned.steps[-1].learning_rate < recipe.rate / 2


def test_a_loss_that_is_not_finite_is_an_input_error_with_a_remedy(tiny_model: Path) -> None:
    recipe = Recipe(method="full", learning_rate=1e-3, epochs=1, batch=8)
    network, tokenizer = opened(tiny_model, recipe)
    with torch.no_grad():
        next(network.embedder.backbone.parameters()).fill_(float("nan"))
    with pytest.raises(InputError, match="lower the learning rate"):
        teach_bi_encoder(network, tokenizer, lessons(), recipe)
