from pathlib import Path

import pytest

from aisle.encoders.compression.material import Material, make_material
from aisle.errors import InputError
from aisle.settings import EncoderSettings


def test_texts_are_items_queries_and_beginnings_of_items(material: Material) -> None:
    assert len(set(material.texts)) == len(material.texts)
    assert {"blue winter jacket with hood small", "blue mug", "blue winter jacket with hood"} <= set(material.texts)
    assert material.vectors.shape == (len(material.texts), 32)


def test_too_few_texts_are_refused(material: Material, tmp_path: Path) -> None:
    settings = EncoderSettings(model=str(material.source))
    with pytest.raises(InputError, match="1 texts to compress with; expected at least 8; ingest more items"):
        make_material(material.source, settings, tmp_path, ["lamp"], [], 1)
