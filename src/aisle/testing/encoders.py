"""What every encoder promises: subclass EncoderConformance in a test and give it a fixture `encoder`."""

from pathlib import Path

import numpy as np
import pytest

from aisle.encoders import Encoder
from aisle.types import Vectors

TEXTS = (
    "usb c cable",
    "Desk lamp",
    "",
    "A warm winter jacket with a hood, for women. " * 8,
    "无线耳机",
    "TN-2110",
    "usb c cable",
    "Coffee mug, blue, 300 ml",
)


class EncoderConformance:
    """The cases of the Encoder protocol. A subclass defines the fixture `encoder`, and may set `closeness`."""

    closeness = 1 - 1e-5
    """Least cosine between the vectors of one text in two batches: lower where weights are rounded."""

    @pytest.fixture(scope="class")
    def encoder(self) -> Encoder:
        """The encoder under test."""
        raise NotImplementedError

    def test_vectors_are_float32_of_length_dim(self, encoder: Encoder) -> None:
        for vectors in (encoder.encode_queries(TEXTS), encoder.encode_items(TEXTS)):
            assert vectors.shape == (len(TEXTS), encoder.dim)
            assert vectors.dtype == np.float32

    def test_vectors_have_length_one_or_are_zero(self, encoder: Encoder) -> None:
        for vectors in (encoder.encode_queries(TEXTS), encoder.encode_items(TEXTS)):
            norms = np.linalg.norm(vectors, axis=1)
            np.testing.assert_allclose(norms[norms > 0], 1, atol=1e-5)
            assert norms[0] > 0

    def test_no_texts_have_no_vectors(self, encoder: Encoder) -> None:
        assert encoder.encode_queries([]).shape == encoder.encode_items([]).shape == (0, encoder.dim)

    def test_the_same_text_has_the_same_vector(self, encoder: Encoder) -> None:
        np.testing.assert_array_equal(encoder.encode_items(TEXTS), encoder.encode_items(TEXTS))
        self.close(encoder.encode_items(TEXTS)[[0]], encoder.encode_items(TEXTS)[[6]])

    def test_vectors_come_in_the_order_of_the_texts(self, encoder: Encoder) -> None:
        numbered = [f"{TEXTS[number % 8]} {number}" for number in range(40)]
        self.close(encoder.encode_items(numbered[::-1])[::-1], encoder.encode_items(numbered))

    def test_a_batch_equals_its_single_texts(self, encoder: Encoder) -> None:
        self.close(encoder.encode_items(TEXTS), np.concatenate([encoder.encode_items([text]) for text in TEXTS]))
        self.close(encoder.encode_queries(TEXTS), np.concatenate([encoder.encode_queries([text]) for text in TEXTS]))

    def test_different_texts_have_different_vectors(self, encoder: Encoder) -> None:
        vectors = encoder.encode_items(["usb c cable", "garden hose"])
        assert vectors[0] @ vectors[1] < 0.999

    def test_progress_hears_of_every_text_once(self, encoder: Encoder) -> None:
        heard: list[int] = []
        encoder.encode_items([f"text {number}" for number in range(40)], heard.append)
        assert sum(heard) == 40

    def test_it_has_a_name(self, encoder: Encoder) -> None:
        assert encoder.name

    def test_it_is_saved_into_a_folder_of_its_own(self, encoder: Encoder, tmp_path: Path) -> None:
        encoder.save(tmp_path / "release" / "encoder")
        assert any((tmp_path / "release" / "encoder").iterdir())

    def close(self, one: Vectors, other: Vectors) -> None:
        """Fail unless two arrays of vectors agree row by row, as closely as `closeness` asks."""
        assert one.shape == other.shape
        same = (one * other).sum(axis=1)
        both_zero = ~one.any(axis=1) & ~other.any(axis=1)
        assert (same[~both_zero] >= self.closeness).all(), same
