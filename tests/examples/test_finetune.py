"""The recipe for fine-tuning teaches a model something."""

import runpy
from pathlib import Path

import pytest

from aisle.encoders.finetuning.recipe import Recipe

EXAMPLE = Path(__file__).parents[2] / "examples" / "03_finetune.py"


def test_the_encoder_learns_the_words_of_the_town(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AISLE_CACHE", str(tmp_path / "cache"))
    example = runpy.run_path(str(EXAMPLE))
    example["make_shop"](tmp_path / "shop")
    recipe = Recipe(method="full", learning_rate=3e-3, epochs=15, batch=32, checks=2)
    quality = example["teach"](tmp_path / "shop", str(tiny_model), recipe)
    assert quality.after > quality.before
