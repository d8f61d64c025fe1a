"""How good are recommendations, and how fast: models and their blend, tuned on validation, asked the test once."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from time import perf_counter
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from aisle.cluster.place import HERE, Place
from aisle.errors import InputError
from aisle.evaluation.rankings import coverage, diversity, gini, measure, novelty, rank_holdout
from aisle.evaluation.recommend_report import RecommendReport
from aisle.evaluation.significance import compare, intervals
from aisle.evaluation.splits import Split
from aisle.evaluation.tuning import FEWEST, MOST, Progress, Tuned, Tuning, make_bench, refit_all, tune
from aisle.ranking.blend import Blend
from aisle.ranking.blend_features import ItemFacts
from aisle.ranking.blend_fitting import fit_blend
from aisle.ranking.blend_learning import LearnedBlend, learn_blend
from aisle.ranking.pool import Kind, Measure, make_pool
from aisle.ranking.ranked_blend import RankedBlend
from aisle.recommenders.models import ALWAYS, BLEND, ModelKind
from aisle.recommenders.protocol import Holdout, Interactions, Recommender
from aisle.types import Vectors

CUTOFFS = (10, 20)
SHOWN = 10
"""Places that coverage, Gini, novelty, diversity and latency look at."""
MEASURES = ("HR@10", "NDCG@10", "Recall@10", "MRR@10", "HR@20", "NDCG@20", "Recall@20", "MRR@20")
BLEND_SCORES = 240_000_000
"""Scores of each model that the weights of the blend are fitted on."""
LINEAR_BLEND = "linear_blend"
"""The blend without its trees, beside the blend where that has some."""
TIMED = 200
"""Questions asked one by one for the latency."""
Values = Mapping[str, NDArray[np.float64]]
"""Each measure of each question."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is evaluated, and how. Raises InputError when a value cannot be used."""

    kinds: tuple[ModelKind, ...]
    """The models; see `chosen_kinds`."""
    blend: bool = True
    """Whether all models together, with weights fitted on validation and trees where these help, are a model too."""
    minutes: float = 10.0
    """How long hyper-parameters are sought, for all models and folds together."""
    measure: str = "NDCG@10"
    """What is chosen by."""
    refit: bool = False
    """Whether models are also learned from training and validation together, and reported beside."""
    seed: int = 0
    storage: str | None = None
    """Where trials are kept, as an SQLAlchemy address; None forgets them."""

    def __post_init__(self) -> None:
        if not self.minutes > 0:
            raise InputError(f"minutes={self.minutes:g}; expected more than 0: how long hyper-parameters are sought")
        if self.measure not in MEASURES:
            raise InputError(f"measure={self.measure!r}; expected one of {', '.join(MEASURES)}")


def evaluate_recommend(
    splits: Sequence[Split],
    plan: Plan,
    progress: Progress,
    vectors: Vectors | None = None,
    features: Vectors | None = None,
    place: Place = HERE,
) -> RecommendReport:
    """Tune each model on the validation of each split, fit the blend there, and ask the test once.

    Several splits are folds: each chooses for itself, and all their questions make one table.
    `vectors` is (n_items, dim), of length 1, by row; with it the lists' diversity is measured. `features` are those of
    `item_features`, for models that read what is known of items beside behaviour. Models are fitted in `place`; lists
    and the blend are made here, where latency is measured.
    Raises InputError without splits.
    """
    if not splits:
        raise InputError("no split to evaluate; give one, or one a fold")
    rounds = [_round(split, plan, plan.minutes / len(splits), progress, features, place) for split in splits]
    users = np.concatenate([split.test_users for split in splits])
    names = [name for name in rounds[0].lists if all(name in one.lists for one in rounds)]
    values = {name: _joined([one.values(name) for one in rounds]) for name in names}
    leader = BLEND if BLEND in names else _best_on_validation(rounds[0], names)
    return RecommendReport(
        n_users=len(np.unique(users)),
        n_questions=len(users),
        models={name: _means(values[name]) | _of_all(rounds, name, vectors) for name in names},
        intervals={name: intervals(values[name], users, seed=plan.seed) for name in names},
        fit_s={name: float(np.mean([one.fit_s[name] for one in rounds])) for name in names},
        latency_ms={name: _percentiles([one.times_ms[name] for one in rounds]) for name in names},
        chosen=_chosen(rounds, plan.measure),
        comparisons={
            name: compare(values[leader][plan.measure], values[name][plan.measure], users, seed=plan.seed)
            for name in names
            if name != leader
        },
        protocol=_protocol(splits, plan, leader),
        skipped={name: why for one in rounds for name, why in one.tuning.skipped.items()},
        refitted={name: _means(_joined([one.again[name] for one in rounds])) for name in names if rounds[0].again},
    )


@dataclass(frozen=True, slots=True)
class _Round:
    """What came of one split."""

    split: Split
    tuning: Tuning
    fused: "_Fused | None"
    lists: Mapping[str, NDArray[np.int64]]
    fit_s: Mapping[str, float]
    times_ms: Mapping[str, NDArray[np.float64]]
    again: Mapping[str, Values]

    def values(self, name: str) -> dict[str, NDArray[np.float64]]:
        """Each measure of each question for one model."""
        return _measured(self.lists[name], self.split.test)


def _round(
    split: Split, plan: Plan, minutes: float, progress: Progress, features: Vectors | None, place: Place
) -> _Round:
    bench = make_bench(split, plan.measure, plan.seed, plan.storage, features)
    tuning = tune(plan.kinds, bench, minutes=minutes, progress=progress, place=place)
    fused = _fuse(tuning.found, split, plan, progress) if plan.blend else None
    anew = _refitted(tuning.found, split, plan, progress, features, place) if split.refits or plan.refit else {}
    first = {one.kind.name: (one.model, one.fit_s) for one in tuning.found}
    tested, log = (anew, split.full) if split.refits else (first, split.train)
    models = _with_blend({name: model for name, (model, _) in tested.items()}, fused, log)
    lists, times_ms = {}, {}
    for done, (name, model) in enumerate(models.items()):
        progress("test", done, len(models))
        lists[name] = _lists(model, split, plan.seed)
        times_ms[name] = _times_ms(model, split.test, plan.seed)
    progress("test", len(models), len(models))
    again = {}
    if plan.refit:
        refitted = _with_blend({name: model for name, (model, _) in anew.items()}, fused, split.full)
        again = {name: _measured(_lists(model, split, plan.seed), split.test) for name, model in refitted.items()}
    fit_s = {name: seconds for name, (_, seconds) in tested.items()} | dict(fused.fit_s if fused else {})
    return _Round(split, tuning, fused, lists, fit_s, times_ms, again)


@dataclass(frozen=True, slots=True)
class _Fused:
    """All models as one, of those that were fitted on the training part."""

    blend: Blend
    learned: LearnedBlend
    fit_s: Mapping[str, float]


def _fuse(found: Iterable[Tuned], split: Split, plan: Plan, progress: Progress) -> _Fused | None:
    members = [one.model for one in found if one.kind.name != ALWAYS[0]]
    if not members:
        return None
    began = perf_counter()
    chosen_by = _read_measure(plan.measure)
    most = max(FEWEST, min(MOST, BLEND_SCORES // max(1, split.train.n_items)))
    pool = make_pool(
        members,
        split.validation,
        max_users=most,
        seed=plan.seed,
        progress=lambda done, total: progress("blend", done, total),
    )
    blend = fit_blend(members, pool, measure=chosen_by)
    linear_s = perf_counter() - began
    own = pool.of([members.index(member.model) for member in blend.members])
    facts = ItemFacts.of(split.train)
    learned = learn_blend(blend, own, facts, split.validation, measure=chosen_by, seed=plan.seed)
    whole_s = perf_counter() - began
    return _Fused(blend, learned, {BLEND: whole_s} | ({LINEAR_BLEND: linear_s} if learned.ranker else {}))


def _read_measure(name: str) -> Measure:
    kind, _, k = name.partition("@")
    return Measure(cast(Kind, kind), int(k))


def _with_blend(models: Mapping[str, Recommender], fused: _Fused | None, log: Interactions) -> dict[str, Recommender]:
    """The models, learned from `log`, and the blend with them as its members."""
    if fused is None:
        return dict(models)
    blend, ranker = fused.blend.using(*models.values()), fused.learned.ranker
    if ranker is None:
        return {**models, BLEND: blend}
    return {**models, LINEAR_BLEND: blend, BLEND: RankedBlend(blend, ranker.trees, ItemFacts.of(log), ranker.share)}


def _refitted(
    found: Sequence[Tuned], split: Split, plan: Plan, progress: Progress, features: Vectors | None, place: Place
) -> dict[str, tuple[Recommender, float]]:
    """Each model learned from training and validation together, and the seconds it took."""
    progress("learn anew", 0, len(found))
    number = count(1)
    anew = refit_all(
        found,
        split.full,
        plan.seed,
        features,
        place=place,
        done=lambda: progress("learn anew", next(number), len(found)),
    )
    return {one.kind.name: learned for one, learned in zip(found, anew, strict=True)}


def _lists(model: Recommender, split: Split, seed: int) -> NDArray[np.int64]:
    return rank_holdout(model.score, split.test, max(CUTOFFS), split.train.n_items, seed)


def _measured(lists: NDArray[np.int64], holdout: Holdout) -> dict[str, NDArray[np.float64]]:
    values = measure(lists, holdout.relevant, CUTOFFS)
    return {name: values[name] for name in MEASURES}


def _times_ms(model: Recommender, holdout: Holdout, seed: int) -> NDArray[np.float64]:
    """Milliseconds of single questions, after one to warm up."""
    asked = np.random.default_rng(seed).integers(0, len(holdout), TIMED + 1)
    times = []
    for at in asked:
        began = perf_counter()
        model.recommend([holdout.histories[at]], SHOWN, [holdout.excluded[at]])
        times.append((perf_counter() - began) * 1_000)
    return np.array(times[1:])


def _percentiles(times_ms: Sequence[NDArray[np.float64]]) -> dict[str, float]:
    every = np.concatenate(times_ms)
    return {name: round(float(np.percentile(every, at)), 3) for name, at in (("p50", 50), ("p99", 99))}


def _joined(parts: Sequence[Values]) -> dict[str, NDArray[np.float64]]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _means(values: Values) -> dict[str, float]:
    return {name: float(of.mean()) for name, of in values.items()}


def _of_all(rounds: Sequence[_Round], name: str, vectors: Vectors | None) -> dict[str, float]:
    lists = np.concatenate([one.lists[name][:, :SHOWN] for one in rounds])
    train = rounds[0].split.train
    told = {
        f"coverage@{SHOWN}": coverage(lists, train.n_items),
        f"Gini@{SHOWN}": gini(lists, train.n_items),
        f"novelty@{SHOWN}": novelty(lists, np.bincount(train.rows, minlength=train.n_items)),
    }
    return told if vectors is None else told | {f"diversity@{SHOWN}": diversity(lists, vectors)}


def _best_on_validation(one: _Round, names: Sequence[str]) -> str:
    return max(
        (tuned for tuned in one.tuning.found if tuned.kind.name in names), key=lambda tuned: tuned.value
    ).kind.name


def _chosen(rounds: Sequence[_Round], measured: str) -> dict[str, Any]:
    told = [_choices(one, measured) for one in rounds]
    return told[0] if len(told) == 1 else {name: [one.get(name) for one in told] for name in told[0]}


def _choices(one: _Round, measured: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        tuned.kind.name: {
            "params": _finite(tuned.params) | ({"epochs": tuned.epochs} if tuned.epochs else {}),
            f"validation {measured}": round(tuned.value, 5),
            "trials": tuned.n_trials,
        }
        for tuned in one.tuning.found
    }
    if one.fused is not None:
        members = one.fused.blend.members
        told[BLEND] = {
            "weights": {member.model.name: member.weight for member in members},
            "norms": {member.model.name: member.norm for member in members},
            "trees": one.fused.learned.reason,
        }
        told[BLEND] |= {
            f"validation {name}": round(value, 5) for name, value in one.fused.blend.quality.items() if BLEND in name
        }
    return told


def _finite(params: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with "inf" for what JSON has no number."""
    return {name: str(value) if value == math.inf else value for name, value in params.items()}


def _protocol(splits: Sequence[Split], plan: Plan, leader: str) -> dict[str, object]:
    first = splits[0]
    told = {name: value for name, value in first.protocol.items() if name != "fold"}
    return told | {
        "n_items": first.train.n_items,
        "n_events": len(first.full),
        "n_train": len(first.full if first.refits else first.train),
        "learned_from": "training and validation" if first.refits else "training",
        "n_validation_questions": len(first.validation),
        "candidates": "the whole catalogue",
        "ties": "random",
        "chosen_by": f"validation {plan.measure}",
        "compared": leader,
        "minutes": plan.minutes,
        "seed": plan.seed,
    }
