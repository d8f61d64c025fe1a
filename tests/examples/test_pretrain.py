"""The example of pre-training runs, and the model learns."""

import runpy
from pathlib import Path

import pytest

from aisle.encoders.pretraining.architecture import SHAPES, Shape

EXAMPLE = Path(__file__).parents[2] / "examples" / "02_pretrain.py"


def test_a_model_of_the_shops_own_serves_its_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AISLE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(SHAPES, "tiny", Shape(64, 1))
    assert runpy.run_path(str(EXAMPLE))["pretrain"](tmp_path / "toys") > 0.05
