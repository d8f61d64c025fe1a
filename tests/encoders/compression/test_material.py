from dataclasses import replace
from pathlib import Path

import pytest

from aisle.encoders.compression.distil import distil
from aisle.encoders.compression.layers import prune_heads
from aisle.encoders.compression.material import Material, make_material
from aisle.errors import InputError
from aisle.settings import EncoderSettings

from .conftest import ITEMS, tiny_bert


def test_texts_are_items_queries_and_beginnings_of_items(material: Material) -> None:
    assert len(set(material.texts)) == len(material.texts)
    assert {"blue winter jacket with hood small", "blue mug", "blue winter jacket with hood"} <= set(material.texts)
    assert material.vectors.shape == (len(material.texts), 32)


def test_texts_are_cut_to_the_positions_of_the_model(tmp_path: Path) -> None:
    source = tiny_bert(tmp_path / "model")  # 64 positions
    settings = EncoderSettings(model=str(source), max_tokens=128, threads=1)
    made = make_material(source, settings, tmp_path / "float32", [*ITEMS, "blue lamp " * 80], [], budget_s=1)
    assert (made.reading.max_tokens, made.threads) == (64, 1)
    distil(made, tmp_path / "distil")
    prune_heads(made, tmp_path / "prune-heads", 1)


def test_calibration_takes_texts_from_the_first_to_the_last(material: Material) -> None:
    for n in (130, 255, 1_000):
        texts = tuple(f"text {number}" for number in range(n))
        chosen = replace(material, texts=texts).calibration()
        assert len(set(chosen)) == 128
        assert (chosen[0], chosen[-1]) == (texts[0], texts[-1])


def test_too_few_texts_are_refused(material: Material, tmp_path: Path) -> None:
    settings = EncoderSettings(model=str(material.source))
    with pytest.raises(InputError, match="1 texts to compress with; expected at least 8; ingest more items"):
        make_material(material.source, settings, tmp_path, ["lamp"], [], 1)
