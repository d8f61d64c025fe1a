from pathlib import Path

import polars as pl
import pytest

from .conftest import RunAisle

TEXTS = ["where is my parcel", "when does my parcel come", "i want my money back", "give me the money back"]
LABELS = ["parcel", "parcel", "refund", "refund"]
WORDS = ["", "please", "now", "today", "thanks", "hello", "soon", "again", "then", "ok"]


@pytest.fixture
def folder(tmp_path: Path, tiny_model: Path, run_aisle: RunAisle, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shop with a model that was taught two intents."""
    monkeypatch.setenv("AISLE_CACHE", str(tmp_path / "cache"))
    asked = [(f"{text} {word}", label) for text, label in zip(TEXTS, LABELS, strict=True) for word in WORDS]
    pl.DataFrame(asked, ["text", "label"], orient="row").write_csv(tmp_path / "asked.csv")
    shop = tmp_path / "shop"
    assert run_aisle("init", shop).status == 0
    route = ("--method", "full", "--epochs", 60, "--learning-rate", "0.003", "--minutes", 1)
    call = ("finetune", "--shop", shop, "--task", "classify", "--name", "intents", "--from", tiny_model, *route)
    done = run_aisle(*call, "--texts", tmp_path / "asked.csv")
    assert done.status == 0, done.err
    return shop


def test_texts_get_the_class_they_were_taught(run_aisle: RunAisle, folder: Path) -> None:
    told = run_aisle("classify", "intents", TEXTS[0], TEXTS[2], "--shop", folder, "--json").document
    assert [one["label"] for one in told] == ["parcel", "refund"]
    assert all(0.5 < one["probability"] <= 1 for one in told)
    shown = run_aisle("classify", folder / "models" / "intents", TEXTS[0]).out
    assert "parcel" in shown
    assert "probability" in shown


def test_a_model_that_is_not_there_and_no_text_are_told(run_aisle: RunAisle, folder: Path) -> None:
    outcome = run_aisle("classify", "intent", "a text", "--shop", folder)
    assert outcome.status == 1
    assert "intent" in outcome.err
    assert run_aisle("classify", "intents", "", "--shop", folder).status == 0
