"""Which hyper-parameters are best on validation, within a time that somebody is willing to wait."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Any
from zlib import crc32

from aisle.cluster.place import HERE, Hear, Place, Sent
from aisle.errors import InputError
from aisle.evaluation.rankings import measure, rank_holdout
from aisle.evaluation.splits import Split, thin
from aisle.recommenders.models import ModelKind
from aisle.recommenders.protocol import Holdout, Interactions, Recommender
from aisle.types import Vectors

if TYPE_CHECKING:
    from optuna import Study

Progress = Callable[[str, int, int], None]
"""Hears of the stage, how much of it is done, and how much there is in all."""
MAX_TRIALS = 60
N_RANDOM = 6
"""Trials before TPE proposes, the defaults among them."""
PATIENCE = 20
"""Trials without a better one after which a model is left alone."""
SCORES_A_TRIAL = 120_000_000
"""How many questions a trial is judged on: so many times the number of items make this many scores."""
FEWEST, MOST = 2_000, 20_000
"""Questions that a trial is judged on, whatever the catalogue."""
EPOCHS_SHARE = 6.0
"""Time for a model that learns in epochs, next to one that does not."""
_OPENING = Lock()
"""Models that are tuned side by side must not make the tables of trials at once."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """A model with the hyper-parameters that were best on validation."""

    kind: ModelKind
    model: Recommender
    """Fitted on the training part."""
    params: Mapping[str, Any]
    """Of the model's search space, and what this log needs; the others are its defaults."""
    value: float
    """The measure on validation."""
    n_trials: int
    """How many settings were tried, those of earlier runs included."""
    fit_s: float
    epochs: int = 0
    """The best epoch, for a model that learns in epochs."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """What tuning is done on, and what came of it."""

    found: tuple[Tuned, ...]
    skipped: Mapping[str, str] = field(default_factory=dict)
    """By model, why it could not learn."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Where settings are tried: the same for all models."""

    train: Interactions
    holdout: Holdout
    """The questions that a trial is judged on: a sample of the validation."""
    measure: str = "NDCG@10"
    seed: int = 0
    storage: str | None = None
    """SQLAlchemy address where trials are kept, so that a later run goes on; None forgets them."""
    features: Vectors | None = None
    """(n_items, width) float32 of `item_features`, for models that read them."""


def make_bench(
    split: Split, measure: str, seed: int, storage: str | None = None, features: Vectors | None = None
) -> Bench:
    """Where settings for `split` are tried."""
    most = max(FEWEST, min(MOST, SCORES_A_TRIAL // max(1, split.train.n_items)))
    return Bench(split.train, thin(split.validation, most, seed), measure, seed, storage, features)


def tune(
    kinds: Sequence[ModelKind],
    bench: Bench,
    *,
    minutes: float,
    progress: Progress,
    search: bool = True,
    place: Place = HERE,
) -> Tuning:
    """The best settings found for each of `kinds` in `minutes` of all of them together.

    Each model tries its defaults first, so that none ends worse than them, however short the time;
    then Optuna's TPE (Bergstra et al., NeurIPS 2011) proposes. What one model leaves of its share goes to
    those after it. Models that learn in epochs come last and get six times the share of others.
    Without `search` the defaults alone are fitted. In a `place` that does several things at once all models are
    tuned side by side, each in the whole time; the trials of one follow each other, because each proposal learns
    from those before. Raises InputError unless minutes > 0.
    """
    if not minutes > 0:
        raise InputError(f"minutes={minutes:g}; expected more than 0: how long hyper-parameters are sought")
    order = sorted(kinds, key=lambda kind: kind.in_epochs)
    ends = perf_counter() + minutes * 60
    attempt = place.sent(_attempt, bench)

    def tuned(at: int) -> Tuned | InputError:
        among = order[at:] if place.n_at_once == 1 else order[at : at + 1]
        shares = [_share(kind) for kind in among]
        seconds = max(0.0, ends - perf_counter()) * shares[0] / max(sum(shares), 1e-9)
        try:
            return tune_model(order[at], bench, seconds, progress, search=search, attempt=attempt)
        except InputError as error:
            return error

    found = place.each(tuned, range(len(order)))
    skipped = {kind.name: str(one) for kind, one in zip(order, found, strict=True) if isinstance(one, InputError)}
    return Tuning(tuple(one for one in found if isinstance(one, Tuned)), skipped)


def tune_model(
    kind: ModelKind,
    bench: Bench,
    seconds: float,
    progress: Progress,
    *,
    search: bool = True,
    attempt: Sent | None = None,
) -> Tuned:
    """The best settings found for one model in about `seconds`, its defaults at least.

    `attempt` fits and judges settings on `bench` in some place; else that is done here. Raises InputError when the
    model cannot learn these interactions at all.
    """
    if kind.max_items is not None and bench.train.n_items > kind.max_items:
        raise InputError(f"{bench.train.n_items:,} items; {kind.name} takes at most {kind.max_items:,}")
    stage = f"tune {kind.name}"

    def heard(done_s: float) -> None:
        progress(stage, min(round(done_s * 10), round(seconds * 10) - 1), round(seconds * 10))

    began = perf_counter()
    heard(0)
    study = _study(kind, bench)
    trials = _Trials(kind, bench, study, attempt or HERE.sent(_attempt, bench))
    best = trials.first(seconds, lambda: heard(perf_counter() - began))
    last_s, lacking = best.fit_s, 0
    while search and trials.n < MAX_TRIALS and lacking < PATIENCE and not _is_fixed(kind):
        left_s = seconds - (perf_counter() - began)
        if left_s <= last_s:
            break
        started = perf_counter()
        tried = trials.next(left_s, lambda: heard(perf_counter() - began))
        last_s = perf_counter() - started
        lacking = 0 if tried is not None and tried.value > best.value else lacking + 1
        best = tried if tried is not None and tried.value > best.value else best
        heard(perf_counter() - began)
    progress(stage, 1, 1)
    return Tuned(best.kind, best.model, best.params, best.value, trials.n, best.fit_s, best.epochs)


def fit(
    kind: ModelKind,
    params: Mapping[str, Any],
    interactions: Interactions,
    *,
    seed: int = 0,
    holdout: Holdout | None = None,
    seconds: float = math.inf,
    features: Vectors | None = None,
    heard: Callable[[], None] = lambda: None,
) -> Recommender:
    """The model with these settings, fitted; with a `holdout` a model that learns in epochs stops early on it.

    `features`, (n_items, width) float32, are what models that read them are told of items.
    """
    given = dict(params)
    if "seed" in kind.defaults:
        given["seed"] = seed
    if features is not None and "features" in kind.defaults:
        given["features"] = features
    if not kind.in_epochs:
        return kind.make(**given).fit(interactions)
    learner: Any = kind.make(**given, budget_s=max(seconds, 1.0))
    fitted: Recommender = learner.fit(interactions, holdout=holdout, progress=lambda _: heard())
    return fitted


def refit(
    tuned: Tuned, interactions: Interactions, seed: int = 0, features: Vectors | None = None
) -> tuple[Recommender, float]:
    """The same model, learned anew from other interactions as long as was best before, and the seconds it took."""
    return refit_all([tuned], interactions, seed, features)[0]


def refit_all(
    found: Sequence[Tuned],
    interactions: Interactions,
    seed: int = 0,
    features: Vectors | None = None,
    *,
    place: Place = HERE,
    done: Callable[[], None] = lambda: None,
) -> list[tuple[Recommender, float]]:
    """`refit` of each, in `place`; `done` is called after each."""
    learn = place.sent(_learn_again, interactions, seed, features)

    def again(tuned: Tuned) -> tuple[Recommender, float]:
        params = {**tuned.params, **({"epochs": tuned.epochs} if tuned.epochs else {})}
        learned: tuple[Recommender, float] = learn(tuned.kind, params)
        done()
        return learned

    return place.each(again, found)


def _learn_again(
    interactions: Interactions,
    seed: int,
    features: Vectors | None,
    kind: ModelKind,
    params: Mapping[str, Any],
    tell: Hear,
) -> tuple[Recommender, float]:
    began = perf_counter()
    return fit(kind, params, interactions, seed=seed, features=features, heard=tell), perf_counter() - began


def judge(model: Recommender, bench: Bench) -> float:
    """The measure of the bench, on its holdout."""
    k = int(bench.measure.partition("@")[2])
    lists = rank_holdout(model.score, bench.holdout, k, bench.train.n_items, bench.seed)
    return float(measure(lists, bench.holdout.relevant, [k])[bench.measure].mean())


def _attempt(
    bench: Bench, kind: ModelKind, params: Mapping[str, Any], seconds: float, tell: Hear
) -> tuple[Recommender, float, float]:
    """The model with these settings, its measure, and the seconds it took to learn."""
    began = perf_counter()
    model = fit(
        kind,
        params,
        bench.train,
        seed=bench.seed,
        holdout=bench.holdout,
        seconds=seconds,
        features=bench.features,
        heard=tell,
    )
    fit_s = perf_counter() - began
    return model, judge(model, bench), fit_s


class _Trials:
    """The settings of one model, tried one after another."""

    def __init__(self, kind: ModelKind, bench: Bench, study: "Study | None", attempt: Sent) -> None:
        self.kind, self.bench, self.study, self.attempt = kind, bench, study, attempt
        self.n = _n_tried(study) if study is not None else 0

    def first(self, seconds: float, heard: Callable[[], None]) -> Tuned:
        """The best of earlier runs, or the defaults."""
        from optuna.trial import FixedTrial, TrialState  # noqa: PLC0415  half a second to import

        if self.study is not None and (done := self.study.get_trials(states=[TrialState.COMPLETE])):
            best = max(done, key=lambda trial: trial.value or 0.0)
            return self._try(self.kind.space(FixedTrial(best.params)), seconds, heard)
        if self.study is None:
            self.n = 1
            return self._try({}, seconds, heard)
        defaults = {name: self.kind.defaults[name] for name in self._names()}
        for start in ({}, *self.kind.starts):
            self.study.enqueue_trial({**defaults, **start}, skip_if_exists=True)
        return self._asked(self.study, seconds, heard)

    def next(self, seconds: float, heard: Callable[[], None]) -> Tuned | None:
        """What comes of the next proposal; None when the model refuses it, or when there is nothing to propose."""
        try:
            return None if self.study is None else self._asked(self.study, seconds, heard)
        except InputError:
            return None

    def _asked(self, study: "Study", seconds: float, heard: Callable[[], None]) -> Tuned:
        from optuna.trial import TrialState  # noqa: PLC0415

        trial = study.ask()
        self.n += 1
        try:
            tried = self._try(self.kind.space(trial), seconds, heard)
        except InputError:
            study.tell(trial, state=TrialState.FAIL)
            raise
        study.tell(trial, tried.value)
        return tried

    def _try(self, params: Mapping[str, Any], seconds: float, heard: Callable[[], None]) -> Tuned:
        params = {**params, **self.kind.fit_to(self.bench.train)}
        model, value, fit_s = self.attempt(self.kind, params, seconds, hear=heard)
        epochs = getattr(getattr(model, "learned_", None), "best", 0)
        return Tuned(self.kind, model, dict(params), value, self.n, fit_s, epochs)

    def _names(self) -> list[str]:
        return list(self.kind.space(_Defaults(self.kind.defaults)))


class _Defaults:
    """A trial that draws the defaults, and remembers where it was asked to draw from."""

    def __init__(self, defaults: Mapping[str, Any]) -> None:
        self.defaults = defaults
        self.asked: list[tuple[object, ...]] = []

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        self.asked.append((name, low, high, log))
        return float(self.defaults[name])

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        self.asked.append((name, low, high, log))
        return int(self.defaults[name])

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        self.asked.append((name, *choices))
        return self.defaults[name]


def _share(kind: ModelKind) -> float:
    if _is_fixed(kind):
        return 0.0
    return EPOCHS_SHARE if kind.in_epochs else 1.0


def _is_fixed(kind: ModelKind) -> bool:
    """Whether there is nothing to choose."""
    return not kind.space(_Defaults(kind.defaults))


def _study(kind: ModelKind, bench: Bench) -> "Study | None":
    """The trials of this model on these data and with this code; None where there is nothing to choose."""
    if _is_fixed(kind):
        return None
    import optuna  # noqa: PLC0415  half a second to import

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    asked = _Defaults(kind.defaults)
    kind.space(asked)
    # Trials of other data, of another space or of another Aisle tell nothing here.
    marks = f"{_fingerprint(bench):08x} {crc32(repr(asked.asked).encode()):08x} {metadata.version('aisle')}"
    name = f"{kind.name} {bench.measure} {marks}"
    with _OPENING:
        study = optuna.create_study(
            study_name=name, storage=bench.storage, load_if_exists=True, direction="maximize", sampler=None
        )
    # A run that goes on must not draw what the earlier one drew.
    study.sampler = optuna.samplers.TPESampler(n_startup_trials=N_RANDOM, seed=bench.seed + _n_tried(study))
    return study


def _n_tried(study: "Study") -> int:
    """How many settings were tried; those that only wait for their turn do not count."""
    return sum(trial.state.is_finished() for trial in study.get_trials(deepcopy=False))


def _fingerprint(bench: Bench) -> int:
    train = bench.train
    mark = crc32(f"{train.n_users} {train.n_items} {len(bench.holdout)} {bench.seed}".encode())
    told = () if bench.features is None else (bench.features,)
    for part in (train.users, train.rows, train.weights, *told):
        mark = crc32(part.tobytes(), mark)
    return mark
