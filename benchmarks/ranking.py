"""Ranking: fusions and the learned ranker on two real shops, and what clicks say in a shop whose truth is known.

python benchmarks/ranking.py ../shared/datasets [--shops FOLDER] [--vectors FOLDER] [--publish]

chorus_icecat: every query is ranked by a model trained on the other queries (10 folds, 3 seeds). homedepot_search:
trained on 80 % of the queries, tested once on the others. The shops hold no judgments when they are built, so that
nothing else has seen them. Encoding the items takes most of the time: --vectors keeps the vectors for the next run.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from report import environment, publish, table

import aisle
from aisle.encoders import Encoder, prepare_encoder
from aisle.evaluation import DEFAULT_MEASURES, bootstrap_interval, measure_run, parse_measures
from aisle.pipelines.search import retrieve
from aisle.pipelines.understand import understand
from aisle.ranking import Found, LambdaMart, LinearFusion, RankFusion, build_ranking_data, learn_ranker
from aisle.ranking.clicks import fit_propensities, shown_results
from aisle.ranking.data import RankingData
from aisle.ranking.features import extract_features
from aisle.ranking.lambdamart import DEPTH, model_scores
from aisle.ranking.learning import make_example, train
from aisle.releases import Release
from aisle.sample_shop import generate
from aisle.settings import EncoderSettings
from aisle.types import Candidates, SearchRequest, Vectors

N_FOLDS = 10
SEEDS = 0, 1, 2
K = 100
BARS = {  # rows of the data sets' READMEs: nDCG@10
    "chorus_icecat": {"BM25": 0.6074, "dense": 0.4891, "RRF": 0.6170},
    "homedepot_search": {"BM25": 0.3745, "dense": 0.2753, "RRF": 0.3540},
}
Judged = Mapping[str, Mapping[int, int]]
Values = dict[str, NDArray[np.float64]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with chorus_icecat and homedepot_search")
    parser.add_argument("--shops", type=Path, help="where shops are kept; default: a temporary folder")
    parser.add_argument("--vectors", type=Path, help="where vectors of items are kept; default: nowhere")
    parser.add_argument("--publish", action="store_true", help="write the tables to docs/benchmarks.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        shops = asked.shops or Path(temporary)
        parts = [environment()]
        for part in (icecat, homedepot):
            parts.append(part(shops, asked.data, asked.vectors))
            print(parts[-1], flush=True)
        parts.append(clicks())
    text = "\n\n".join(parts)
    print(parts[-1])
    if asked.publish:
        publish("ranking", text)


def icecat(shops: Path, data: Path, vectors: Path | None) -> str:
    release = open_or_build(shops / "icecat", data / "chorus_icecat", {"price_cents": "price"}, vectors)
    judged = read_judged(release, data / "chorus_icecat", pl.col("grade"))
    found = find_all(release, judged)
    known = ranking_data(release)
    rows = plain_rankings(found)
    learned = [cross_validated(found, judged, known, seed) for seed in SEEDS]
    measured = {name: measure(judged, ranked) for name, ranked in rows.items()}
    every = [measure(judged, ranked) for ranked in learned]
    measured["**learned, each query by a model of the others**"] = {
        name: np.mean([values[name] for values in every], axis=0) for name in DEFAULT_MEASURES
    }
    gain = np.mean([values["nDCG@10"] for values in every], axis=0) - measured["linear fusion"]["nDCG@10"]
    low, high = bootstrap_interval(gain)
    by_seed = ", ".join(f"{values['nDCG@10'].mean():.4f}" for values in every)
    worse = np.mean([(values["nDCG@10"] < measured["words (BM25, best field)"]["nDCG@10"] - 1e-9) for values in every])
    return "\n\n".join(
        [
            f"chorus_icecat: {len(judged)} queries, {N_FOLDS} folds, seeds {len(SEEDS)} (nDCG@10 {by_seed}).",
            quality(measured, BARS["chorus_icecat"]),
            f"The learned order is worse than BM25 on {worse:.0%} of the queries (bar: at most 20 %). "
            f"Over linear fusion it gains {gain.mean():+.4f} (paired, 95 %: {low:+.4f} to {high:+.4f}).",
            speed(found, judged, known),
        ]
    )


def homedepot(shops: Path, data: Path, vectors: Path | None) -> str:
    release = open_or_build(shops / "homedepot", data / "homedepot_search", {}, vectors)
    grade = ((pl.col("relevance") - 1) * 3).round().cast(pl.Int64)
    judged = read_judged(release, data / "homedepot_search", grade)
    queries = pl.read_parquet(data / "homedepot_search" / "queries.parquet")["query"].to_list()
    order = np.random.default_rng(0).permutation(len(queries))
    test = {queries[place]: judged[queries[place]] for place in order[: len(queries) // 5]}
    taught = {query: judged[query] for query in queries if query not in test}
    started = time.perf_counter()
    learned = learn_ranker(
        lambda query: find(release, query), taught, ranking_data(release), progress=lambda done, total: None
    )
    minutes = (time.perf_counter() - started) / 60
    found = find_all(release, test)
    rows = plain_rankings(found)
    ranker = learned.ranker or LinearFusion()
    rows["**learned**"] = orders(found, ranker.rank)
    measured = {name: measure(test, ranked) for name, ranked in rows.items()}
    gain = measured["**learned**"]["nDCG@10"] - measured["linear fusion"]["nDCG@10"]
    low, high = bootstrap_interval(gain)
    return "\n\n".join(
        [
            f"homedepot_search: trained on {len(taught):,} queries in {minutes:.0f} minutes, tested on {len(test):,}. "
            f"In cross-validation on the training part: {learned.reason}.",
            quality(measured, BARS["homedepot_search"]),
            f"Over linear fusion the learned order gains {gain.mean():+.4f} nDCG@10 (paired, 95 %: {low:+.4f} to "
            f"{high:+.4f}). The bars are of all 9,383 queries, as the data set's README gives them.",
        ]
    )


def clicks() -> str:
    """Propensities against the truth of the sample shop."""
    shop = generate()
    shown = shown_results(shop.events)
    truth = shop.truth.propensities
    rows = [["truth", *(f"{value:.3f}" for value in truth), ""]]
    by_surface = {"all surfaces": pl.lit(True), "search alone": pl.col("surface") == "search"}
    by_surface["the shuffled shelf alone"] = pl.col("surface") == "popular"
    for name, which in by_surface.items():
        fitted = fit_propensities(shown.filter(which))
        if fitted is not None:
            rows.append([name, *(f"{value:.3f}" for value in fitted), f"{np.abs(fitted - truth).mean():.4f}"])
    of_rank = shown.group_by("rank").agg(pl.col("clicked").sum() / pl.col("shown").sum()).sort("rank")["clicked"]
    naive = of_rank.to_numpy() / of_rank[0]
    rows.append(["click rate by rank, uncorrected", *(f"{value:.3f}" for value in naive)])
    rows[-1].append(f"{np.abs(naive - truth).mean():.4f}")
    head = "Sample shop: how likely shoppers look at each rank, estimated from its log, against what is known."
    return f"{head}\n\n{table(['', *(str(rank) for rank in range(1, len(truth) + 1)), 'mean absolute error'], rows)}"


class KeptEncoder:
    """An encoder that reads the vectors of items from a file, and writes it where there is none."""

    def __init__(self, encoder: Encoder, path: Path) -> None:
        self._encoder, self._path = encoder, path
        self.dim, self.name = encoder.dim, encoder.name

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encoder.encode_queries(texts)

    def encode_items(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        if self._path.exists():
            kept: Vectors = np.load(self._path)
            if len(kept) == len(texts):
                return kept
        vectors = self._encoder.encode_items(texts, progress)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        np.save(self._path, vectors)
        return vectors

    def save(self, folder: Path) -> None:
        self._encoder.save(folder)


def open_or_build(folder: Path, data: Path, mapping: Mapping[str, str], vectors: Path | None) -> Release:
    encoder: Encoder = prepare_encoder(EncoderSettings())
    if vectors is not None:
        encoder = KeptEncoder(encoder, vectors / f"{data.name}.npy")
    if not folder.exists():
        aisle.init(folder).close()
        shop = aisle.open(folder, encoder=encoder)
        shop.ingest_items([str(data / "items.parquet")], mapping)
        shop.build()
        shop.close()
    return aisle.open(folder, encoder=encoder).release


def read_judged(release: Release, data: Path, grade: pl.Expr) -> Judged:
    graded = pl.read_parquet(data / "judgments.parquet").join(pl.read_parquet(data / "queries.parquet"), on="query_id")
    judged: dict[str, dict[int, int]] = {}
    for query, item_id, value in graded.select("query", "item_id", grade.alias("grade")).iter_rows():
        judged.setdefault(query, {})[release.catalogue.rows[str(item_id)]] = value
    return judged


def find(release: Release, query: str) -> Found:
    return retrieve(release, understand(release, SearchRequest(query)))


def find_all(release: Release, judged: Judged) -> dict[str, Found]:
    return {query: find(release, query) for query in judged}


def ranking_data(release: Release) -> RankingData:
    items = [release.catalogue.item(row) for row in range(len(release.catalogue.item_ids))]
    return build_ranking_data(items, release.popularity.scores_)


def plain_rankings(found: Mapping[str, Found]) -> dict[str, list[list[int]]]:
    return {
        "words (BM25, best field)": orders(found, lambda one: one.lexical),
        "meaning": orders(found, lambda one: one.dense),
        "reciprocal rank fusion": orders(found, RankFusion().rank),
        "linear fusion": orders(found, LinearFusion().rank),
    }


def orders(found: Mapping[str, Found], rank: Callable[[Found], Candidates]) -> list[list[int]]:
    return [rank(one).rows[:K].tolist() for one in found.values()]


def cross_validated(found: Mapping[str, Found], judged: Judged, known: RankingData, seed: int) -> list[list[int]]:
    queries = list(found)
    examples = [make_example(found[query], judged[query], known, LinearFusion()) for query in queries]
    folds = np.random.default_rng(seed).permutation(len(queries)) % N_FOLDS
    ranked: list[list[int]] = [[] for _ in queries]
    for fold in range(N_FOLDS):
        model = train([one for one, of in zip(examples, folds, strict=True) if of != fold], seed=seed)
        ranker = LambdaMart(model, known)
        for place in np.flatnonzero(folds == fold).tolist():
            ranked[place] = ranker.rank(found[queries[place]]).rows[:K].tolist()
    return ranked


def measure(judged: Judged, ranked: Sequence[Sequence[int]]) -> Values:
    qrels = [{str(row): grade for row, grade in of.items()} for of in judged.values()]
    return measure_run(qrels, [[str(row) for row in one] for one in ranked], parse_measures(DEFAULT_MEASURES, K))


def quality(measured: Mapping[str, Values], bars: Mapping[str, float]) -> str:
    rows = []
    for name, values in measured.items():
        low, high = bootstrap_interval(values["nDCG@10"])
        mean = values["nDCG@10"].mean()
        rows.append([name, f"{mean:.4f} ({low:.3f} to {high:.3f})"])
        rows[-1] += [f"{values[other].mean():.4f}" for other in DEFAULT_MEASURES[1:]]
        rows[-1] += [f"{mean / bar - 1:+.1%}" for bar in bars.values()]
    return table(["run", *DEFAULT_MEASURES, *(f"to {name} {bar}" for name, bar in bars.items())], rows)


def speed(found: Mapping[str, Found], judged: Judged, known: RankingData) -> str:
    """Milliseconds for the candidates of a query, at most 200: features, trees, everything."""
    examples = [make_example(found[query], judged[query], known, LinearFusion()) for query in found]
    ranker = LambdaMart(train(examples), known)
    times: dict[str, list[float]] = {"features": [], "trees": [], "the whole ranker": []}
    for one in list(found.values()) * 5:
        fused = ranker.fusion.rank(one).top(DEPTH)
        started = time.perf_counter()
        features = extract_features(known, one, fused)
        extracted = time.perf_counter()
        model_scores(ranker.model, features)
        scored = time.perf_counter()
        ranker.rank(one)
        ended = time.perf_counter()
        for name, taken in zip(times, (extracted - started, scored - extracted, ended - scored), strict=True):
            times[name].append(taken * 1_000)
    rows = [[name, *(f"{np.percentile(of, at):.2f} ms" for at in (50, 99))] for name, of in times.items()]
    return table([f"{DEPTH} candidates at most", "p50", "p99"], rows)


if __name__ == "__main__":
    main()
