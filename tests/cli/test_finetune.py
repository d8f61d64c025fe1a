import json
import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import torch

import aisle
from aisle.encoders.learning import run
from aisle.encoders.learning.devices import mixed
from aisle.settings import load_settings
from aisle.types import Item, Judgment

from .conftest import RunAisle

ROUTE = ("--method", "bitfit", "--epochs", "1", "--minutes", "1")


@pytest.fixture
def folder(tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AISLE_CACHE", str(tmp_path / "cache"))
    shop = aisle.init(tmp_path / "shop")
    shop.store.upsert_items(Item(f"i{number}", f"{name} {number}") for number in range(6) for name in ("lamp",))
    shop.store.upsert_judgments(Judgment(f"light {number}", f"i{number % 6}", 2) for number in range(12))
    shop.close()
    return tmp_path / "shop"


def test_a_model_is_taught_and_the_next_step_is_told(run_aisle: RunAisle, folder: Path, tiny_model: Path) -> None:
    done = run_aisle("finetune", "--shop", folder, "--from", tiny_model, *ROUTE, "--learning-rate", "0.01")
    assert done.status == 0, done.err
    assert "fine-tuned" in done.out
    assert "weights learned from" in done.out
    assert f"Saved in {folder / 'models' / 'search'}" in done.err
    assert "--use" in done.err or "no better than before" in done.err
    assert load_settings(folder / "aisle.toml").encoder.model == "all-MiniLM-L6-v2"


def test_json_holds_quality_and_settings(run_aisle: RunAisle, folder: Path, tiny_model: Path) -> None:
    done = run_aisle("finetune", "--shop", folder, "--from", tiny_model, "--name", "own", *ROUTE, "--json", "--use")
    assert done.status == 0, done.err
    told = done.document
    assert told["settings"]["encoder.model"] == "models/own"
    assert told["quality"]["n"] == 1
    used = load_settings(folder / "aisle.toml").encoder.model == "models/own"
    assert told["used"] == used == (told["quality"]["after"] > told["quality"]["before"])


def test_steps_are_computed_with_the_precision_that_is_asked_for(
    run_aisle: RunAisle, folder: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[torch.dtype] = []

    def noted(dtype: torch.dtype, where: torch.device) -> AbstractContextManager[Any]:
        computed.append(dtype)
        return mixed(dtype, where)

    monkeypatch.setattr(run, "mixed", noted)
    done = run_aisle("finetune", "--shop", folder, "--from", tiny_model, *ROUTE, "--precision", "bfloat16")
    assert done.status == 0, done.err
    assert set(computed) == {torch.bfloat16}
    made = json.loads((folder / "models" / "search" / "aisle.json").read_text("utf-8"))
    assert made["command"].endswith("--precision bfloat16")
    refused = run_aisle("finetune", "--shop", folder, "--from", tiny_model, *ROUTE, "--precision", "float16")
    assert (refused.status, 'precision="float16", but there is no graphics card' in refused.err) == (1, True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--method", "lorra"), 'did you mean "lora"'),
        (("--method", "prefix"), "prefix tuning"),
        (("--task", "serach"), 'did you mean "search"'),
        (("--loss", "x"), "loss='x' is no loss"),
        (("--dims", "64,many"), "expected whole numbers"),
        (("--minutes", "0"), "budget_s=0.0; expected more than 0"),
        (("--shard",), "--shard needs --processes 2 or more"),
        (("--processes", "0"), "greater than or equal to 1"),
    ],
)
def test_wrong_calls_end_with_status_2(run_aisle: RunAisle, folder: Path, words: tuple[str, ...], message: str) -> None:
    done = run_aisle("finetune", "--shop", folder, *words)
    assert done.status == 2
    assert message in done.err


def test_a_model_that_does_not_exist_is_a_failure(
    run_aisle: RunAisle, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub  # noqa: PLC0415

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    done = run_aisle("finetune", "--shop", folder, "--from", os.fspath(folder / "no-model"))
    assert done.status == 1
    assert "no folder" in done.err
