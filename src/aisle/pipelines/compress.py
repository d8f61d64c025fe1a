"""Make a shop's encoder smaller and faster in every way there is, and measure what each way costs."""

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from aisle.encoders import Encoder, located, open_encoder
from aisle.encoders.compression.distil import distil
from aisle.encoders.compression.layers import drop_layers, prune_heads
from aisle.encoders.compression.material import Material, make_material
from aisle.encoders.compression.quantise import quantise_dynamic, quantise_int4, quantise_static
from aisle.encoders.compression.static_table import distil_table
from aisle.encoders.compression.truncate import truncate
from aisle.encoders.compression.vocabulary import cut_vocabulary
from aisle.encoders.families import read_json
from aisle.encoders.learning.checkpoints import new_folder
from aisle.encoders.weights import model_folder
from aisle.errors import InputError
from aisle.evaluation import evaluate_search
from aisle.evaluation.significance import intervals
from aisle.index.binary import binarised
from aisle.index.vectors import StoredVectors, in_bytes
from aisle.pipelines.build import Progress
from aisle.pipelines.compressed import WHOLE, CompressPlan, CompressReport, Variant, pyplot, recommend_variant
from aisle.pipelines.own_models import MODELS, origin
from aisle.settings import Settings
from aisle.store import Store
from aisle.text import item_text
from aisle.types import Judgment, Rows, Vectors

NEAREST = 100
"""Items that recall looks at."""
BY_BITS = 10 * NEAREST
"""Items that are near by bits and compared in bytes."""
SHOWN = 10
N_TIMED = 200
"""Queries, and texts, that speed is measured on."""
DISTIL_SHARE = 0.8
"""Of the minutes; the rest is the static table's."""
FOLDER = "compress"
"""In the shop's folder: where the report is written."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What variants are measured on."""

    item_ids: Sequence[str]
    items: Sequence[str]
    queries: Sequence[str]
    judgments: Sequence[Judgment]
    """Empty where agreement with the whole model is all that can be measured."""

    @property
    def measure(self) -> str:
        """What quality is."""
        return f"nDCG@{SHOWN}" if self.judgments else f"agreement@{SHOWN}"


def compress(store: Store, settings: Settings, folder: Path, plan: CompressPlan, progress: Progress) -> CompressReport:
    """Compress as `plan` says, measure each variant, write the report into `folder`/compress, and keep what is asked.

    Raises InputError when there is no model or too little to measure on, when the method to be kept, or the only
    one, does not fit the model, and when the disk is full; MissingExtraError without matplotlib.
    """
    pyplot()  # now, not after an hour
    chosen = settings.encoder.model_copy(update={"model": located(plan.model or settings.encoder.model, folder)})
    source = model_folder(chosen.model)
    if (source / "encoder.json").exists() and not (source / "config.json").exists():
        raise InputError(f"{chosen.model} is compressed already; name the model that it was made from with --from")
    trial, asked = make_trial(store, plan)
    with tempfile.TemporaryDirectory(prefix="aisle-compress-") as temporary:
        work = Path(temporary)
        progress("read with the whole model", 0, 1)
        material = make_material(source, chosen, work / WHOLE, trial.items, asked, plan.minutes * 60, plan.seed)
        progress("read with the whole model", 1, 1)
        report = measure_all(material, trial, plan, work, progress)
        report.write(folder / FOLDER)
        if plan.keep:
            told = {"command": plan.command, **_origin(plan.model or settings.encoder.model, folder, work / plan.keep)}
            kept = keep(work / plan.keep, folder / MODELS / (plan.name or plan.keep), material, report, plan.keep, told)
            report = replace(report, kept=str(kept))
            report.write(folder / FOLDER)
    return report


def _origin(model: str, folder: Path, made: Path) -> dict[str, str]:
    """What aisle.json says of where learning anew begins: here, unless `model` was tuned or what was `made` of it is no
    Hugging Face model."""
    first = origin(model, folder)
    return {} if first == model and (made / "config.json").exists() else {"origin": first}


def make_trial(store: Store, plan: CompressPlan) -> tuple[Trial, list[str]]:
    """What to measure on, and other queries of the shop to learn from. Raises InputError without items or queries."""
    rng = np.random.default_rng(plan.seed)
    judged = store.judgments_frame()
    items = list(store.items())
    known = {item.item_id for item in items}
    graded = [Judgment(*row) for row in judged.iter_rows() if row[1] in known]
    searches = store.events_frame(["search"])["query"].drop_nulls().unique().sort().to_list()
    texts = sorted({one.query for one in graded}) or searches or sorted({item.title for item in items})
    queries = [texts[place] for place in np.sort(rng.permutation(len(texts))[: plan.max_queries])]
    held = {one.query for one in graded} or set(queries)
    graded = [one for one in graded if one.query in set(queries)]
    if plan.max_items and len(items) > plan.max_items:
        first = {one.item_id for one in graded}
        items = sorted(items, key=lambda item: (item.item_id not in first, item.item_id))[: plan.max_items]
    if len(items) < SHOWN or not queries:
        raise InputError(f"{len(items)} items and {len(queries)} queries; expected at least {SHOWN} items and a query")
    trial = Trial([item.item_id for item in items], [item_text(item) for item in items], queries, graded)
    return trial, [query for query in searches if query not in held]


def measure_all(material: Material, trial: Trial, plan: CompressPlan, work: Path, progress: Progress) -> CompressReport:
    """Make and measure the variants of `plan` in folders of `work`, by method, the whole model first."""
    whole_items, whole_queries = _vectors(material.teacher, trial)
    truth = _nearest(whole_queries, whole_items, NEAREST)
    whole = _variant(WHOLE, material.teacher.folder, material.teacher, trial, truth, truth, whole_items.nbytes)
    variants, left_out = [replace(whole, share=1.0)], {}
    for done, method in enumerate(plan.methods):
        progress("compress", done, len(plan.methods))
        try:
            made = _binary(variants, work, material, trial, truth) if method == "binary" else _made(
                method, material, plan, work / method, trial, truth, progress
            )  # fmt: skip
        except InputError as error:
            if plan.keep == method or len(plan.methods) == 1:
                raise
            left_out[method] = str(error)
            continue
        variants.append(replace(made, share=made.quality / whole.quality if whole.quality else 0.0))
    progress("compress", len(plan.methods), len(plan.methods))
    recommended, why = recommend_variant(variants)
    return CompressReport(
        material.name, trial.measure, len(trial.queries), len(trial.items), variants, recommended, why, left_out
    )


def keep(
    made: Path, target: Path, material: Material, report: CompressReport, method: str, told: Mapping[str, str]
) -> Path:
    """Copy the encoder in `made` to `target`, whole or not at all, with aisle.json that says how it was made.

    Raises InputError when the disk is full; what was there before is still there then.
    """
    info = {
        **asdict(material.reading),
        **_length(made),
        **told,
        "base_model": material.name,
        "method": method,
        "measure": report.measure,
        "n_queries": report.n_queries,
        "n_texts": len(material.texts),
        "quality_before": report.variant(WHOLE).quality,
        "quality_after": report.variant(method).quality,
    }
    with new_folder(target) as staging:
        shutil.copytree(made, staging, dirs_exist_ok=True)
        (staging / "aisle.json").write_text(json.dumps(info, indent=1, ensure_ascii=False), "utf-8")
    return target


def _length(made: Path) -> dict[str, int]:
    """The dimensions of a vector of the encoder in `made`, which may be fewer than the model's."""
    return {"dim": read_json(made / "encoder.json")["dim"]}


def _made(
    method: str, material: Material, plan: CompressPlan, folder: Path, trial: Trial, truth: Rows, progress: Progress
) -> Variant:
    def told(done: int, total: int) -> None:
        progress(f"learn ({method})", done, total)

    pupil = replace(material, budget_s=material.budget_s * DISTIL_SHARE)
    table = replace(material, budget_s=material.budget_s * (1 - DISTIL_SHARE))
    makers: dict[str, Callable[[], object]] = {
        "int8": lambda: quantise_dynamic(material, folder),
        "static-int8": lambda: quantise_static(material, folder),
        "int4": lambda: quantise_int4(material, folder),
        "prune-heads": lambda: prune_heads(material, folder, plan.n_heads),
        "drop-layers": lambda: drop_layers(material, folder, plan.n_layers),
        "cut-vocabulary": lambda: cut_vocabulary(material, folder),
        "distil": lambda: distil(pupil, folder, plan.n_layers, told),
        "static": lambda: distil_table(table, folder, progress=told),
        "truncate": lambda: truncate(material, folder, plan.dim),
    }
    makers[method]()
    encoder = open_encoder(folder, material.threads)
    items, queries = _vectors(encoder, trial)
    return _variant(method, folder, encoder, trial, _nearest(queries, items, NEAREST), truth, items.nbytes)


def _binary(variants: Sequence[Variant], work: Path, material: Material, trial: Trial, truth: Rows) -> Variant:
    """Of the int8 model where it was made, else of the whole one: candidates by bits, which are in memory, compared in
    bytes, which stay in a file; as a shop with index.vectors = "binary" is served."""
    base = next((one for one in variants if one.method == "int8"), variants[0])
    encoder = open_encoder(work / base.method, material.threads)
    items, queries = _vectors(encoder, trial)
    codes, stored = binarised(items), StoredVectors(*in_bytes(items))
    k = min(NEAREST, len(items))
    found = np.empty((len(queries), k), np.int64)
    for place, query in enumerate(queries):
        near = codes.nearest(query, BY_BITS)
        found[place] = near[np.lexsort((near, -stored.cosines_of(near, query)))[:k]]
    return replace(base, method="binary", vectors_mb=codes.n_bytes / 1e6, **quality_of(found, truth, trial))


def _variant(
    method: str, folder: Path, encoder: Encoder, trial: Trial, found: Rows, truth: Rows, n_bytes: int
) -> Variant:
    p50_ms, texts_per_s = speed(folder, encoder, trial.queries, trial.items)
    served = ("model.onnx", "vectors.npy", "tokenizer.json")
    size = sum((folder / name).stat().st_size for name in served if (folder / name).exists())
    return Variant(
        method=method,
        share=0.0,
        model_mb=size / 1e6,
        vectors_mb=n_bytes / 1e6,
        p50_ms=p50_ms,
        texts_per_s=texts_per_s,
        **quality_of(found, truth, trial),
    )


def speed(folder: Path, encoder: Encoder, queries: Sequence[str], items: Sequence[str]) -> tuple[float, float]:
    """Median milliseconds of one query on one core, and item texts a second with `encoder`, both after a warm-up."""
    alone = open_encoder(folder, threads=1)
    asked = [queries[number % len(queries)] for number in range(N_TIMED)]
    for query in asked[:10]:
        alone.encode_queries([query])
    times = []
    for query in asked:
        began = perf_counter()
        alone.encode_queries([query])
        times.append(perf_counter() - began)
    sample = [items[place] for place in np.linspace(0, len(items) - 1, N_TIMED).astype(int)]
    encoder.encode_items(sample[:20])
    n_done, began = 0, perf_counter()
    while n_done < N_TIMED or perf_counter() - began < 0.5:
        encoder.encode_items(sample)
        n_done += len(sample)
    return float(np.median(times)) * 1_000, n_done / (perf_counter() - began)


def _vectors(encoder: Encoder, trial: Trial) -> tuple[Vectors, Vectors]:
    """Of the items and queries; each query by itself, as it is served: int8 rounds to the range of a pass."""
    queries = [encoder.encode_queries([query]) for query in trial.queries]
    return encoder.encode_items(trial.items), np.concatenate(queries)


def _nearest(queries: Vectors, items: Vectors, k: int) -> Rows:
    """The `k` rows of `items` with the highest cosine to each query, best first: (n_queries, k)."""
    k = min(k, len(items))
    found = []
    for start in range(0, len(queries), 32):
        cosines = queries[start : start + 32] @ items.T
        best = np.argpartition(-cosines, k - 1, axis=1)[:, :k]
        order = np.take_along_axis(-cosines, best, axis=1).argsort(axis=1, kind="stable")
        found.append(np.take_along_axis(best, order, axis=1))
    return np.concatenate(found).astype(np.int64)


def quality_of(found: Rows, truth: Rows, trial: Trial) -> dict[str, Any]:
    """The fields of `Variant` that say how good the rows `found` are, where `truth` is what the whole model finds."""
    overlap = float(np.mean([len(set(a) & set(b)) / len(b) for a, b in zip(found, truth, strict=True)]))
    if not trial.judgments:
        shares = np.array([len(set(a[:SHOWN]) & set(b[:SHOWN])) / SHOWN for a, b in zip(found, truth, strict=True)])
        interval = intervals({"agreement": shares})["agreement"]
        return _measured(float(shares.mean()), interval, overlap, overlap, shares.tolist())
    rankings = dict(zip(trial.queries, found, strict=True))

    def find(query: str, k: int) -> list[tuple[str, float]]:
        return [(trial.item_ids[row], -float(place)) for place, row in enumerate(rankings[query][:k])]

    recall = f"R@{NEAREST}"
    report = evaluate_search(find, trial.judgments, NEAREST, [trial.measure, recall])
    values = [report.per_query[query][trial.measure] for query in trial.queries]
    return _measured(
        report.metrics[trial.measure], report.intervals[trial.measure], report.metrics[recall], overlap, values
    )


def _measured(
    quality: float, interval: tuple[float, float], recall: float, overlap: float, per_query: Sequence[float]
) -> dict[str, Any]:
    names = ("quality", "interval", "recall", "overlap", "per_query")
    return dict(zip(names, (quality, interval, recall, overlap, tuple(per_query)), strict=True))
