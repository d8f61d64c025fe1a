"""Two processes learn what one does: the same losses, the same weights."""

import importlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

from aisle.encoders.learning.distributed import agreed, apart, from_first, gathered, is_first, of_all, own_part
from aisle.encoders.learning.launching import run
from aisle.encoders.pretraining.corpus import Corpus, Passage
from aisle.encoders.pretraining.plan import Pretrained, Pretraining
from aisle.encoders.pretraining.pretrain import pretrain

MASKED = Pretraining(max_tokens=16, batch_tokens=70, vocabulary=300, steps=6, learning_rate=3e-3, source="begin")
NAMES = ("contrastive full", "contrastive full parts")
CLOSE = 2e-5


@pytest.fixture(scope="module")
def work() -> Any:
    """The module of what processes do, importable in new ones too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent)
        patch.setenv("OMP_NUM_THREADS", "1")
        yield importlib.import_module("work_of_many")


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    words = ("blue", "warm", "desk", "garden", "winter", "coffee")
    things = ("lamp", "mug", "cable", "jacket", "hose")
    passages = [Passage(f"{word} {thing}", f"a {thing} for the {word}") for word in words for thing in things]
    return Corpus(passages[5:], passages[:5])


@pytest.fixture(scope="module")
def begin(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model to go on from: learning a tokenizer anew breaks ties by chance."""
    return pretrain(corpus, replace(MASKED, steps=1, source=""), tmp_path_factory.mktemp("begin") / "model").folder


@pytest.fixture(scope="module")
def compared(
    work: Any, corpus: Corpus, begin: Path, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Any, Any, list[Any]]:
    """What one process found, what two did, and what was heard of those."""
    heard: list[Any] = []
    folders = [tmp_path_factory.mktemp(name) for name in ("alone", "together")]
    given = [(corpus, MASKED, begin, tiny_model, folder, NAMES) for folder in folders]
    alone = work.in_turn(*given[0], lambda *_: None)
    return alone, run(work.in_turn, 2, *given[1], hear=lambda *told: heard.append(told)), heard


def losses(learned: Any) -> list[float]:
    return [step.loss for step in learned.steps]


def curve(folder: Path) -> list[float]:
    return [step["loss"] for step in json.loads((folder / "history.json").read_text("utf-8"))["steps"]]


def check_pre_training(one: Pretrained, two: Pretrained) -> None:
    assert len(curve(two.folder)) == 6
    assert curve(two.folder) == pytest.approx(curve(one.folder), abs=CLOSE)
    assert (two.loss_before, two.loss_after) == pytest.approx((one.loss_before, one.loss_after), abs=CLOSE)
    assert two.pairs_right == one.pairs_right
    names = [sorted(path.name for path in result.folder.iterdir()) for result in (one, two)]
    assert names[0] == names[1]  # a whole plain folder, and nothing left beside it
    assert [path.name for path in two.folder.parent.iterdir()] == ["pretrained"]
    saved = [safetensors.torch.load_file(result.folder / "model.safetensors") for result in (one, two)]
    assert saved[0].keys() == saved[1].keys()
    assert all(torch.allclose(saved[0][name], saved[1][name], atol=1e-3) for name in saved[0])


def check_fine_tuning(one: Any, both: list[Any], *, chance: bool) -> None:
    for two in both:
        if not chance:
            assert losses(two.learned) == pytest.approx(losses(one.learned), abs=CLOSE)
            assert two.weights.keys() == one.weights.keys()
            assert all(torch.allclose(two.weights[key], one.weights[key], atol=1e-3) for key in one.weights)
        assert [step.quality for step in two.learned.steps] == [None, 1, None, 2, None, 3]  # as the first says
        assert (two.learned.best, two.asked) == (6, 3)
    assert losses(both[0].learned) == losses(both[1].learned)
    assert all(torch.equal(both[0].weights[key], both[1].weights[key]) for key in both[0].weights)


def test_pre_training_has_the_same_losses(compared: Any) -> None:
    alone, together, _ = compared
    assert (alone["n_processes"], together["n_processes"]) == (1, 2)
    check_pre_training(alone["pretrained"], together["pretrained"])


@pytest.mark.parametrize("name", NAMES)
def test_fine_tuning_has_the_same_losses_and_weights(name: str, compared: Any) -> None:
    check_fine_tuning(compared[0][name][0], compared[1][name], chance=False)


def test_each_process_holds_about_half_of_parted_weights(compared: Any) -> None:
    (one,), both = compared[0][NAMES[1]], compared[1][NAMES[1]]
    assert sum(two.held for two in both) == pytest.approx(one.held, rel=0.05)
    assert all(two.held == pytest.approx(one.held / 2, rel=0.1) for two in both)
    assert all(two.held == one.held for two in compared[1][NAMES[0]])


def test_the_first_process_alone_tells(compared: Any) -> None:
    heard = compared[2]
    assert heard[-1] == ("done", 0)
    assert heard.count(("done", 0)) == 1
    assert [told[2:] for told in heard if told[:2] == ("progress", "learn")] == [(number, 6) for number in range(1, 7)]


@pytest.mark.slow
def test_every_way_to_learn_has_the_same_losses(work: Any, corpus: Corpus, tiny_model: Path, tmp_path: Path) -> None:
    plan = replace(MASKED, objective="causal", shard=True)
    begin = pretrain(corpus, replace(plan, steps=1, source=""), tmp_path / "begin").folder
    names = tuple(
        f"{how} {parts}" for parts in ("", "parts") for how in ("bce full", "cosent full", "contrastive lora")
    )
    given = [(corpus, plan, begin, tiny_model, tmp_path / name, names) for name in ("alone", "together")]
    alone, together = work.in_turn(*given[0], lambda *_: None), run(work.in_turn, 2, *given[1])
    check_pre_training(alone["pretrained"], together["pretrained"])
    for name in names:
        check_fine_tuning(alone[name][0], together[name], chance="lora" in name)  # LoRA drops out


def test_alone_nothing_is_shared() -> None:
    assert (agreed(0.5), from_first(lambda: "x"), of_all(3), is_first(), own_part(3)) == (
        0.5,
        "x",
        [3],
        True,
        slice(0, 3),
    )
    assert apart(lambda part: torch.arange(5)[part], 4).tolist() == [0, 1, 2, 3]
    assert gathered(torch.ones(2)).tolist() == [1, 1]
