"""Two processes of a shop fine-tune what one does."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import aisle
from aisle.encoders.finetuning.recipe import Recipe
from aisle.errors import InputError
from aisle.pipelines.finetuned import FinetunePlan
from aisle.pipelines.together import check_processes
from aisle.settings import with_setting
from aisle.types import Item, Judgment

THINGS, WORDS = ("lamp", "mug", "hose"), ("blue", "warm", "desk", "garden")
RECIPE = Recipe(method="full", epochs=2, batch=8, checks=2)  # without a budget, whose steps depend on the clock


@pytest.fixture
def folder(tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AISLE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    shop = aisle.init(tmp_path / "shop")
    items = [Item(f"{word}-{thing}", f"{word} {thing}", category=(thing,)) for thing in THINGS for word in WORDS]
    shop.store.upsert_items(items)
    shop.store.upsert_judgments(Judgment(f"{item.title[::-1]}", item.item_id, 2) for item in items)
    shop.close()
    file = shop.folder / "aisle.toml"
    file.write_text(with_setting(file.read_text("utf-8"), "encoder.model", str(tiny_model)), "utf-8")
    return shop.folder


@pytest.mark.slow
@pytest.mark.parametrize("task", ["search", "rerank", "classify"])
def test_two_processes_teach_what_one_does(folder: Path, task: Any) -> None:
    told: list[tuple[str, int, int]] = []
    with closing(aisle.open(folder)) as shop:
        plan = FinetunePlan(task, "", "one", RECIPE)
        one = shop.finetune(plan)
        two = shop.finetune(FinetunePlan(task, "", "two", RECIPE), lambda *step: told.append(step), processes=2)
    assert (two.quality.before, two.quality.after) == pytest.approx((one.quality.before, one.quality.after), abs=1e-6)
    assert two.ending == one.ending
    steps = [done for stage, done, _ in told if stage == "learn"]
    assert steps == list(range(1, len(steps) + 1))  # of the first process alone
    assert {path.name for path in two.folder.iterdir()} == {path.name for path in one.folder.iterdir()}


def test_parted_weights_need_two_processes(folder: Path) -> None:
    check_processes(1, shard=False)
    with (
        closing(aisle.open(folder)) as shop,
        pytest.raises(InputError, match="processes=1; expected at least 2; the weights"),
    ):
        shop.finetune(FinetunePlan(recipe=Recipe(shard=True)))
    with closing(aisle.open(folder)) as shop, pytest.raises(InputError, match="processes=0; expected at least 1"):
        shop.pretrain(processes=0)
