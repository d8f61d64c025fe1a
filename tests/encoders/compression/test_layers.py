from pathlib import Path

import numpy as np
import pytest
import torch
import transformers

from aisle.encoders import open_encoder
from aisle.encoders.compression.layers import (
    cut_heads,
    drop_layers,
    head_importance,
    kept_heads,
    layers_of,
    prune_heads,
    spread_layers,
)
from aisle.encoders.compression.material import Material
from aisle.encoders.export import load_encoder_model
from aisle.errors import InputError


def test_the_least_important_heads_go_and_every_layer_keeps_one() -> None:
    importance = np.array([[0.9, 0.1, 0.2], [0.3, 0.4, 0.5]])
    assert kept_heads(importance, 1) == [[0, 2], [0, 1, 2]]
    assert kept_heads(importance, 3) == [[0], [1, 2]]
    assert kept_heads(importance, 4) == [[0], [2]]


@pytest.mark.parametrize("n_heads", [-1, 5])
def test_a_number_of_heads_out_of_range_is_refused(n_heads: int) -> None:
    with pytest.raises(
        InputError, match=rf"{n_heads} heads to prune; expected 1 to 4: every one of 2 layers keeps one"
    ):
        kept_heads(np.ones((2, 3)), n_heads)


def test_a_head_that_nothing_depends_on_does_not_matter(material: Material) -> None:
    model, tokenizer = load_encoder_model(material.source)
    layer = layers_of(model)[1].attention
    layer.output.dense.weight.data[:, 8:16] = 0  # head 1 is not heard
    importance = head_importance(model, tokenizer, material.calibration(), "mean")
    assert importance.shape == (2, 4)
    np.testing.assert_allclose((importance**2).sum(axis=1), np.ones(2), rtol=1e-5)
    assert importance[1, 1] == 0
    assert (importance > 0).sum() == 7


def test_a_pruned_model_computes_what_a_masked_one_does(material: Material) -> None:
    model, tokenizer = load_encoder_model(material.source)
    tokens = tokenizer("a warm blue lamp", return_tensors="pt")
    attention = layers_of(model)[0].attention
    attention.output.dense.weight.data[:, 8:24] = 0  # heads 1 and 2 are not heard
    with torch.no_grad():
        masked = model(**tokens).last_hidden_state
        cut_heads(attention, [0, 3])
        pruned = model(**tokens).last_hidden_state
    assert attention.self.query.weight.shape == (16, 32)
    torch.testing.assert_close(pruned, masked, atol=1e-5, rtol=1e-4)


def test_a_pruned_model_is_an_encoder(material: Material, tmp_path: Path) -> None:
    prune_heads(material, tmp_path, n_heads=3)
    encoder = open_encoder(tmp_path)
    assert encoder.dim == 32
    assert (encoder.encode_items(material.texts) * material.vectors).sum(axis=1).mean() > 0.6


def test_layers_are_spread() -> None:
    assert spread_layers(12, 0) == [1, 3, 5, 7, 9, 11]
    assert spread_layers(12, 4) == [2, 5, 8, 11]
    assert spread_layers(5, 2) == [1, 4]
    assert spread_layers(3, 0) == [0, 2]
    with pytest.raises(InputError, match="7 layers to keep; expected 1 to 6"):
        spread_layers(6, 7)


def test_dropped_layers_leave_a_model_to_go_on_with(material: Material, tmp_path: Path) -> None:
    drop_layers(material, tmp_path / "half")
    model = transformers.AutoModel.from_pretrained(tmp_path / "half")
    assert model.config.num_hidden_layers == 1
    assert open_encoder(tmp_path / "half").encode_items(["lamp"]).shape == (1, 32)


def test_an_architecture_that_is_not_berts_is_refused() -> None:
    config = transformers.Qwen3Config(
        vocab_size=8, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=1,
        intermediate_size=16, head_dim=8,
    )  # fmt: skip
    with pytest.raises(
        InputError, match="a Qwen3Model has no layers and heads like BERT's to leave out; expected a BERT"
    ):
        layers_of(transformers.Qwen3Model(config))
