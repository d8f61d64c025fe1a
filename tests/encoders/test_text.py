from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from aisle.encoders import Encoder, TextEncoder, prepare_encoder
from aisle.encoders.text import BATCH, pool
from aisle.errors import ReleaseError
from aisle.settings import EncoderSettings
from aisle.testing.encoder import FakeEncoder
from aisle.testing.encoders import EncoderConformance


def prepare(folder: Path, cache: Path, **changes: Any) -> TextEncoder:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AISLE_CACHE", str(cache))
        settings = EncoderSettings(model=str(folder), **{"precision": "float32", **changes})
        return cast(TextEncoder, prepare_encoder(settings))


class TestFakeEncoder(EncoderConformance):
    @pytest.fixture(scope="class")
    def encoder(self) -> Encoder:
        return FakeEncoder()


class TestBert(EncoderConformance):
    @pytest.fixture(scope="class")
    def encoder(self, bert_folder: Path, cache: Path) -> Encoder:
        return prepare(bert_folder, cache)


class TestBertInt8(EncoderConformance):
    closeness = 0.98  # activations are rounded to the range of their batch

    @pytest.fixture(scope="class")
    def encoder(self, bert_folder: Path, cache: Path) -> Encoder:
        return prepare(bert_folder, cache, precision="int8")


class TestXlmRoberta(EncoderConformance):
    @pytest.fixture(scope="class")
    def encoder(self, xlm_roberta_folder: Path, cache: Path) -> Encoder:
        return prepare(xlm_roberta_folder, cache, query_prefix="query: ", item_prefix="passage: ")


def test_prefixes_stand_before_queries_and_items(xlm_roberta_folder: Path, cache: Path) -> None:
    encoder = prepare(xlm_roberta_folder, cache, query_prefix="query: ", item_prefix="passage: ")
    texts = ["desk lamp", "usb c cable"]
    np.testing.assert_array_equal(encoder.encode_queries(texts), encoder.encode([f"query: {text}" for text in texts]))
    np.testing.assert_array_equal(encoder.encode_items(texts), encoder.encode([f"passage: {text}" for text in texts]))
    assert (encoder.encode_queries(texts) * encoder.encode(texts)).sum(axis=1).max() < 0.999


def test_texts_are_cut_to_max_tokens(bert_folder: Path, cache: Path, torch_vectors: Callable[..., Any]) -> None:
    encoder = prepare(bert_folder, cache, max_tokens=8)
    long = "desk lamp usb c cable coffee mug blue hose"
    assert [len(ids) for ids in encoder.tokenize([long, "lamp"])] == [8, 3]
    np.testing.assert_allclose(encoder.encode([long]), encoder.encode(["desk lamp usb c cable coffee"]), atol=1e-5)
    np.testing.assert_allclose(
        encoder.encode([long]), np.array(torch_vectors(bert_folder, [long], max_tokens=8)), atol=1e-5
    )


@pytest.mark.parametrize("n_texts", [1, BATCH - 1, BATCH, BATCH + 1])
def test_progress_hears_of_each_batch(bert_folder: Path, cache: Path, n_texts: int) -> None:
    heard: list[int] = []
    encoder = prepare(bert_folder, cache)
    encoder.batch = BATCH
    encoder.encode_items(["lamp"] * n_texts, heard.append)
    assert heard == [BATCH] * (n_texts // BATCH) + [n_texts % BATCH] * (n_texts % BATCH > 0)


def test_a_saved_encoder_stands_on_its_own(bert_folder: Path, cache: Path, tmp_path: Path) -> None:
    encoder = prepare(bert_folder, cache)
    encoder.save(tmp_path)
    again = TextEncoder(tmp_path, threads=1)
    assert (again.name, again.dim) == (encoder.name, encoder.dim) == (f"{bert_folder} (float32)", 32)
    np.testing.assert_allclose(again.encode(["lamp"]), encoder.encode(["lamp"]), atol=1e-6)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "encoder.json"])
@pytest.mark.parametrize("content", [None, b"", b"{}"])
def test_a_missing_or_damaged_file_is_a_release_error(
    bert_folder: Path, cache: Path, tmp_path: Path, name: str, content: bytes | None
) -> None:
    prepare(bert_folder, cache).save(tmp_path)
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ReleaseError, match="does not hold a usable encoder"):
        TextEncoder(tmp_path)


def test_pooling_leaves_padding_out() -> None:
    hidden = np.array([[[3, 4], [1, 0], [9, 9]], [[0, 2], [0, 4], [3, 0]]], np.float32)
    mask = np.array([[1, 0, 0], [1, 1, 1]])
    mean = np.array([[3 / 5, 4 / 5], [1 / 5**0.5, 2 / 5**0.5]])  # the second: (3, 6) / 3
    np.testing.assert_allclose(pool(hidden, mask, "mean"), mean, rtol=1e-6)
    np.testing.assert_allclose(pool(hidden, mask, "cls"), np.array([[3 / 5, 4 / 5], [0, 1]]), rtol=1e-6)


def test_a_text_without_tokens_has_a_zero_vector() -> None:
    assert pool(np.ones((1, 1, 2), np.float32), np.zeros((1, 1), np.int64), "mean").tolist() == [[0, 0]]
