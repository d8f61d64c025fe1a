import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SHORT = ("--steps", 2, "--max-tokens", 32, "--batch-tokens", 256, "--vocabulary", 400)


@pytest.fixture
def shop(built_shop: Path, tmp_path: Path) -> Path:
    texts = "".join(f"a text of number {number}\n" for number in range(60))
    (tmp_path / "texts.txt").write_text(texts, "utf-8")
    shutil.copytree(built_shop, tmp_path / "shop")
    return tmp_path / "shop"


def test_a_model_is_made_and_the_next_steps_are_told(run_aisle: Callable[..., Any], shop: Path) -> None:
    texts = shop.parent / "texts.txt"
    outcome = run_aisle("pretrain", "--shop", shop, *SHORT, "--texts", texts, "--name", "own")
    assert outcome.status == 0
    assert "held-out loss, after" in outcome.out
    assert "learn: done in" in outcome.err
    assert 'set encoder.model = "models/own" in aisle.toml' in outcome.err
    assert (shop / "models" / "own" / "model.safetensors").exists()


def test_json_is_one_document(run_aisle: Callable[..., Any], shop: Path) -> None:
    texts = shop.parent / "texts.txt"
    told = run_aisle("pretrain", "--shop", shop, *SHORT, "--texts", texts, "--objective", "causal", "--json").document
    assert told["n_steps"] == 2
    assert told["folder"] == str(shop / "models" / "pretrained-causal")


@pytest.mark.parametrize(
    ("option", "value", "said"), [("--objective", "maskd", 'did you mean "masked"'), ("--minutes", 0, "minutes=0.0")]
)
def test_a_wrong_value_is_a_wrong_call(
    run_aisle: Callable[..., Any], shop: Path, option: str, value: object, said: str
) -> None:
    outcome = run_aisle("pretrain", "--shop", shop, option, value)
    assert outcome.status == 2
    assert said in outcome.err


def test_parted_weights_need_two_processes(run_aisle: Callable[..., Any], shop: Path) -> None:
    outcome = run_aisle("pretrain", "--shop", shop, "--shard")
    assert outcome.status == 2
    assert "--shard needs --processes 2 or more" in outcome.err


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--shard",)])
def test_two_processes_make_one_model(run_aisle: Callable[..., Any], shop: Path, options: tuple[str, ...]) -> None:
    texts = shop.parent / "texts.txt"
    outcome = run_aisle("pretrain", "--shop", shop, *SHORT, "--texts", texts, "--processes", 2, *options)
    assert outcome.status == 0, outcome.err
    assert "learn: done in" in outcome.err
    assert sorted(path.name for path in (shop / "models").iterdir()) == ["pretrained-masked"]


def test_a_missing_file_is_a_failure(run_aisle: Callable[..., Any], shop: Path) -> None:
    outcome = run_aisle("pretrain", "--shop", shop, "--texts", "absent.txt")
    assert outcome.status == 1
    assert "absent.txt does not exist" in outcome.err
