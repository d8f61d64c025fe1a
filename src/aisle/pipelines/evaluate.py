"""From what is in the store to how good search and recommendations are, and to better hyper-parameters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aisle.cluster import HERE, Place
from aisle.errors import InputError
from aisle.evaluation import SearchReport, evaluate_search
from aisle.evaluation.logs import Log, build_log, read_test
from aisle.evaluation.protocols import Protocol, check_protocol, make_splits, usual_measure, usual_names
from aisle.evaluation.recommend import Plan, evaluate_recommend
from aisle.evaluation.recommend_report import RecommendReport
from aisle.evaluation.splits import Seen
from aisle.evaluation.tuning import Tuning, make_bench, tune
from aisle.pipelines.ingest import Progress
from aisle.recommenders.item_features import item_features
from aisle.recommenders.models import BLEND, chosen_kinds
from aisle.recommenders.tuned import write_tuned
from aisle.releases import Release
from aisle.settings import Settings
from aisle.sources import read_judgments
from aisle.store import Store
from aisle.types import Judgment, Rejected, Vectors

Find = Callable[[str, int], Sequence[tuple[str, float]]]
"""The item ids and scores that answer a query, at most so many, best first."""


@dataclass(frozen=True, slots=True)
class Question:
    """How recommendations are judged: see `Shop.evaluate_recommend`."""

    protocol: Protocol = "leave-one-out"
    test: str | None = None
    models: Sequence[str] = ()
    minutes: float = 10.0
    seen: Seen | None = None
    refit: bool = False
    folds: int = 5
    seed: int = 0


def judge_search(
    store: Store, find: Find, judgments: str | None, queries: str | None, k: int, progress: Progress
) -> SearchReport:
    """How good `find` is on the judgments of a feed, or on the store's. Raises InputError without any."""
    if judgments is None:
        graded = [Judgment(*row) for row in store.judgments_frame().iter_rows()]
        if not graded:
            raise InputError("the store holds no judgments; name a file of them, or run: aisle ingest judgments")
    else:
        graded = list(read_judgments(judgments, reject=_refuse, queries=queries))
    return evaluate_search(find, graded, k, progress=lambda done, total: progress("evaluate", done, total))


def judge_recommend(
    store: Store,
    settings: Settings,
    folder: Path,
    release: Release | None,
    asked: Question,
    progress: Progress,
    place: Place = HERE,
) -> RecommendReport:
    """How well models, and their blend, foresee what users chose: everything chosen on validation, the test asked once.

    `release` knows the items' texts, where there is one; models are fitted in `place`. Raises InputError for an unknown
    name, a test that cannot be read, and too few events or users.
    """
    check_protocol(asked.protocol, asked.test, asked.seen)
    kinds = chosen_kinds(asked.models)
    log = _log(store, settings, folder, asked)
    splits = make_splits(asked.protocol, log, seen=asked.seen, seed=asked.seed, folds=asked.folds)
    names = tuple(asked.models) or usual_names(splits[0], log)
    plan = Plan(
        kinds if asked.models else chosen_kinds(names),
        blend=BLEND in names,
        minutes=asked.minutes,
        measure=usual_measure(splits[0]),
        refit=asked.refit,
        seed=asked.seed,
        storage=_trials(folder),
    )
    return evaluate_recommend(splits, plan, progress, *_known_of(release, log.item_ids), place=place)


def tune_recommend(
    store: Store,
    settings: Settings,
    folder: Path,
    release: Release | None,
    asked: Question,
    progress: Progress,
    place: Place = HERE,
) -> Tuning:
    """Seek the best hyper-parameters on validation, and keep them in tuned.json of the shop's `folder`.

    Settings are tried in `place`. The test part of the protocol is not looked at. Raises InputError as
    `judge_recommend` does.
    """
    check_protocol(asked.protocol, None, None)
    if asked.protocol == "cross-validation":
        raise InputError("cross-validation has no validation of its own to tune on; use leave-one-out or time-split")
    kinds = chosen_kinds(asked.models)
    log = _log(store, settings, folder, asked)
    split = make_splits(asked.protocol, log, seed=asked.seed)[0]
    kinds = kinds if asked.models else chosen_kinds(usual_names(split, log))
    _, features = _known_of(release, log.item_ids)
    bench = make_bench(split, usual_measure(split), asked.seed, _trials(folder), features)
    tuning = tune(kinds, bench, minutes=asked.minutes, progress=progress, place=place)
    write_tuned(folder, {one.kind.name: one.params for one in tuning.found if one.params})
    return tuning


def _trials(folder: Path) -> str:
    return f"sqlite:///{folder.resolve() / 'tuning.db'}"


def _log(store: Store, settings: Settings, folder: Path, asked: Question) -> Log:
    """The store's events, and those of the test file. Raises InputError without any."""
    test = read_test(asked.test, settings.sources.events) if asked.test else None
    events = store.events_frame()
    if events.is_empty():
        raise InputError(f"the shop in {folder} has no events; run: aisle ingest events FILE")
    keep_times = asked.protocol == "time-split"
    return build_log(events, store.item_ids(), settings.recommend, test, keep_times=keep_times)


def _known_of(release: Release | None, item_ids: Sequence[str]) -> tuple[Vectors | None, Vectors | None]:
    """The vector of each item's text, and its features; 0s for one that the release lacks. None before a build."""
    if release is None:
        return None, None
    rows = [release.catalogue.row(item_id) for item_id in item_ids]
    vectors = np.zeros((len(rows), release.index.vectors.shape[1]), np.float32)
    for place, row in enumerate(rows):
        if row is not None:
            vectors[place] = release.index.vectors[row]
    items = [None if row is None else release.catalogue.item(row) for row in rows]
    return vectors, item_features(items, vectors)


def _refuse(row: Rejected) -> None:
    raise InputError(f"{row.source}, line {row.line}: {row.reason}; evaluation needs every judgment to be good")
