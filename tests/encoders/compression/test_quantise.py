from pathlib import Path

import numpy as np
import pytest

from aisle.encoders import open_encoder
from aisle.encoders.compression.material import Material
from aisle.encoders.compression.quantise import int4_blocks, quantise_dynamic, quantise_int4, quantise_static
from aisle.encoders.compression.truncate import truncate
from aisle.errors import InputError


def closeness(folder: Path, material: Material) -> float:
    return float((open_encoder(folder).encode(material.texts) * material.vectors).sum(axis=1).mean())


def test_eight_bits_with_ranges_of_each_batch_or_measured_beforehand(material: Material, tmp_path: Path) -> None:
    quantise_dynamic(material, tmp_path / "dynamic")
    quantise_static(material, tmp_path / "static")
    assert closeness(tmp_path / "dynamic", material) > 0.99
    assert closeness(tmp_path / "static", material) > 0.99
    assert open_encoder(tmp_path / "static").name.endswith("(static int8)")
    # activations are not rounded to the range of their batch: a text has the same vector in any company
    encoder = open_encoder(tmp_path / "static")
    alone = np.concatenate([encoder.encode_items([text]) for text in material.texts[:6]])
    np.testing.assert_allclose(encoder.encode_items(material.texts[:6]), alone, atol=1e-2)


def test_four_bits(material: Material, tmp_path: Path) -> None:
    quantise_int4(material, tmp_path)
    assert open_encoder(tmp_path).name.endswith("(int4)")
    assert closeness(tmp_path, material) > 0.9
    sizes = [(folder / "model.onnx").stat().st_size for folder in (tmp_path, material.teacher.folder)]
    assert sizes[0] < sizes[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["encoder.json", "model.onnx", "tokenizer.json"]


def test_blocks_of_four_bits_by_hand() -> None:
    weight = np.zeros((40, 1), np.float32)
    weight[:3, 0], weight[32, 0] = [7, -3.5, 1], -14
    bits, scales = int4_blocks(weight)
    assert bits.shape == (1, 2, 16)
    assert scales.tolist() == [[1, 2]]
    assert bits[0, 0, 0] == (7 + 8) | (-4 + 8) << 4
    assert bits[0, 0, 1] == (1 + 8) | 8 << 4
    assert bits[0, 1, 0] == (-7 + 8) | 8 << 4


def test_the_first_dimensions_alone(material: Material, tmp_path: Path) -> None:
    truncate(material, tmp_path / "half")
    vectors = open_encoder(tmp_path / "half").encode_items(material.texts)
    whole = material.vectors[:, :16] / np.linalg.norm(material.vectors[:, :16], axis=1, keepdims=True)
    assert vectors.shape[1] == 16
    assert (vectors * whole).sum(axis=1).mean() > 0.98
    with pytest.raises(InputError, match="dim=33; expected 1 to 32"):
        truncate(material, tmp_path / "more", 33)
