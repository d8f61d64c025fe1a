from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from aisle.encoders import StaticEncoder
from aisle.encoders.compression.material import Material
from aisle.encoders.compression.static_table import distil_table, inverse_frequency, principal_axes, token_vectors


def test_a_taught_table_is_nearer_than_one_read_off(with_budget: Callable[[float], Material], tmp_path: Path) -> None:
    material = with_budget(0)
    distil_table(material, tmp_path / "read")
    distil_table(with_budget(5), tmp_path / "taught")
    goals = material.vectors @ material.vectors.T
    off = []
    for name in ("read", "taught"):
        vectors = StaticEncoder(tmp_path / name).encode(material.texts)
        off.append(float(((vectors @ vectors.T - goals) ** 2).mean()))
    assert off[1] < off[0] / 2


def test_a_table_is_small_and_marks_do_not_count(material: Material, tmp_path: Path) -> None:
    distil_table(material, tmp_path, dim=8)
    encoder = StaticEncoder(tmp_path)
    assert encoder.dim == 8
    assert encoder.encode(["desk lamp"]).any()
    table = np.load(tmp_path / "vectors.npy")
    assert table.dtype == np.float16
    assert not table[encoder._tokenizer.token_to_id("[CLS]")].any()


def test_a_table_is_asked_with_the_prefixes_that_it_learned(material: Material, tmp_path: Path) -> None:
    prefixed = replace(material, reading=replace(material.reading, query_prefix="desk ", item_prefix="lamp "))
    distil_table(prefixed, tmp_path)
    encoder = StaticEncoder(tmp_path)
    np.testing.assert_array_equal(encoder.encode_queries(["mug"]), encoder.encode(["desk mug"]))
    np.testing.assert_array_equal(encoder.encode_items(["mug"]), encoder.encode(["lamp mug"]))


def test_a_token_alone_is_read_between_the_marks(material: Material) -> None:
    vectors = token_vectors(material.teacher, 40)
    lamp = material.teacher._tokenizer.token_to_id("lamp")
    np.testing.assert_allclose(vectors[lamp], material.teacher.encode(["lamp"])[0], atol=1e-5)


def test_weights_and_axes_by_hand() -> None:
    np.testing.assert_allclose(inverse_frequency(np.array([998, 0])), np.array([1e-3 / 1.0, 0.5]), rtol=2e-3)
    axes = principal_axes(np.array([[0, 2, 0], [0, -2, 0], [1, 0, 0]], np.float32), 2)
    assert np.abs(axes.T).round(5).tolist() == [[0, 1, 0], [1, 0, 0]]
    with pytest.raises(ValueError, match="mismatch"):
        np.ones((2, 4)) @ axes
