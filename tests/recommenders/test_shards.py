"""Two processes with half of the items each learn what one process does."""

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from aisle.encoders.learning.launching import run
from aisle.errors import InputError
from aisle.recommenders.learning import Epoch, Learned
from aisle.recommenders.protocol import NOTHING, History, Holdout, Interactions
from aisle.recommenders.sasrec import SasRec
from aisle.recommenders.shards import fresh_rows, looked_up, total, used_by_all, whole_rows
from aisle.types import Candidates

N_ITEMS, N_USERS, LENGTH = 41, 60, 9
SETTINGS: Any = {"dim": 16, "layers": 1, "length": 8, "batch": 128, "epochs": 3, "dropout": 0.3, "smoothing": 0.1}


@pytest.fixture(scope="module")
def log() -> Interactions:
    """Users who go up by one, two or three items at a time."""
    rng = np.random.default_rng(0)
    steps = rng.integers(1, 4, (N_USERS, 1)) * np.arange(LENGTH)
    rows = (rng.integers(0, N_ITEMS, (N_USERS, 1)) + steps) % N_ITEMS
    users = np.repeat(np.arange(N_USERS), LENGTH)
    weights = np.ones(len(users), np.float32)
    return Interactions(users, rows.ravel(), weights, np.tile(np.arange(LENGTH) * 1.0, N_USERS), N_USERS, N_ITEMS)


@pytest.fixture(scope="module")
def holdout() -> Holdout:
    histories = [history([at, at + 1, at + 2]) for at in range(10)]
    return Holdout(histories, [np.array([at + 3]) for at in range(10)], [NOTHING, *(one.rows for one in histories[1:])])


def history(rows: list[int]) -> History:
    return History(np.array(rows), np.ones(len(rows), np.float32))


def losses(learned: Learned) -> list[float]:
    return [epoch.loss for epoch in learned.epochs]


def check_same(one: list[Candidates], two: list[Candidates]) -> None:
    assert len(one) == len(two) > 0
    for a, b in zip(one, two, strict=True):
        assert a.rows.tolist() == b.rows.tolist()
        assert np.allclose(a.scores, b.scores, atol=1e-5)


@pytest.fixture(scope="module")
def work() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent)
        patch.setenv("OMP_NUM_THREADS", "1")
        yield importlib.import_module("work_of_shards")


@pytest.fixture(scope="module")
def both(work: Any, log: Interactions, holdout: Holdout) -> tuple[Any, Any]:
    """What one process found, and what two did."""
    return work.everything(log, holdout, lambda *_: None), run(work.everything, 2, log, holdout)


@pytest.mark.parametrize("name", ["all", "sampled"])
def test_models_learn_the_same_and_propose_the_same(name: str, both: tuple[Any, Any]) -> None:
    one, two = both[0][0][name], both[1][0][name]
    assert losses(two.learned) == pytest.approx(losses(one.learned), abs=1e-5)
    qualities = [[epoch.quality for epoch in found.learned.epochs] for found in (one, two)]
    assert qualities[1] == pytest.approx(qualities[0], abs=1e-6)
    assert np.allclose(two.vectors, one.vectors, atol=1e-4)
    check_same(one.proposed, two.proposed)


def test_each_process_holds_half_of_the_table(both: tuple[Any, Any]) -> None:
    held = [(one.held, two.held) for one, two in zip(both[0][0].values(), both[1][0].values(), strict=True)]
    assert held == [([41], [20, 21]), ([42], [21, 21])]  # the second has a token that asks


@pytest.mark.parametrize("place", [1, 2])
def test_loss_and_gradients_are_those_of_the_whole_table(place: int, both: tuple[Any, Any]) -> None:
    for one, two in zip(both[0][place], both[1][place], strict=True):
        assert two.shape == one.shape
        assert torch.allclose(two, one, atol=1e-6)


@pytest.mark.slow
def test_a_model_with_two_processes_recommends_the_same(
    log: Interactions, holdout: Holdout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    told: list[Epoch] = []
    one = SasRec(**SETTINGS).fit(log, holdout)
    two = SasRec(**SETTINGS, processes=2).fit(log, holdout, told.append)
    assert [epoch.loss for epoch in told] == pytest.approx(losses(one.learned_), abs=1e-5)
    asked = [history([at, at + 2]) for at in range(0, 30, 3)]
    check_same(one.recommend(asked, 10), two.recommend(asked, 10))
    two.save(tmp_path)
    loaded = SasRec.load(tmp_path)
    assert loaded.processes == 1
    assert np.array_equal(loaded.score(asked), two.score(asked))


def test_alone_a_table_is_whole() -> None:
    torch.manual_seed(0)
    rows = fresh_rows(5, 16)
    torch.manual_seed(0)
    assert torch.equal(rows, torch.randn(5, 16))
    assert torch.equal(looked_up(torch.tensor([[1, 4]]), rows, 0), rows[[1, 4]][None])
    assert used_by_all(rows) is rows and total(rows) is rows and whole_rows(rows, 5) is rows


def test_a_table_is_in_one_process_at_least() -> None:
    with pytest.raises(InputError, match="processes=0; expected at least 1"):
        SasRec(processes=0)
