from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from aisle.encoders.learning.embedder import Embedder, pooled, tokens_of
from aisle.errors import InputError

TEXTS = ["desk lamp", "usb c cable with hood for women", ""]


def load(folder: Path) -> tuple[Any, Any]:
    return transformers.AutoModel.from_pretrained(folder).eval(), transformers.AutoTokenizer.from_pretrained(folder)


@pytest.mark.parametrize("pooling", ["mean", "cls"])
@pytest.mark.parametrize("kind", ["bert_folder", "xlm_roberta_folder"])
def test_a_padded_batch_gives_the_vectors_of_single_texts(
    kind: str, pooling: str, request: pytest.FixtureRequest, torch_vectors: Callable[..., Any]
) -> None:
    folder = request.getfixturevalue(kind)
    backbone, tokenizer = load(folder)
    with torch.no_grad():
        vectors = Embedder(backbone, pooling)(tokens_of(tokenizer, TEXTS, 8))
    assert vectors.dtype == torch.float32
    np.testing.assert_allclose(vectors.norm(dim=1), [1, 1, 1], atol=1e-6)
    expected = np.array(torch_vectors(folder, TEXTS, pooling, max_tokens=8))
    np.testing.assert_allclose(vectors.numpy(), expected, atol=1e-5)


def test_tokens_are_padded_and_cut_and_typed_where_the_model_has_types(
    bert_folder: Path, xlm_roberta_folder: Path
) -> None:
    tokens = tokens_of(load(bert_folder)[1], ["lamp", "desk lamp usb c cable"], 5)
    assert tokens["attention_mask"].tolist() == [[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]
    assert tokens["token_type_ids"].tolist() == [[0] * 5] * 2
    assert tokens["input_ids"][0, 3:].tolist() == [0, 0]
    assert sorted(tokens_of(load(xlm_roberta_folder)[1], ["lamp"], 5)) == ["attention_mask", "input_ids"]


def test_pooling_by_hand() -> None:
    hidden = torch.tensor([[[3.0, 4], [1, 0], [9, 9]], [[0, 2], [0, 4], [3, 0]]])
    mask = torch.tensor([[1, 1, 0], [0, 1, 1]])  # the second is padded on the left
    assert pooled(hidden, mask, "mean").tolist() == [[2, 2], [1.5, 2]]
    assert pooled(hidden, mask, "cls").tolist() == [[3, 4], [0, 2]]
    assert pooled(hidden, mask, "last").tolist() == [[1, 0], [3, 0]]


def test_another_pooling_is_an_input_error() -> None:
    with pytest.raises(InputError, match=r"pooling='max'; expected one of mean, cls, last"):
        Embedder(torch.nn.Linear(1, 1), "max")
