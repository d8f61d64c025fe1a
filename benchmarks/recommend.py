"""Recommender models on public data: every model, their blend, what was published, what must be reached.

python benchmarks/recommend.py ../shared/datasets --sets beauty,ml1m_topn --minutes 30 --results FOLDER [--publish]

Settings are sought on validation, `--minutes` for each set, and the test is asked once. Each model learns in a
process of its own, whose memory is measured. What is done is kept in `--results`: a run that was broken off goes
on, sets can be run one after another, and --publish writes all that is there.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from recommend_data import SETS, DataSet, data_set, on_validation
from report import environment, publish, table

from aisle.evaluation.rankings import coverage, measure, rank_holdout
from aisle.evaluation.significance import compare, intervals
from aisle.evaluation.splits import Split, thin
from aisle.evaluation.tuning import Bench, Tuned, fit, judge, make_bench, refit, tune_model
from aisle.ranking.blend import Blend
from aisle.ranking.blend_features import ItemFacts
from aisle.ranking.blend_fitting import fit_blend
from aisle.ranking.blend_learning import learn_blend
from aisle.ranking.pool import Measure, make_pool
from aisle.ranking.ranked_blend import RankedBlend
from aisle.recommenders.models import ALWAYS, model_kind
from aisle.recommenders.protocol import Recommender

BLEND, LEARNED = "blend", "blend with learned ranker"
EPOCHS_SHARE = 6
"""Time for a model that learns in epochs, next to one that does not."""
TIMED = 300
MAX_USERS = 20_000
"""Questions of validation that weights are fitted on."""
SEED = 0
SETTINGS = Path(__file__).with_name("recommend_settings.json")
"""Found on validation by searches of an earlier run: by data set and model."""
Lists = NDArray[np.int64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder that holds the data sets")
    parser.add_argument("--sets", default=",".join(one.name for one in SETS), help="data sets, by name")
    parser.add_argument("--models", default="", help="models to fit; default: those that suit each set")
    parser.add_argument("--minutes", type=float, default=30.0, help="search for hyper-parameters, for each set")
    parser.add_argument("--results", type=Path, default=Path("recommend-results"), help="where results are kept")
    parser.add_argument("--models-from", type=Path, help="folder SET/MODEL.npz of models fitted on training parts")
    parser.add_argument("--on-validation", action="store_true", help="report validation; leaves the test alone")
    parser.add_argument("--search", action="store_true", help="seek settings anew, also where they were found before")
    parser.add_argument("--fit-only", action="store_true", help="fit models and stop: the test is asked another time")
    parser.add_argument("--refit", action="store_true", help="also learn from training and validation, beside")
    parser.add_argument("--publish", action="store_true", help="write the tables to docs/benchmarks.md")
    asked = parser.parse_args()
    for name in filter(None, asked.sets.split(",")):
        chosen = data_set(name)
        if asked.models:
            chosen = replace(chosen, models=tuple(asked.models.split(",")))
        run_set(chosen, asked)
    text = "\n\n".join([environment(), *(told for one in SETS if (told := report(one, asked)))])
    print(text)
    if asked.publish:
        publish("recommend", text)


def run_set(chosen: DataSet, asked: argparse.Namespace) -> None:
    """Fit what is not fitted yet, each model in its own process, then measure all in another."""
    kinds = [model_kind(name) for name in (*ALWAYS, *chosen.models)]
    shares = {kind.name: EPOCHS_SHARE if kind.in_epochs else 1 for kind in kinds}
    for kind in sorted(kinds, key=lambda kind: kind.in_epochs):
        seconds = 60 * asked.minutes * shares[kind.name] / sum(shares.values())
        if not (model_folder(asked, chosen.name, kind.name) / "told.json").exists():
            alone(learn_one, chosen, kind.name, seconds, asked)
    if not asked.fit_only:
        alone(measure_all, chosen, asked)


def alone(work: Any, *given: Any) -> None:
    """Do `work` in a process of its own; go on without it where it fails."""
    process = get_context("spawn").Process(target=work, args=given)
    process.start()
    process.join()
    if process.exitcode:
        say(f"{work.__name__} {given[1]} on {given[0].name} failed, exit status {process.exitcode}")


def learn_one(chosen: DataSet, name: str, seconds: float, asked: argparse.Namespace) -> None:
    """Seek settings for one model; keep it, fitted on the training part and, where the set says so, on all of it."""
    began = time.perf_counter()
    split = chosen.read(asked.data)
    bench = make_bench(split, chosen.chosen_by, SEED)
    folder = model_folder(asked, chosen.name, name)
    given = asked.models_from / chosen.name if asked.models_from else None
    found = json.loads(SETTINGS.read_text()).get(chosen.name, {}).get(name)
    if given and (given / f"{name}.npz").exists():
        tuned = fitted_before(given, name, chosen)
    elif found is not None and not asked.search:
        tuned = with_settings(name, found, bench, seconds)
    else:
        tuned = tune_model(model_kind(name), bench, seconds, lambda *_: None)
    tuned.model.save(folder)
    told = {
        "params": {key: str(value) if value == float("inf") else value for key, value in tuned.params.items()},
        "epochs": tuned.epochs,
        "validation": tuned.value,
        "trials": tuned.n_trials,
        "fit_s": tuned.fit_s,
    }
    if split.refits or asked.refit:
        if given and (given / "full" / f"{name}.npz").exists():
            model = model_kind(name).make.load(given / "full")  # type: ignore[attr-defined]
        else:
            model, told["refit_s"] = refit(tuned, split.full, SEED)
        model.save(folder / "full")
    told["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    (folder / "told.json").write_text(json.dumps(told, indent=1))
    say(f"{chosen.name} {name}: {chosen.chosen_by} {tuned.value:.4f} on validation, "
        f"fit {tuned.fit_s:.1f} s, all {time.perf_counter() - began:.0f} s")  # fmt: skip


def fitted_before(given: Path, name: str, chosen: DataSet) -> Tuned:
    """A model of `--models-from`, with what MODEL.json beside it says: opts, best (epoch), cpu_s, validation."""
    path = given / f"{name}.json"
    told = json.loads(path.read_text()) if path.exists() else {}
    kind = model_kind(name)
    model: Any = kind.make.load(given)  # type: ignore[attr-defined]
    value = told.get("validation", {}).get(chosen.chosen_by, float("nan"))
    return Tuned(kind, model, told.get("opts", {}), value, 1, told.get("cpu_s", float("nan")), told.get("best", 0))


def with_settings(name: str, found: Mapping[str, Any], bench: Bench, seconds: float) -> Tuned:
    """The model by settings that an earlier search found on validation."""
    kind = model_kind(name)
    began = time.perf_counter()
    model = fit(kind, found, bench.train, seed=SEED, holdout=bench.holdout, seconds=seconds)
    fit_s = time.perf_counter() - began
    epochs = getattr(getattr(model, "learned_", None), "best", 0)
    return Tuned(kind, model, found, judge(model, bench), 1, fit_s, epochs)


def measure_all(chosen: DataSet, asked: argparse.Namespace) -> None:
    """Fit the blend and the ranker over it on validation, then ask the test."""
    split = chosen.read(asked.data)
    if asked.on_validation:
        split = on_validation(split)
    models = load_all(chosen, asked, "")
    told: dict[str, Any] = {name: json.loads((model_folder(asked, chosen.name, name) / "told.json").read_text())
                            for name in models}  # fmt: skip
    members = [model for name, model in models.items() if name != ALWAYS[0]]
    kind, _, k = chosen.chosen_by.partition("@")
    chosen_by = Measure(kind, int(k))  # type: ignore[arg-type]
    began = time.perf_counter()
    pool = make_pool(members, split.validation, depth=chosen.depth, max_users=MAX_USERS, seed=SEED)
    say(f"{chosen.name} pool of {len(pool.rows):,} users x {pool.rows.shape[1]} candidates, "
        f"{time.perf_counter() - began:.0f} s")  # fmt: skip
    blend = fit_blend(members, pool, measure=chosen_by)
    told[BLEND] = {
        "fit_s": time.perf_counter() - began,
        "validation": blend.quality[f"{chosen_by}, blend"],
        "weights": {member.model.name: [member.weight, member.norm] for member in blend.members},
    }
    say(f"{chosen.name} {told[BLEND]}")
    own = pool.of([members.index(member.model) for member in blend.members])
    del pool
    began = time.perf_counter()
    learned = learn_blend(blend, own, ItemFacts.of(split.train), split.validation, measure=chosen_by, seed=SEED)
    told[LEARNED] = {"fit_s": time.perf_counter() - began, "validation": learned.after, "reason": learned.reason}
    say(f"{chosen.name} learned: {learned.reason}")
    tested = all_with(models, blend, learned.ranker)
    again = {}
    if split.refits or asked.refit:
        again = all_with(load_all(chosen, asked, "full"), blend, learned.ranker, ItemFacts.of(split.full))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told[BLEND]["peak_mb"] = told[LEARNED]["peak_mb"] = peak
    result = {
        "title": chosen.title,
        "protocol": {**split.protocol, "n_items": split.train.n_items, "n_train": len(split.train)},
        "n_questions": len(split.test),
        "told": told,
        "tested": judged(again if split.refits else tested, split, chosen),
        "again": judged(again, split, chosen) if again and not split.refits else {},
        "on_validation": asked.on_validation,
    }
    (asked.results / f"{chosen.name}.json").write_text(json.dumps(result, indent=1, default=float))


def all_with(
    models: Mapping[str, Recommender], blend: Blend, ranker: RankedBlend | None, facts: ItemFacts | None = None
) -> dict[str, Recommender]:
    """The models, the blend of them and the ranker over it."""
    own = blend.using(*models.values())
    found: dict[str, Recommender] = {**models, BLEND: own}
    if ranker is not None:
        found[LEARNED] = RankedBlend(own, ranker.trees, facts or ranker.facts_, ranker.share)
    return found


def judged(models: Mapping[str, Recommender], split: Split, chosen: DataSet) -> dict[str, Any]:
    """What each model reaches on the test, with intervals, latency, and the blend's lead over it."""
    values, found = {}, {}
    for name, model in models.items():
        began = time.perf_counter()
        lists = rank_holdout(model.score, split.test, 20, split.train.n_items, SEED)
        values[name] = measure(lists, split.test.relevant, (10, 20))
        found[name] = {
            "means": {one: float(of.mean()) for one, of in values[name].items()},
            "intervals": intervals({one: values[name][one] for one in chosen.measures}, split.test_users),
            "coverage@10": coverage(lists[:, :10], split.train.n_items),
            "latency_ms": latency_ms(model, split),
        }
        say(f"{chosen.name} {name}: {found[name]['means']} ({time.perf_counter() - began:.0f} s)")
    for name in values:
        if name != BLEND:
            told = [compare(values[BLEND][one], values[name][one], split.test_users) for one in chosen.measures]
            found[name]["blend_ahead"] = [[one.difference, *one.interval, one.p_randomised] for one in told]
    return found


def latency_ms(model: Recommender, split: Split) -> list[float]:
    """p50 and p99 of single questions for ten items."""
    few = thin(split.test, TIMED, SEED)
    times = []
    for history, excluded in zip(few.histories, few.excluded, strict=True):
        began = time.perf_counter()
        model.recommend([history], 10, [excluded])
        times.append((time.perf_counter() - began) * 1_000)
    return [float(np.percentile(times[1:], at)) for at in (50, 99)]


def load_all(chosen: DataSet, asked: argparse.Namespace, part: str) -> dict[str, Recommender]:
    """Every model that was fitted, by name."""
    found: dict[str, Recommender] = {}
    for name in dict.fromkeys((*ALWAYS, *chosen.models)):
        folder = model_folder(asked, chosen.name, name)
        if (folder / "told.json").exists() and (folder / part / f"{name}.npz").exists():
            found[name] = model_kind(name).make.load(folder / part)  # type: ignore[attr-defined]
    return found


def model_folder(asked: argparse.Namespace, data: str, model: str) -> Path:
    folder: Path = asked.results / data / model
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def report(chosen: DataSet, asked: argparse.Namespace) -> str:
    """The table of one set, or nothing where it was not run."""
    path = asked.results / f"{chosen.name}.json"
    if not path.exists():
        return ""
    result = json.loads(path.read_text())
    tested, told = result["tested"], result["told"]
    order = sorted(tested, key=lambda name: tested[name]["means"][chosen.measures[1]])
    rows = [row(name, tested[name], told.get(name, {}), chosen) for name in order]
    rows += [[name, figure(one), figure(other), "", "", "", "published", ""] for name, one, other in chosen.published]
    rows += [["**to reach**", *(f">= {bar:.4f}" for bar in chosen.bars), "", "", "", "", ""]]
    header = ["model", *chosen.measures, "fit s", "peak MB", "p50 / p99 ms", "chosen on validation", "blend ahead, p"]
    where = "VALIDATION" if result["on_validation"] else "test"
    protocol = ", ".join(f"{key} {value}" for key, value in result["protocol"].items())
    lines = [
        f"### {result['title']}",
        f"{result['n_questions']:,} {where} questions; {protocol}. Intervals: 95 %, bootstrap.",
    ]
    lines.append(table(header, rows))
    if learned := told.get(LEARNED, {}).get("reason"):
        lines.append(f"Learned ranker on validation: {learned}.")
    if result["again"]:
        again = [[name, *(figure(of["means"][one]) for one in chosen.measures)] for name, of in result["again"].items()]
        lines += ["Learned anew from training and validation, beside:", table(["model", *chosen.measures], again)]
    return "\n\n".join(lines)


def row(name: str, found: Mapping[str, Any], told: Mapping[str, Any], chosen: DataSet) -> list[str]:
    bold = f"**{name}**" if name in (BLEND, LEARNED) else name
    values = []
    for one in chosen.measures:
        low, high = found["intervals"][one]
        values.append(f"{found['means'][one]:.4f} ({low:.4f} to {high:.4f})")
    ahead = "; ".join(f"{one[0]:+.4f}, {one[3]:.3f}" for one in found.get("blend_ahead", []))
    settings = ", ".join(
        f"{key} {short(value)}" for key, value in (told.get("weights") or told.get("params") or {}).items()
    )
    seconds = told.get("refit_s", told.get("fit_s", float("nan")))
    latency = " / ".join(f"{one:.2f}" for one in found["latency_ms"])
    return [bold, *values, f"{seconds:.1f}", f"{told.get('peak_mb', float('nan')):.0f}", latency, settings, ahead]


def figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def short(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
