import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from aisle.encoders.finetuning.adaptation import adapt, merged, n_trainable, without_prompts
from aisle.encoders.finetuning.loading import load_encoder
from aisle.encoders.finetuning.recipe import Method, Recipe
from aisle.encoders.learning.embedder import tokens_of
from aisle.errors import InputError

TEXTS = ["desk lamp", "usb c cable with hood for women"]


def shaken(network: nn.Module) -> None:
    """As if it had learned something."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in network.parameters():
            if weight.requires_grad:
                weight.add_(torch.randn(weight.shape, generator=generator), alpha=0.1)


def hidden(network: nn.Module, tokens: Any) -> Any:
    network.eval()
    with torch.no_grad():
        return network(**tokens).last_hidden_state


@pytest.mark.parametrize("kind", ["bert_folder", "xlm_roberta_folder"])
@pytest.mark.parametrize("method", ["full", "lora", "adapters", "prompt", "bitfit"])
def test_what_was_learned_becomes_plain_weights(kind: str, method: Method, request: pytest.FixtureRequest) -> None:
    backbone, tokenizer = load_encoder(request.getfixturevalue(kind))
    names, before = set(backbone.state_dict()), copy.deepcopy(backbone)
    adapted = adapt(backbone, tokenizer, Recipe(method=method, rank=2, n_prompts=3))
    tokens = tokens_of(tokenizer, [adapted.query_prefix + text for text in TEXTS], 24)
    shaken(adapted.network)
    learned = hidden(adapted.network, tokens)
    plain = merged(adapted.network)
    assert set(plain.state_dict()) == names
    assert not any("peft" in type(part).__module__ for part in plain.modules())
    torch.testing.assert_close(hidden(plain, tokens), learned, atol=1e-4, rtol=1e-4)
    old = tokens_of(load_encoder(request.getfixturevalue(kind))[1], TEXTS, 24)
    changed = not torch.allclose(hidden(plain, old), hidden(before, old), atol=1e-4)
    assert changed == (method != "prompt")  # a prompt changes nothing in texts without it


def test_few_weights_learn_and_only_those_that_are_meant_to(bert_folder: Path) -> None:
    def learning(method: Method, **changes: Any) -> tuple[list[str], tuple[int, int]]:
        backbone, tokenizer = load_encoder(bert_folder)
        network = adapt(backbone, tokenizer, Recipe(method=method, **changes)).network
        return [name for name, weight in network.named_parameters() if weight.requires_grad], n_trainable(network)

    names, (n_learning, n_all) = learning("lora", rank=2)
    # in each of 2 layers 4 maps of 32 x 32, one of 32 x 64 and one back, of rank 2
    assert n_learning == 2 * 2 * (4 * (32 + 32) + 2 * (32 + 64))
    assert n_all == sum(weight.numel() for weight in load_encoder(bert_folder)[0].parameters())
    assert not any("pooler" in name for name in names)
    assert learning("adapters")[1][0] == 2 * (32 + 32 + 64)
    assert all(name.endswith("bias") for name in learning("bitfit")[0])
    assert learning("prompt", n_prompts=3)[1][0] == 2 * 3 * 32
    assert learning("full")[1] == (n_all, n_all)
    names, _ = learning("full", frozen_layers=1)
    assert not any("embeddings" in name or "layer.0." in name for name in names)
    assert any("layer.1." in name for name in names)


def test_more_frozen_layers_than_there_are_is_an_input_error(bert_folder: Path) -> None:
    backbone, tokenizer = load_encoder(bert_folder)
    with pytest.raises(InputError, match="frozen_layers=2, but the model has 2 layers"):
        adapt(backbone, tokenizer, Recipe(method="full", frozen_layers=2))


def test_prompts_are_words_of_their_own(bert_folder: Path) -> None:
    backbone, tokenizer = load_encoder(bert_folder)
    adapted = adapt(backbone, tokenizer, Recipe(method="prompt", n_prompts=2))
    assert (adapted.query_prefix, adapted.item_prefix) == ("[Q0][Q1]", "[I0][I1]")
    ids = tokens_of(tokenizer, ["[Q0][Q1]lamp"], 16)["input_ids"][0].tolist()
    assert tokenizer.convert_ids_to_tokens(ids) == ["[CLS]", "[Q0]", "[Q1]", "lamp", "[SEP]"]


def test_prompts_that_are_there_learn_on(bert_folder: Path) -> None:
    backbone, tokenizer = load_encoder(bert_folder)
    backbone = merged(adapt(backbone, tokenizer, Recipe(method="prompt", n_prompts=2)).network)
    first = tokenizer.convert_tokens_to_ids("[Q0]")
    words = backbone.get_input_embeddings()  # type: ignore[operator]
    with torch.no_grad():
        words.weight[first] = 7.0
    again = adapt(backbone, tokenizer, Recipe(method="prompt", n_prompts=3))
    assert again.query_prefix == "[Q0][Q1][Q2]"
    words = merged(again.network).get_input_embeddings()  # type: ignore[operator]
    assert (words.weight[first] == 7.0).all()
    assert without_prompts("[I0][I1]passage: ") == "passage: "
