import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import aisle
from aisle.cli import app
from aisle.pipelines.compressed import CompressPlan, CompressReport, Variant
from aisle.settings import load_settings
from aisle.shop import Shop

RUNNER = CliRunner()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    aisle.init(tmp_path / "shop").close()
    return tmp_path / "shop"


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[CompressPlan]:
    """The plans that the command makes; each gets the same answer."""
    plans: list[CompressPlan] = []

    def compress(shop: Shop, plan: CompressPlan, progress: Any) -> CompressReport:
        plans.append(plan)
        whole = Variant("float32", 0.5, (0.4, 0.6), 1.0, 0.8, 1.0, 90.0, 30.0, 3.0, 300.0)
        int8 = Variant("int8", 0.499, (0.4, 0.6), 0.998, 0.8, 0.97, 22.8, 30.0, 1.0, 690.0)
        kept = str(shop.folder / "models" / (plan.name or plan.keep)) if plan.keep else ""
        left_out = {"distil": "not for this architecture"}
        return CompressReport("m", "agreement@10", 20, 100, [whole, int8], "int8", "the fastest", left_out, kept)

    monkeypatch.setattr(Shop, "compress", compress)
    return plans


def run(arguments: Sequence[str]) -> Any:
    return RUNNER.invoke(app, ["compress", *arguments])


def test_the_table_the_recommendation_and_the_next_step(folder: Path, asked: list[CompressPlan]) -> None:
    result = run(["--shop", str(folder), "--methods", "int8, distil", "--minutes", "2", "--layers", "3"])
    assert result.exit_code == 0, result.output
    assert "99.8%" in result.output and "690" in result.output
    assert "Left out: distil: not for this architecture" in result.output
    assert "This shop has no judgments" in result.output
    assert "Recommended: int8: the fastest" in result.output
    assert "--methods int8 --keep int8 --use" in result.output
    assert asked == [CompressPlan(("int8", "distil"), minutes=2.0, n_layers=3)]


def test_json_is_one_document(folder: Path) -> None:
    result = run(["--shop", str(folder), "--json"])
    told = json.loads(result.stdout)
    assert told["recommended"] == "int8"
    assert [one["method"] for one in told["variants"]] == ["float32", "int8"]


def test_use_names_the_kept_model_in_the_settings(folder: Path) -> None:
    result = run(["--shop", str(folder), "--methods", "int8", "--keep", "int8", "--name", "small", "--use"])
    assert result.exit_code == 0, result.output
    assert load_settings(folder / "aisle.toml").encoder.model == "models/small"
    assert "the next step: aisle build" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--methods", "int9000"], "method 'int9000' does not exist"),
        (["--use"], "--use needs --keep METHOD"),
        (["--keep", "binary"], "binary is a way to keep vectors"),
        (["--minutes", "-1"], "minutes=-1"),
    ],
)
def test_a_wrong_call_ends_with_status_2(folder: Path, arguments: list[str], message: str) -> None:
    result = run(["--shop", str(folder), *arguments])
    assert result.exit_code == 2
    assert message in result.output
