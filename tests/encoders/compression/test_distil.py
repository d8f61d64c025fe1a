from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import transformers

from aisle.encoders import open_encoder
from aisle.encoders.compression.distil import distance, distil
from aisle.encoders.compression.layers import drop_layers
from aisle.encoders.compression.material import Material
from aisle.errors import InputError


def test_a_taught_student_is_nearer_than_an_untaught_one(
    with_budget: Callable[[float], Material], tmp_path: Path
) -> None:
    material = with_budget(8)
    drop_layers(material, tmp_path / "untaught")
    heard: list[int] = []
    learned = distil(material, tmp_path / "taught", progress=lambda done, total: heard.append(done))
    assert heard == list(range(1, len(learned.steps) + 1))
    near = [
        float((open_encoder(tmp_path / name).encode_items(material.texts) * material.vectors).sum(axis=1).mean())
        for name in ("untaught", "taught")
    ]
    assert near[1] > near[0] + 0.05
    assert transformers.AutoModel.from_pretrained(tmp_path / "taught").config.num_hidden_layers == 1


def test_a_student_of_more_layers_than_its_teacher_is_refused(material: Material, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="3 layers to keep; expected 1 to 2"):
        distil(material, tmp_path, n_layers=3)


def test_distance_by_hand() -> None:
    goals = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    assert float(distance(goals, goals)) == 0
    found = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    # cosines with the goals 1 and 0; between the texts 1 where it should be 0, at 2 of 4 places
    assert float(distance(found, goals)) == pytest.approx(0.5 + 0.5)
