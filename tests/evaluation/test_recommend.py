import json
from collections.abc import Sequence
from pathlib import Path

import lightgbm
import numpy as np
import polars as pl
import pytest

from aisle.errors import InputError
from aisle.evaluation import recommend
from aisle.evaluation.recommend import MEASURES, Plan, evaluate_recommend
from aisle.evaluation.recommend_report import RecommendReport
from aisle.evaluation.splits import Split, cross_validation, given_test, leave_one_out
from aisle.ranking.blend import Blend
from aisle.ranking.blend_features import ItemFacts, feature_names
from aisle.ranking.blend_learning import LearnedBlend
from aisle.ranking.pool import Pool
from aisle.ranking.ranked_blend import RankedBlend
from aisle.recommenders.models import chosen_kinds
from aisle.recommenders.protocol import Interactions

N_ITEMS, N_USERS = 30, 60


def walk(seed: int = 0, n_users: int = N_USERS, first_user: int = 0, total_users: int = 0) -> Interactions:
    """Users who walk around a circle of thirty items, mostly one step at a time."""
    rng = np.random.default_rng(seed)
    steps = rng.choice([1, 1, 1, 1, 7], (n_users, 8)).cumsum(axis=1)
    rows = (rng.integers(0, N_ITEMS, (n_users, 1)) + steps) % N_ITEMS
    users = np.repeat(np.arange(n_users), 8) + first_user
    times = np.arange(n_users * 8, dtype=np.float64)
    return Interactions(users, rows.ravel(), np.ones(len(users), np.float32), times, total_users or n_users, N_ITEMS)


def ignore(stage: str, done: int, total: int) -> None:
    """Hear nothing."""


def evaluated(splits: Sequence[Split], *names: str, refit: bool = False) -> RecommendReport:
    plan = Plan(chosen_kinds(names), blend="blend" in names, minutes=0.001, refit=refit)
    return evaluate_recommend(splits, plan, ignore)


@pytest.fixture(scope="module")
def report() -> RecommendReport:
    return evaluated([leave_one_out(walk())], "item_knn", "markov", "blend", refit=True)


def test_every_model_has_every_measure_an_interval_and_its_costs(report: RecommendReport) -> None:
    assert set(report.models) == {"random", "popularity", "item_knn", "markov", "blend"}
    beyond = {"coverage@10", "Gini@10", "novelty@10"}
    for name, values in report.models.items():
        assert set(values) == {*MEASURES, *beyond}
        assert report.fit_s[name] >= 0
        assert 0 < report.latency_ms[name]["p50"] <= report.latency_ms[name]["p99"]
        for measured, (low, high) in report.intervals[name].items():
            assert low <= values[measured] <= high
    assert report.n_users == report.n_questions == N_USERS


def upside_down(blend: Blend, pool: Pool, facts: ItemFacts, *_: object, **__: object) -> LearnedBlend:
    """Trees that rank what the blend ranks last first."""
    names = feature_names([member.model.name for member in blend.members])
    table = np.random.default_rng(0).random((400, len(names))) * 100
    labels = table[:, names.index("blend_rank")]
    trees = lightgbm.train({"verbose": -1, "num_threads": 1}, lightgbm.Dataset(table, labels), 20)
    return LearnedBlend(RankedBlend(blend, trees, facts, 1.0), "they help", 0.1, 0.2)


def test_trees_that_help_are_in_the_blend_and_the_blend_without_them_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recommend, "learn_blend", upside_down)
    found = evaluated([leave_one_out(walk())], "item_knn", "markov", "blend", refit=True)
    assert found.models["blend"]["NDCG@10"] < 0.5 < found.models["linear_blend"]["NDCG@10"]
    assert set(found.refitted) == set(found.models)
    assert found.fit_s["blend"] >= found.fit_s["linear_blend"]
    assert found.chosen["blend"]["trees"] == "they help"


def test_without_trees_there_is_one_blend_and_a_reason(report: RecommendReport) -> None:
    assert "linear_blend" not in report.models
    assert "learning takes 500" in report.chosen["blend"]["trees"]


def test_what_can_be_foreseen_is_foreseen(report: RecommendReport) -> None:
    models = report.models
    assert models["markov"]["NDCG@10"] > 0.5 > models["random"]["NDCG@10"]
    assert models["random"]["HR@10"] == pytest.approx(10 / N_ITEMS, abs=0.25)


def test_the_blend_is_compared_with_every_other_model(report: RecommendReport) -> None:
    assert set(report.comparisons) == {"random", "popularity", "item_knn", "markov"}
    against = report.comparisons["random"]
    assert against.difference == pytest.approx(report.models["blend"]["NDCG@10"] - report.models["random"]["NDCG@10"])
    assert against.interval[0] > 0
    assert against.p_randomised < 0.01


def test_the_report_says_what_was_chosen_and_how(report: RecommendReport) -> None:
    told = json.loads(json.dumps(report.to_dict()))
    assert {"n_users", "models", "fit_s", "latency_ms", "intervals", "chosen", "protocol"} <= set(told)
    assert told["chosen"]["markov"]["params"]["order"] in (1, 2, 3)
    assert sum(told["chosen"]["blend"]["weights"].values()) == pytest.approx(1, abs=0.001)
    assert told["protocol"]["name"] == "leave-one-out"
    assert told["protocol"]["learned_from"] == "training"
    assert told["protocol"]["n_train"] == len(leave_one_out(walk()).train)
    assert set(told["refitted"]) == set(told["models"])


def test_without_a_blend_the_best_on_validation_is_compared() -> None:
    found = evaluated([leave_one_out(walk())], "markov")
    assert "blend" not in found.models
    assert set(found.comparisons) == {"random", "popularity"}
    assert found.protocol["compared"] == "markov"
    assert not found.refitted


def test_models_of_a_given_test_learn_from_the_whole_training_file() -> None:
    total = N_USERS + 10
    training = walk(total_users=total)
    test = walk(seed=1, n_users=10, first_user=N_USERS, total_users=total)
    found = evaluated([given_test(training, test)], "markov", "blend")
    assert found.n_users == 10
    # Seven of the eight events of each session are asked for.
    assert found.n_questions == 70
    assert found.protocol["learned_from"] == "training and validation"
    assert found.protocol["n_train"] == len(training)
    assert found.models["blend"]["MRR@20"] > 0.3


def test_folds_make_one_table_of_all_users() -> None:
    found = evaluated(cross_validation(walk(), folds=3), "markov")
    assert found.n_users == N_USERS
    assert found.models["markov"]["NDCG@10"] > 0.5
    assert len(found.chosen["markov"]) == 3
    assert "fold" not in found.protocol


def test_a_plan_that_cannot_be_followed_is_refused() -> None:
    with pytest.raises(InputError, match="minutes=0"):
        Plan(chosen_kinds([]), minutes=0)
    with pytest.raises(InputError, match="measure='MAP'"):
        Plan(chosen_kinds([]), measure="MAP")
    with pytest.raises(InputError, match="no split"):
        evaluate_recommend([], Plan(chosen_kinds([])), ignore)


def test_behaviour_on_a_real_set_is_foreseen_better_than_by_popularity(datasets: Path) -> None:
    path = datasets / "seqrec_s3rec" / "beauty_sequences.parquet"
    if not path.exists():
        pytest.skip(f"no {path}")
    told = pl.read_parquet(path)
    lengths = told["item_ids"].list.len().to_numpy()
    rows = told["item_ids"].explode().to_numpy().astype(np.int64) - 1
    users = np.repeat(np.arange(len(lengths)), lengths)
    times = np.linspace(0, 1, len(rows))
    log = Interactions(users, rows, np.ones(len(rows), np.float32), times, len(lengths), int(rows.max()) + 1)
    found = evaluated([leave_one_out(log)], "markov")
    values = {name: measured["NDCG@10"] for name, measured in found.models.items()}
    assert found.n_users == 22_363
    assert values["popularity"] == pytest.approx(0.0055, abs=0.0005)
    assert values["markov"] > 0.045
