"""The model that every shop starts with. It is exported once into the ordinary cache, which takes some seconds."""

from importlib import import_module
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from aisle.encoders import TextEncoder, prepare_encoder
from aisle.encoders.weights import model_folder
from aisle.settings import EncoderSettings


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return cast(TextEncoder, prepare_encoder(EncoderSettings()))


def test_it_is_all_minilm_in_int8(encoder: TextEncoder) -> None:
    assert (encoder.name, encoder.dim) == ("all-MiniLM-L6-v2 (int8)", 384)


def test_what_means_the_same_is_near(encoder: TextEncoder) -> None:
    cable, lead, hose = encoder.encode_queries(["usb c cable", "usb type-c lead", "garden hose"])
    assert cable @ lead > 0.6
    assert cable @ hose < 0.2


def test_vectors_are_those_of_sentence_transformers(encoder: TextEncoder) -> None:
    texts = ["usb c cable", "A warm winter jacket with a hood, for women.", "Espresso machine, 15 bar", "TN-2110"]
    pytest.importorskip("sentence_transformers", reason="compares with the package sentence-transformers")
    original = import_module("sentence_transformers").SentenceTransformer(str(Path(model_folder("all-MiniLM-L6-v2"))))
    expected = original.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    cosines = (encoder.encode(texts) * np.asarray(expected)).sum(axis=1)
    assert cosines.min() >= 0.98
