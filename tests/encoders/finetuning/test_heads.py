import math
from pathlib import Path

import numpy as np
import pytest
import torch

from aisle.encoders.finetuning.heads import (
    STRANGER,
    Labelled,
    adapted_head,
    check_labelled,
    head_loss,
    hidden_tokens,
    merged_head,
    teach_head,
)
from aisle.encoders.finetuning.loading import load_classifier_network
from aisle.encoders.finetuning.reading import encode_all
from aisle.encoders.finetuning.recipe import Method, Recipe
from aisle.encoders.learning.embedder import ids_of
from aisle.errors import InputError

TEXTS = tuple(f"{word} {thing}" for thing in ("lamp", "mug") for word in ("blue", "warm", "desk", "garden", "coffee"))
CLASSES = np.repeat([0, 1], 5)


@pytest.mark.parametrize(
    ("method", "rate"), [("full", 3e-3), ("lora", 5e-3), ("adapters", 3e-2), ("prompt", 5e-3), ("bitfit", 5e-3)]
)
def test_a_head_learns_classes(tiny_model: Path, method: Method, rate: float) -> None:
    torch.manual_seed(0)
    recipe = Recipe(method=method, epochs=60, batch=10, learning_rate=rate, checks=1, balanced=True)
    model, tokenizer = load_classifier_network(tiny_model, 2)
    head = adapted_head(model, tokenizer, recipe)
    teach_head(head, tokenizer, Labelled(TEXTS, CLASSES, ("lamps", "mugs")), recipe)
    learned = encode_all(head, tokenizer, [head.prefix + text for text in TEXTS], 32)
    assert (learned.argmax(axis=1) == CLASSES).all()
    names = set(load_classifier_network(tiny_model, 2)[0].state_dict())
    assert set(merged_head(head).state_dict()) == names


def test_a_head_learns_numbers(tiny_model: Path) -> None:
    torch.manual_seed(0)
    recipe = Recipe(method="full", epochs=60, batch=10, learning_rate=3e-3, checks=1)
    model, tokenizer = load_classifier_network(tiny_model, 1, problem_type="regression")
    head = adapted_head(model, tokenizer, recipe)
    numbers = (CLASSES * 2 - 1).astype(np.float32)
    teach_head(head, tokenizer, Labelled(TEXTS, numbers), recipe)
    assert np.abs(encode_all(head, tokenizer, TEXTS, 32)[:, 0] - numbers).mean() < 0.5


def test_losses_by_hand() -> None:
    logits = torch.tensor([[0.0, math.log(3.0)], [0.0, math.log(3.0)]])  # probabilities 1/4 and 3/4
    one, other = math.log(4), math.log(4 / 3)
    targets = torch.tensor([0, 1])
    assert head_loss(logits, targets, None).item() == pytest.approx((one + other) / 2)
    weighed = head_loss(logits, targets, torch.tensor([2.0, 0.5]))
    assert weighed.item() == pytest.approx((2 * one + other / 2) / 2)
    # out of scope: as far from even as both classes together
    strange = head_loss(logits, torch.tensor([STRANGER, 1]), None)
    assert strange.item() == pytest.approx(((one + other) / 2 + other) / 2)
    assert head_loss(torch.tensor([[1.0], [3.0]]), torch.tensor([0.0, 1.0]), None).item() == pytest.approx((1 + 4) / 2)


@pytest.mark.parametrize(
    ("texts", "targets", "message"),
    [
        ((), [], "there is no text to learn from"),
        (("a", "b"), [1, 1], "all 2 texts are labelled 'mugs'"),
        (("a", "b"), [0, STRANGER], "all 2 texts are labelled 'lamps'"),
    ],
)
def test_too_little_to_tell_apart_is_an_input_error(texts: tuple[str, ...], targets: list[int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_labelled(Labelled(texts, np.array(targets, np.int64), ("lamps", "mugs")))


def test_tokens_are_hidden_by_chance_and_marks_never(tiny_model: Path) -> None:
    tokenizer = load_classifier_network(tiny_model, 2)[1]
    texts = ids_of(tokenizer, TEXTS * 50, 32)
    assert hidden_tokens(tokenizer, texts, 0.2, np.random.default_rng(0)) == texts  # it has no mask
    tokenizer.mask_token = "z"
    hidden = hidden_tokens(tokenizer, texts, 0.2, np.random.default_rng(0))
    before, after = np.concatenate(texts), np.concatenate(hidden)
    marks = np.isin(before, tokenizer.all_special_ids)
    changed = before != after
    assert not changed[marks].any()
    assert changed[~marks].mean() == pytest.approx(0.2, abs=0.03)
    assert set(after[changed].tolist()) == {tokenizer.mask_token_id}
    assert hidden_tokens(tokenizer, texts, 0.0, np.random.default_rng(0)) == texts
    tokenizer.add_tokens(["[I0]"], special_tokens=True)
    prompts = [[tokenizer.convert_tokens_to_ids("[I0]")] * 1_000]
    assert hidden_tokens(tokenizer, prompts, 0.5, np.random.default_rng(0)) == prompts


def test_dropout_is_that_of_the_recipe_and_else_the_models_own(tiny_model: Path) -> None:
    def shares(dropout: float) -> set[float]:
        head = adapted_head(*load_classifier_network(tiny_model, 2), Recipe(method="full", dropout=dropout))
        return {part.p for part in head.modules() if isinstance(part, torch.nn.Dropout)}

    assert shares(0.3) == {0.3}
    assert shares(0.0) == {0.0}
