"""What is learned on a cluster is what is learned in one process."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import aisle
from aisle.cluster import placed
from aisle.encoders.finetuning.recipe import Recipe
from aisle.encoders.pretraining.plan import Pretraining
from aisle.evaluation import tuning
from aisle.evaluation.recommend import Plan, evaluate_recommend
from aisle.evaluation.recommend_report import RecommendReport
from aisle.evaluation.splits import leave_one_out
from aisle.pipelines.finetuned import FinetunePlan
from aisle.recommenders.models import chosen_kinds
from aisle.recommenders.protocol import Interactions
from aisle.settings import use_setting
from aisle.types import Item, Judgment

N_ITEMS, N_USERS = 30, 60
THINGS = ("lamp", "mug", "cable", "jacket")
WORDS = ("blue", "warm", "desk", "garden", "winter", "coffee")


def walk() -> Interactions:
    """Users who walk around a circle of thirty items, mostly one step at a time."""
    rng = np.random.default_rng(0)
    steps = rng.choice([1, 1, 1, 1, 7], (N_USERS, 8)).cumsum(axis=1)
    rows = (rng.integers(0, N_ITEMS, (N_USERS, 1)) + steps) % N_ITEMS
    users = np.repeat(np.arange(N_USERS), 8)
    times = np.arange(N_USERS * 8, dtype=np.float64)
    return Interactions(users, rows.ravel(), np.ones(len(users), np.float32), times, N_USERS, N_ITEMS)


def test_the_same_settings_are_tried_and_the_same_metrics_found(
    address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tuning, "MAX_TRIALS", 8)  # by their number: a time allows more where it is quick
    kinds, split = chosen_kinds(["item_knn", "markov"]), leave_one_out(walk())
    reports: list[RecommendReport] = []
    for place_name in ("", address):
        plan = Plan(kinds, minutes=60.0, refit=True, storage=f"sqlite:///{tmp_path}/{len(reports)}.db")
        stages: list[str] = []
        with placed(place_name) as place:
            told = lambda stage, done, total: stages.append(stage)  # noqa: E731, B023
            reports.append(evaluate_recommend([split], plan, told, place=place))
        assert {"tune item_knn", "tune markov", "learn anew"} <= set(stages)
    here, there = reports
    assert (there.models, there.refitted, there.chosen) == (here.models, here.refitted, here.chosen)
    assert here.chosen["markov"]["trials"] == 8
    assert there.skipped == {}


@pytest.fixture
def shop(tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Things, each with a query whose words never stand in its title, and a tiny encoder outside of the shop."""
    monkeypatch.setenv("AISLE_CACHE", str(tmp_path / "cache"))
    made = aisle.init(tmp_path / "shop")
    items = [Item(f"{word}-{thing}", f"{word} {thing}", category=(thing,)) for thing in THINGS for word in WORDS]
    made.store.upsert_items(items)
    made.store.upsert_judgments(
        Judgment(f"{thing[0]}{thing[-1]} {word}", item.item_id, 3 if item.item_id == f"{word}-{thing}" else 1)
        for thing in THINGS
        for word in WORDS
        for item in items
        if item.title.endswith(thing)
    )
    made.close()
    use_setting(made.folder, "encoder.model", str(tiny_model))
    opened = aisle.open(made.folder)
    yield opened
    opened.close()


def test_a_model_is_fine_tuned_elsewhere_and_comes_back(address: str, shop: Any, tiny_model: Path) -> None:
    recipe = Recipe(method="full", learning_rate=3e-3, epochs=2, batch=32, checks=2)
    told: list[Any] = []
    here = shop.finetune(FinetunePlan(recipe=recipe, name="here"))
    there = shop.finetune(FinetunePlan(recipe=recipe, name="there"), lambda *one: told.append(one), cluster=address)
    assert there.folder == shop.folder / "models" / "there"
    assert there.quality == here.quality
    assert {**there.settings, "encoder.model": ""} == {**here.settings, "encoder.model": ""}
    weights = "model.safetensors"
    assert (there.folder / weights).read_bytes() == (here.folder / weights).read_bytes()
    aisle_json = [(one.folder / "aisle.json").read_text("utf-8") for one in (here, there)]
    assert aisle_json[1] == aisle_json[0].replace("--name here", "--name there")
    assert f'"from": "{tiny_model}"' in aisle_json[1]
    assert told[-1][:1] == ("learn",)


def test_a_language_model_learns_elsewhere(address: str, shop: Any) -> None:
    base = Pretraining(max_tokens=32, batch_tokens=256, vocabulary=400, steps=1, held_out=0.3)
    shop.pretrain(base, name="base")  # a new tokenizer is another one each time
    plan = replace(base, source="models/base")
    here, there = shop.pretrain(plan, name="here"), shop.pretrain(plan, name="there", cluster=address)
    assert there.folder == shop.folder / "models" / "there"
    assert (there.loss_before, there.loss_after) == (here.loss_before, here.loss_after)
    assert {path.name for path in there.folder.iterdir()} == {path.name for path in here.folder.iterdir()}
    weights = "model.safetensors"
    assert (there.folder / weights).read_bytes() == (here.folder / weights).read_bytes()
