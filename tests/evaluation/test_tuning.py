import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.evaluation.splits import Split, leave_one_out
from aisle.evaluation.tuning import Bench, make_bench, refit, tune, tune_model
from aisle.recommenders.models import ModelKind, model_kind
from aisle.recommenders.protocol import History, Holdout, Interactions
from aisle.recommenders.spaces import Params, Trial
from aisle.types import Scores

N_ITEMS = 12


def circle() -> Interactions:
    """Thirty users who walk around a circle of twelve items, six steps each: what comes next is certain."""
    users = np.repeat(np.arange(30), 6)
    rows = (users + np.tile(np.arange(6), 30)) % N_ITEMS
    return Interactions(users, rows, np.ones(180, np.float32), np.arange(180.0), 30, N_ITEMS)


SPLIT = leave_one_out(circle())
RIGHT = 1
MADE: list[dict[str, Any]] = []


@dataclass(kw_only=True, eq=False)
class Guess:
    """Says that the row `step` further comes next; learns in as many epochs as it is given."""

    step: int = 3
    refuses: int = 5
    seed: int = 0
    epochs: int = 9
    budget_s: float = math.inf
    learned_: Any = field(init=False, default=None)
    name = "guess"

    def fit(
        self,
        interactions: Interactions,
        holdout: Holdout | None = None,
        progress: Callable[[object], None] | None = None,
    ) -> Self:
        MADE.append({"step": self.step, "seed": self.seed, "epochs": self.epochs, "budget_s": self.budget_s})
        if self.step == self.refuses:
            raise InputError(f"step={self.step} cannot be learned")
        if progress is not None:
            progress(None)
        self.learned_ = SimpleNamespace(best=4)
        return self

    def score(self, histories: Sequence[History]) -> Scores:
        scores = np.zeros((len(histories), N_ITEMS), np.float32)
        for line, history in zip(scores, histories, strict=True):
            line[(history.rows[-1] + self.step) % N_ITEMS] = 1
        return scores


@dataclass(kw_only=True, eq=False)
class Stubborn(Guess):
    """Refuses its defaults."""

    refuses: int = 3


def steps(trial: Trial) -> Params:
    return {"step": trial.suggest_int("step", 1, 8)}


GUESS = ModelKind("guess", Guess, "For tests.", steps, in_epochs=True)  # type: ignore[arg-type]


def ignore(stage: str, done: int, total: int) -> None:
    """Hear nothing."""


@pytest.fixture
def bench() -> Bench:
    MADE.clear()
    return make_bench(SPLIT, "NDCG@10", seed=0)


def test_the_defaults_come_first_and_the_best_found_is_kept(bench: Bench) -> None:
    found = tune_model(GUESS, bench, 600.0, ignore)
    assert MADE[0]["step"] == 3
    assert (found.params, found.value, found.epochs) == ({"step": RIGHT}, 1.0, 4)
    assert found.n_trials == len(MADE)


def test_settings_that_a_model_refuses_are_passed_over(bench: Bench) -> None:
    tune_model(GUESS, bench, 600.0, ignore)
    assert any(made["step"] == 5 for made in MADE)


def test_without_time_the_defaults_are_the_answer(bench: Bench) -> None:
    found = tune_model(GUESS, bench, 1e-6, ignore)
    assert (found.params, found.value, found.n_trials) == ({"step": 3}, 0.0, 1)
    assert MADE[0]["budget_s"] == 1.0


def test_a_model_that_refuses_its_defaults_is_skipped_with_its_reason(bench: Bench) -> None:
    broken = ModelKind("guess", Stubborn, "For tests.", steps, in_epochs=True)  # type: ignore[arg-type]
    tuning = tune([model_kind("popularity"), broken], bench, minutes=0.001, progress=ignore)
    assert [one.kind.name for one in tuning.found] == ["popularity"]
    assert list(tuning.skipped) == ["guess"]


def test_a_catalogue_that_is_too_large_is_told(bench: Bench) -> None:
    small = ModelKind("guess", Guess, "For tests.", steps, in_epochs=True, max_items=11)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="12 items; guess takes at most 11"):
        tune_model(small, bench, 1.0, ignore)


def test_a_later_run_goes_on_where_the_first_ended(tmp_path: Path) -> None:
    MADE.clear()
    stored = make_bench(SPLIT, "NDCG@10", seed=0, storage=f"sqlite:///{tmp_path / 'tuning.db'}")
    first = tune_model(GUESS, stored, 1e-6, ignore)
    again = tune_model(GUESS, stored, 1e-6, ignore)
    # The best of the first run is fitted again, and counts as no new trial.
    assert [made["step"] for made in MADE] == [3, 3]
    assert (first.n_trials, again.n_trials) == (1, 1)
    longer = tune_model(GUESS, stored, 600.0, ignore)
    assert longer.value == 1.0
    assert longer.n_trials > 1


def test_other_events_begin_anew(tmp_path: Path) -> None:
    MADE.clear()
    storage = f"sqlite:///{tmp_path / 'tuning.db'}"
    tune_model(GUESS, make_bench(SPLIT, "NDCG@10", 0, storage), 600.0, ignore)
    log = circle()
    backwards = Interactions(log.users, log.rows[::-1].copy(), log.weights, log.times, 30, N_ITEMS)
    other = make_bench(leave_one_out(backwards), "NDCG@10", 0, storage)
    assert tune_model(GUESS, other, 1e-6, ignore).params == {"step": 3}


def test_another_space_begins_anew(tmp_path: Path) -> None:
    stored = make_bench(SPLIT, "NDCG@10", 0, f"sqlite:///{tmp_path / 'tuning.db'}")

    def others(trial: Trial) -> Params:
        return {"step": trial.suggest_categorical("step", (2, 3))}

    tune_model(GUESS, stored, 600.0, ignore)
    found = tune_model(replace(GUESS, space=others), stored, 1e-6, ignore)
    assert (found.params, found.n_trials) == ({"step": 3}, 1)


def test_features_reach_the_models_that_read_them_and_no_setting(bench: Bench) -> None:
    features = np.eye(N_ITEMS, dtype=np.float32)
    tuned = tune_model(model_kind("two_tower"), replace(bench, features=features), 1, ignore, search=False)
    assert tuned.model.features is features  # type: ignore[attr-defined]
    assert "features" not in tuned.params
    again, _ = refit(tuned, SPLIT.full, features=features)
    assert again.features is features  # type: ignore[attr-defined]
    tune_model(model_kind("item_knn"), replace(bench, features=features), 1, ignore, search=False)


def test_other_features_begin_anew(tmp_path: Path) -> None:
    stored = make_bench(SPLIT, "NDCG@10", 0, f"sqlite:///{tmp_path / 'tuning.db'}")
    tune_model(GUESS, stored, 600.0, ignore)
    told = replace(stored, features=np.eye(N_ITEMS, dtype=np.float32))
    assert tune_model(GUESS, told, 1e-6, ignore).params == {"step": 3}


def test_learning_anew_takes_the_best_epoch_and_all_events(bench: Bench) -> None:
    found = tune_model(GUESS, bench, 1e-6, ignore)
    refit(found, SPLIT.full, seed=8)
    assert MADE[-1] == {"step": 3, "seed": 8, "epochs": 4, "budget_s": math.inf}


def test_real_models_are_tuned_and_never_end_below_their_defaults() -> None:
    kinds = [model_kind(name) for name in ("random", "item_knn", "markov")]
    heard: list[tuple[str, int, int]] = []
    bench = make_bench(SPLIT, "NDCG@10", seed=0)
    untuned = tune(kinds, bench, minutes=1.0, progress=ignore, search=False)
    tuned = tune(kinds, bench, minutes=0.02, progress=lambda *told: heard.append(told))
    assert [one.n_trials for one in untuned.found] == [1, 1, 1]
    for before, after in zip(untuned.found, tuned.found, strict=True):
        assert after.value >= before.value
    assert {stage for stage, _, _ in heard} == {"tune random", "tune item_knn", "tune markov"}


@pytest.mark.parametrize("minutes", [0, -1, math.nan])
def test_tuning_needs_time(minutes: float, bench: Bench) -> None:
    with pytest.raises(InputError, match="expected more than 0"):
        tune([], bench, minutes=minutes, progress=ignore)


def test_large_catalogues_are_judged_on_fewer_questions() -> None:
    def questions(n_items: int) -> int:
        asked = SPLIT.validation
        holdout = Holdout([*asked.histories] * 1_000, [*asked.relevant] * 1_000, [*asked.excluded] * 1_000)
        train = Interactions(SPLIT.train.users, SPLIT.train.rows, SPLIT.train.weights, SPLIT.train.times, 30, n_items)
        return len(make_bench(Split(train, holdout, holdout, np.zeros(0, np.int64), train), "NDCG@10", 0).holdout)

    assert [questions(n_items) for n_items in (1_000, 12_000, 1_000_000)] == [20_000, 10_000, 2_000]
