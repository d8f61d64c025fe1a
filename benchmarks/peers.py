"""Aisle beside LanceDB, Milvus Lite and txtai: the same texts, vectors and queries, in the same run.

python benchmarks/peers.py ../shared/datasets [--shops FOLDER] [--vectors FOLDER] [--queries 600] [--publish]

Needs `pip install -e ".[bench]"`. Each query goes to every engine in turn, in an order drawn anew, so that what else
the machine does hits all alike. The ready vector of the query is given to each; only Aisle's whole pipeline encodes
itself. The shops (icecat, homedepot43k) hold no judgments when they are built: the learned rankers are trained here, on
queries that they are not asked.
"""

import argparse
import importlib.util
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import engines
import numpy as np
import polars as pl
from engines import Answer, Engine, Vector
from report import environment, publish, table
from search import never_asked, percentiles

import aisle
from aisle.encoders import Encoder, prepare_encoder
from aisle.evaluation import bootstrap_interval
from aisle.pipelines import retrieve, search, understand
from aisle.ranking import LinearFusion, learn_ranker
from aisle.releases import Release
from aisle.settings import EncoderSettings
from aisle.types import Item, SearchRequest
from ranking import Judged, find, measure, open_or_build, ranking_data, read_judged

T = TypeVar("T")
N_HOME_DEPOT = 43_000
N_FOLDS = 5
N_WARM = 50
PEERS = {  # the row, the package it needs, what makes it
    "LanceDB hybrid (HNSW)": ("lancedb", engines.lancedb_graph),
    "LanceDB hybrid (no index of vectors)": ("lancedb", engines.lancedb_flat),
    "Milvus Lite hybrid": ("milvus_lite", engines.milvus_lite),
    "txtai hybrid": ("txtai", engines.txtai),
}
DISTRIBUTIONS = "lancedb", "pymilvus", "milvus-lite", "txtai"
RETRIEVAL, WHOLE = "**Aisle, retrieval**", "**Aisle, whole pipeline**"
BARS = {
    "LanceDB hybrid (HNSW)": "retrieval >= 4 times faster, whole pipeline faster, better nDCG@10",
    "txtai hybrid": "retrieval >= 2 times faster, better nDCG@10",
}


@dataclass(slots=True)
class Race:
    """What every engine answered, and how long it took."""

    rankings: dict[str, list[list[str]]] = field(default_factory=dict)
    """By engine: the item ids for each query."""
    seconds: dict[str, list[float]] = field(default_factory=dict)
    encoding: list[float] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with chorus_icecat and homedepot_search")
    parser.add_argument("--shops", type=Path, help="where Aisle's shops are kept; default: a temporary folder")
    parser.add_argument("--vectors", type=Path, help="where vectors of items are kept; default: nowhere")
    parser.add_argument("--queries", type=int, default=600, help="queries that are timed in each set")
    parser.add_argument("--sets", nargs="+", default=["icecat", "homedepot"], choices=["icecat", "homedepot"])
    parser.add_argument("--publish", action="store_true", help="write the tables to docs/benchmarks.md")
    asked = parser.parse_args()
    parts = [f"{environment()}, {versions()}"]
    with tempfile.TemporaryDirectory() as temporary:
        shops = asked.shops or Path(temporary) / "shops"
        for name in asked.sets:
            part = {"icecat": icecat, "homedepot": homedepot}[name]
            parts.append(part(shops, asked.data, asked.vectors, asked.queries))
            print(parts[-1], flush=True)
    text = "\n\n".join(parts)
    print(parts[0])
    if asked.publish:
        publish("peers", text)


def versions() -> str:
    found = [name for name in DISTRIBUTIONS if importlib.util.find_spec(name.replace("-", "_"))]
    return ", ".join(f"{name} {version(name)}" for name in found) or "no peer installed"


def icecat(shops: Path, data: Path, vectors: Path | None, n_timed: int) -> str:
    """Quality on the judged queries, each with a ranker taught by the others; speed on queries asked once."""
    mapping = {"price_cents": "price"}
    release = open_or_build(shops / "icecat", data / "chorus_icecat", mapping, vectors)
    judged = read_judged(release, data / "chorus_icecat", pl.col("grade"))
    queries = sorted(judged)
    fold_of = dict(zip(queries, np.random.default_rng(0).permutation(len(queries)) % N_FOLDS, strict=True))
    taught, reasons = [], []
    for fold in range(N_FOLDS):
        one, reason = learned(
            fresh(shops / "icecat"), {query: judged[query] for query in queries if fold_of[query] != fold}
        )
        taught.append(one)
        reasons.append(reason)
    shop = aisle.open(shops / "icecat")
    new = never_asked(shop, queries)[: N_WARM + n_timed]
    shop.close()
    answering = {query: taught[fold] for query, fold in fold_of.items()} | dict.fromkeys(new, taught[0])
    with tempfile.TemporaryDirectory() as folder:
        peers, skipped = open_peers(release, Path(folder))
        ours = aisle_engines(fresh(shops / "icecat"), answering)
        run(peers | ours, new[:N_WARM])
        good, fast = run(peers | ours, queries), run(peers | ours, new[N_WARM:])
    head = (
        f"chorus_icecat: {len(release.catalogue.item_ids):,} items. Quality: the {len(queries)} judged queries; the "
        f"learned ranker of the whole pipeline has seen the other {N_FOLDS - 1} fifths (kept in "
        f"{sum(reason == '' for reason in reasons)} of {N_FOLDS}, else the fused order). Speed: {len(new) - N_WARM} "
        "queries with a word of the catalogue before a judged one, each asked once."
    )
    return "\n\n".join([head, report(release, judged, queries, good, fast), *skipped])


def homedepot(shops: Path, data: Path, vectors: Path | None, n_timed: int) -> str:
    """Quality and speed on a fifth of the queries; the ranker was taught by the others."""
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / "homedepot43k"
        part.mkdir()
        source = data / "homedepot_search"
        items = pl.read_parquet(source / "items.parquet").head(N_HOME_DEPOT)
        items.write_parquet(part / "items.parquet")
        pl.read_parquet(source / "queries.parquet").write_parquet(part / "queries.parquet")
        kept = pl.read_parquet(source / "judgments.parquet").join(items, on="item_id", how="semi")
        kept.write_parquet(part / "judgments.parquet")
        release = open_or_build(shops / "homedepot43k", part, {}, vectors)
        graded = read_judged(release, part, ((pl.col("relevance") - 1) * 3).round().cast(pl.Int64))
    judged = {query: grades for query, grades in graded.items() if any(grades.values())}
    order = np.random.default_rng(0).permutation(sorted(judged)).tolist()
    held = order[: len(order) // 5]
    taught, reason = learned(fresh(shops / "homedepot43k"), {query: judged[query] for query in order[len(held) :]})
    warm, queries = order[-N_WARM:], held[:n_timed]
    with tempfile.TemporaryDirectory() as folder:
        peers, skipped = open_peers(release, Path(folder))
        ours = aisle_engines(fresh(shops / "homedepot43k"), dict.fromkeys(order, taught))
        run(peers | ours, warm)
        race = run(peers | ours, queries)
    head = (
        f"homedepot_search: the first {len(release.catalogue.item_ids):,} titles. Quality and speed: {len(queries)} "
        f"judged queries, each asked once; the learned ranker has seen {len(order) - len(held):,} others"
        f"{f' (not kept: {reason})' if reason else ''}."
    )
    return "\n\n".join([head, report(release, judged, queries, race, race), *skipped])


def fresh(folder: Path) -> Release:
    """The release as a server loads it: nothing remembered yet."""
    return aisle.open(folder).release


def learned(release: Release, judged: Judged) -> tuple[Release, str]:
    """The release with what the build would learn from `judged`, and why that is nothing, where it is."""
    found = learn_ranker(
        lambda query: find(release, query), judged, ranking_data(release), progress=lambda done, total: None
    )
    return (replace(release, ranker=found.ranker), "") if found.ranker else (release, found.reason)


def open_peers(release: Release, folder: Path) -> tuple[dict[str, Engine], list[str]]:
    """The engines that run here, filled with the items of `release`; a line for each that does not."""
    ids = [str(item_id) for item_id in release.catalogue.item_ids]
    texts = [whole_text(release.catalogue.item(row)) for row in range(len(ids))]
    opened: dict[str, Engine] = {}
    skipped = []
    for place, (name, (package, make)) in enumerate(PEERS.items()):
        if importlib.util.find_spec(package) is None:
            skipped.append(f'{name} was skipped: {package} is not installed; pip install -e ".[bench]".')
            continue
        own = folder / str(place)
        own.mkdir()
        try:
            opened[name] = make(own, ids, texts, np.array(release.index.vectors))
        except Exception as error:  # noqa: BLE001  each engine fails in its own way, and the others go on
            skipped.append(f"{name} was skipped: {type(error).__name__}: {error}")
    return opened, skipped


def whole_text(item: Item) -> str:
    """All texts of the item that Aisle searches, in the one column that the others search."""
    said = [value for value in item.attributes.values() if isinstance(value, str)]
    return ". ".join(text for text in (item.title, item.brand, *item.category, *said, item.description) if text)


def aisle_engines(release: Release, answering: Mapping[str, Release]) -> dict[str, Engine]:
    """The retrieval stage of `release` after the query is understood, and the whole pipeline from the typed query on.

    `answering` names the release that answers each query; none is `release`, so nothing remembered is shared.
    """
    item_ids, fusion = release.catalogue.item_ids, LinearFusion()

    def retrieval(query: str, vector: Vector) -> Answer:
        asked = understand(release, SearchRequest(query))
        return lambda: [item_ids[row] for row in fusion.rank(retrieve(release, asked)).rows[: engines.K].tolist()]

    def whole(query: str, vector: Vector) -> Answer:
        request, own = SearchRequest(query, facets=True), answering[query]
        return lambda: [hit.item_id for hit in search(own, request).hits]

    return {RETRIEVAL: retrieval, WHOLE: whole}


def run(competing: Mapping[str, Engine], queries: Sequence[str]) -> Race:
    encoder: Encoder = prepare_encoder(EncoderSettings(), threads=1)
    rng = np.random.default_rng(0)
    race = Race({name: [] for name in competing}, {name: [] for name in competing})
    for query in queries:
        vector, taken = timed(lambda query=query: encoder.encode_queries([query])[0])
        race.encoding.append(taken)
        for name in rng.permutation(list(competing)).tolist():
            found, taken = timed(competing[name](query, vector))
            race.rankings[name].append(found)
            race.seconds[name].append(taken)
    return race


def timed(call: Callable[[], T]) -> tuple[T, float]:
    started = time.perf_counter()
    answer = call()
    return answer, time.perf_counter() - started


def report(release: Release, judged: Judged, queries: Sequence[str], good: Race, fast: Race) -> str:
    rows_of = release.catalogue.rows
    asked = {query: judged[query] for query in queries}
    ndcg = {
        name: measure(asked, [[rows_of[one] for one in found] for found in rankings])["nDCG@10"]
        for name, rankings in good.rankings.items()
    }
    times = {name: percentiles(seconds) for name, seconds in fast.seconds.items()}
    rows = []
    for name, values in ndcg.items():
        p50, p99 = times[name]
        beside = [f"{p50 / times[other][0]:.2f}" for other in (RETRIEVAL, WHOLE)]
        ahead = "" if name == WHOLE else interval(ndcg[WHOLE] - values, "+")
        rows.append([name, interval(values), ahead, f"{p50:.2f} ms", f"{p99:.2f} ms", *beside, BARS.get(name, "")])
    encoding = percentiles(fast.encoding)
    rows.append(
        ["encoding the query, one thread", "", "", f"{encoding[0]:.2f} ms", f"{encoding[1]:.2f} ms", "", "", ""]
    )
    return table(
        ["run", "nDCG@10", "the whole pipeline is ahead by", "p50", "p99", "p50 / retrieval", "p50 / whole", "bar"],
        rows,
    )


def interval(values: np.ndarray, sign: str = "") -> str:
    low, high = bootstrap_interval(values)
    return f"{values.mean():{sign}.4f} ({low:{sign}.3f} to {high:{sign}.3f})"


if __name__ == "__main__":
    main()
