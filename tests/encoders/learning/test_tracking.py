"""Who watches: a picture, a history, TensorBoard's events, an offline run of Weights & Biases."""

import json
from pathlib import Path
from typing import Any

import pytest

from aisle.encoders.learning.course import Learned, Step
from aisle.encoders.learning.tracking import Tracking, loss_curve, trackers, watched_by, write_history

STEPS = tuple(Step(number, 2.0 / number, 0.5 * number if number % 2 else None, 0.1, 1.0) for number in range(1, 6))
LEARNED = Learned(STEPS, 5, "all 5 steps done", 0)


def test_a_curve_is_a_picture(tmp_path: Path) -> None:
    loss_curve(LEARNED, tmp_path / "loss.png")
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_a_history_holds_every_step(tmp_path: Path) -> None:
    write_history(LEARNED, tmp_path / "history.json", tokens=7)
    told = json.loads((tmp_path / "history.json").read_text("utf-8"))
    assert (told["best"], told["tokens"], len(told["steps"])) == (5, 7, 5)
    assert told["steps"][1] == {
        "number": 2, "loss": 1.0, "quality": None, "learning_rate": 0.1, "elapsed_s": 1.0,
    }  # fmt: skip


def test_watches_are_told_together() -> None:
    heard: list[Step] = []
    watched_by(heard.append, None, heard.append)(STEPS[0])
    assert heard == [STEPS[0], STEPS[0]]


def test_nobody_is_told_by_default(tmp_path: Path) -> None:
    with trackers(Tracking(), tmp_path / "run", {}) as watch:
        watch(STEPS[0])
    assert not (tmp_path / "run").exists()


def test_tensorboard_reads_what_was_written(tmp_path: Path) -> None:
    accumulator: Any = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    with trackers(Tracking(tensorboard=True), tmp_path, {}) as watch:
        for step in STEPS:
            watch(step)
    events = accumulator.EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert [round(one.value, 4) for one in events.Scalars("loss")] == [2.0, 1.0, 0.6667, 0.5, 0.4]
    assert [one.step for one in events.Scalars("quality")] == [1, 3, 5]


def test_wandb_writes_an_offline_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    for name in ("CACHE", "CONFIG", "DATA"):
        monkeypatch.setenv(f"WANDB_{name}_DIR", str(tmp_path / name.lower()))
    with trackers(Tracking(wandb="aisle"), tmp_path, {"steps": 5}) as watch:
        for step in STEPS:
            watch(step)
    runs = list((tmp_path / "wandb").glob("offline-run-*/run-*.wandb"))
    assert len(runs) == 1
    assert runs[0].stat().st_size > 0
