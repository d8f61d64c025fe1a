from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from aisle.encoders import TextEncoder, prepare_encoder
from aisle.encoders.export import MIN_AGREEMENT
from aisle.errors import InputError
from aisle.settings import EncoderSettings

TEXTS = ["usb c cable", "desk lamp", "a warm winter jacket with a hood, for women", "无线耳机", "coffee " * 30]
TorchVectors = Callable[..., Any]


def prepare(folder: Path, **changes: Any) -> TextEncoder:
    settings = EncoderSettings(model=str(folder), **{"precision": "float32", **changes})
    return cast(TextEncoder, prepare_encoder(settings))


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_float32_vectors_are_those_of_the_original(
    bert_folder: Path, torch_vectors: TorchVectors, pooling: str
) -> None:
    encoder = prepare(bert_folder, pooling=pooling)
    np.testing.assert_allclose(encoder.encode(TEXTS), torch_vectors(bert_folder, TEXTS, pooling), atol=1e-4)


def test_mean_and_cls_are_different_vectors(bert_folder: Path) -> None:
    mean, first = prepare(bert_folder).encode(TEXTS), prepare(bert_folder, pooling="cls").encode(TEXTS)
    assert (mean * first).sum(axis=1).max() < 0.99


def test_int8_vectors_are_close_to_the_original(bert_folder: Path, torch_vectors: TorchVectors) -> None:
    encoder = prepare(bert_folder, precision="int8")
    cosines = (encoder.encode(TEXTS) * torch_vectors(bert_folder, TEXTS)).sum(axis=1)
    assert cosines.min() > 0.95
    assert encoder.name.endswith("(int8)")


def test_a_model_without_token_types_gives_its_vectors_too(
    xlm_roberta_folder: Path, torch_vectors: TorchVectors
) -> None:
    encoder = prepare(xlm_roberta_folder)
    np.testing.assert_allclose(encoder.encode(TEXTS), torch_vectors(xlm_roberta_folder, TEXTS), atol=1e-4)


def test_texts_are_never_longer_than_the_models_positions(xlm_roberta_folder: Path) -> None:
    encoder = prepare(xlm_roberta_folder, max_tokens=512)
    # 66 positions, of which <pad> is number 3: 4 are taken
    assert [len(ids) for ids in encoder.tokenize(["lamp " * 500])] == [62]
    assert encoder.encode(["lamp " * 500]).any()


def test_a_tokenizer_that_adds_nothing_leaves_an_empty_text_without_vector(short_bert_folder: Path) -> None:
    encoder = prepare(short_bert_folder, max_tokens=512)
    assert [len(ids) for ids in encoder.tokenize(["lamp " * 500, ""])] == [48, 0]
    assert [vector.any() for vector in encoder.encode(["", "lamp", ""])] == [False, True, False]
    assert not encoder.encode([""]).any()


def test_a_model_that_rounding_spoils_is_refused(
    bert_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AISLE_CACHE", str(tmp_path))
    monkeypatch.setitem(MIN_AGREEMENT, "int8", 1.1)
    with pytest.raises(
        InputError, match=r'agrees with .* only by a mean cosine of .* set encoder.precision = "float32"'
    ):
        prepare(bert_folder, precision="int8")
    assert list(tmp_path.iterdir()) == []
