"""How small and fast can the default encoder be: every way to compress it, on a real catalogue with judgments.

python benchmarks/compress.py ../shared/datasets [--data homedepot|icecat] [--minutes N] [--items N] [--queries N]

Students learn from titles and beginnings of titles alone, never from a judged query. All numbers of one table come from
one run on one machine; speeds are compared with the same model in the same precision. Random and TF-IDF stand beside.
"""

import argparse
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from time import perf_counter

import numpy as np
import polars as pl
from report import environment, publish, table
from sklearn.feature_extraction.text import TfidfVectorizer

import aisle
from aisle.encoders import BatchedQueries, Encoder, TextEncoder, prepare_encoder
from aisle.evaluation.significance import compare
from aisle.pipelines.compress import NEAREST, Trial, compress, make_trial, quality_of
from aisle.pipelines.compressed import METHODS, CompressPlan, CompressReport, Variant
from aisle.settings import EncoderSettings
from aisle.shop import Shop
from aisle.sources import read_judgments
from aisle.types import Judgment, Rows

N_TOKENS, N_TEXTS = 42, 2_000
WORDS = "warm blue winter jacket with hood and cotton lining for women garden hose coffee mug desk lamp"
N_REBUILT = 2_000
"""Items of the shop that is built twice."""
N_THREADS, SECONDS = 8, 5.0
"""Of asking without a pause."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the data sets")
    parser.add_argument("--data", dest="name", choices=["homedepot", "icecat"], default="homedepot")
    parser.add_argument("--minutes", type=float, default=20, help="of learning the student and the table")
    parser.add_argument("--items", type=int, default=0, help="items that are searched; 0: the whole catalogue")
    parser.add_argument("--queries", type=int, default=1_000, help="judged queries")
    parser.add_argument("--methods", default=",".join(METHODS), help="parted by commas")
    parser.add_argument("--publish", action="store_true", help="write the tables to docs/benchmarks.md")
    asked = parser.parse_args()
    plan = CompressPlan(
        asked.methods.split(","), minutes=asked.minutes, max_items=asked.items, max_queries=asked.queries
    )
    with (
        tempfile.TemporaryDirectory() as temporary,
        closing(make_shop(Path(temporary), asked.data, asked.name)) as shop,
    ):
        trial, _ = make_trial(shop.store, plan)
        report = compress(shop.store, shop.settings, shop.folder, plan, told)
        parts = [
            environment(),
            summary(report, trial, asked.name, asked.minutes),
            bars(report),
            served(shop, min(asked.items or N_REBUILT, N_REBUILT)),
        ]
    text = "\n\n".join(parts)
    print(text)
    if asked.publish:
        publish(f"compress-{asked.name}", text)


def make_shop(folder: Path, data: Path, name: str) -> Shop:
    """A shop of the data set's items and judgments, not built."""
    source = data / {"homedepot": "homedepot_search", "icecat": "chorus_icecat"}[name]
    aisle.init(folder / "shop").close()
    shop = aisle.open(folder / "shop")
    shop.ingest_items([str(source / "items.parquet")], {"price_cents": "price"} if name == "icecat" else {})
    if name == "icecat":
        graded = list(
            read_judgments(str(source / "judgments.parquet"), reject=print, queries=str(source / "queries.parquet"))
        )
    else:
        judged = pl.read_parquet(source / "judgments.parquet").join(
            pl.read_parquet(source / "queries.parquet"), on="query_id"
        )
        grade = ((pl.col("relevance") - 1) * 3).round().cast(pl.Int64)
        columns = (pl.col("query"), pl.col("item_id").cast(pl.String), grade)
        graded = [Judgment(*row) for row in judged.select(columns).iter_rows()]
    shop.store.upsert_judgments(graded)
    return shop


def told(stage: str, done: int, total: int) -> None:
    print(f"\r{stage} {done}/{total}        ", end="", file=sys.stderr, flush=True)


def summary(report: CompressReport, trial: Trial, data: str, minutes: float) -> str:
    whole = report.variants[0]
    rows = [
        (
            f"**{one.method}**" if one.method == report.recommended else one.method,
            f"{one.quality:.4f} ({one.interval[0]:.3f} to {one.interval[1]:.3f})",
            f"{one.share:.1%}",
            "" if one is whole else f"{compare(np.array(one.per_query), np.array(whole.per_query)).p_randomised:.3f}",
            f"{one.recall:.4f}",
            f"{one.overlap:.3f}",
            f"{one.model_mb:.1f}",
            f"{one.vectors_mb:.1f}",
            f"{one.p50_ms:.2f}",
            f"{one.texts_per_s:,.0f}",
        )
        for one in report.variants
    ]
    rows = [*baselines(trial, whole), *rows]
    head = (
        "way",
        "nDCG@10 (95 %)",
        "of float32",
        "p",
        "R@100",
        "overlap@100",
        "model MB",
        "vectors MB",
        "p50 ms",
        "texts/s",
    )
    left_out = "".join(f"\n\nLeft out: {name}: {why}" for name, why in report.left_out.items())
    return (
        f"{data}: {report.n_items:,} items, {report.n_queries:,} judged queries, {minutes:g} minutes of learning. "
        f"Recommended: {report.recommended} ({report.why}). p: paired randomisation test against float32.\n\n"
        f"{table(head, rows)}{left_out}"
    )


def baselines(trial: Trial, whole: Variant) -> list[tuple[str, ...]]:
    """Rows of a random order and of TF-IDF."""
    rng = np.random.default_rng(0)
    chance = np.stack([rng.permutation(len(trial.items))[:NEAREST] for _ in trial.queries])
    vectorizer = TfidfVectorizer(sublinear_tf=True)
    items = vectorizer.fit_transform(trial.items)
    cosines = [np.asarray((items @ vectorizer.transform([query]).T).todense()).ravel() for query in trial.queries]
    words = np.stack([np.argsort(-one, kind="stable")[:NEAREST] for one in cosines])
    return [_row(name, rows, trial, whole) for name, rows in (("random", chance), ("TF-IDF", words))]


def _row(name: str, found: Rows, trial: Trial, whole: Variant) -> tuple[str, ...]:
    told = quality_of(found, found, trial)
    low, high = told["interval"]
    p = compare(np.array(told["per_query"]), np.array(whole.per_query)).p_randomised
    return (
        name, f"{told['quality']:.4f} ({low:.3f} to {high:.3f})", f"{told['quality'] / max(whole.quality, 1e-9):.1%}",
        f"{p:.3f}", f"{told['recall']:.4f}", "", "", "", "", "",
    )  # fmt: skip


def bars(report: CompressReport) -> str:
    """What was promised beside what was measured."""
    made = {one.method: one for one in report.variants}
    whole, int8 = made["float32"], made.get("int8")
    rows: list[tuple[str, str, str]] = []
    if int8:
        rows.append(("int8: share of float32's nDCG@10", f"{int8.share:.1%}", ">= 99 %"))
        rows.append(("int8: query p50 on one core", f"{int8.p50_ms:.2f} ms", "<= 1.2 ms"))
    if one := made.get("static"):
        rows.append(("static: share of float32's nDCG@10", f"{one.share:.1%}", ">= 85 %"))
        rows.append(
            ("static: texts/s against float32", f"{one.texts_per_s / whole.texts_per_s:.0f} times", ">= 30 times")
        )
    if one := made.get("binary"):
        rows.append(("binary: share of float32's R@100", f"{one.recall / max(whole.recall, 1e-9):.1%}", ">= 97 %"))
        rows.append(("binary: memory of the vectors", f"1/{whole.vectors_mb / one.vectors_mb:.0f}", "1/32"))
    if (one := made.get("distil")) and int8:
        rows.append(("distil: share of float32's nDCG@10", f"{one.share:.1%}", ">= 95 %"))
        rows.append(("distil: query p50 against int8", f"{int8.p50_ms / one.p50_ms:.2f} times as fast", ">= 1.8 times"))
        rows.append(("distil: texts/s against int8", f"{one.texts_per_s / int8.texts_per_s:.2f} times", ">= 1.8 times"))
    return table(("what", "measured", "bar"), rows)


def served(shop: Shop, n_rebuilt: int) -> str:
    """Speed of a build, the cache with `n_rebuilt` items, and queries of many threads."""
    encoder = prepare_encoder(EncoderSettings())
    alone = prepare_encoder(EncoderSettings(), threads=1)
    rows = [
        (f"build: texts/s at {N_TOKENS} tokens, all cores", f"{build_rate(encoder):,.0f}", ">= 600"),
        ("unchanged rebuild: vectors from the cache", f"{rebuilt(shop, n_rebuilt):.1%}", "100 %"),
    ]
    asked = [f"{query} {number}" for number in range(20) for query in ("usb cable", "desk lamp", "garden hose")]
    for name, one in (("each alone", alone), ("sharing passes", BatchedQueries(alone))):
        rate, p50, p99 = under_load(one, asked)
        rows.append(
            (f"{N_THREADS} threads, {name}: queries/s, p50, p99", f"{rate:,.0f}, {p50:.1f} ms, {p99:.1f} ms", "")
        )
    return table(("what", "measured", "bar"), rows)


def build_rate(encoder: Encoder) -> float:
    """Texts of 42 tokens encoded in a second."""
    words = np.array(WORDS.split())
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(words, N_TOKENS - 2)) for _ in range(N_TEXTS)]
    if isinstance(encoder, TextEncoder):
        print("tokens a text:", np.mean([len(ids) for ids in encoder.tokenize(texts[:100])]), file=sys.stderr)
    encoder.encode_items(texts[:64])
    began = perf_counter()
    encoder.encode_items(texts)
    return len(texts) / (perf_counter() - began)


def rebuilt(shop: Shop, n_items: int) -> float:
    """Share of vectors from the cache when a shop of `n_items` is built again as it is."""
    folder = shop.folder.parent / "rebuilt"
    aisle.init(folder).close()
    with closing(aisle.open(folder)) as small:
        small.store.upsert_items([item for item, _ in zip(shop.store.items(), range(n_items), strict=False)])
        small.build()
        return small.build().vectors_known


def under_load(encoder: Encoder, queries: Sequence[str]) -> tuple[float, float, float]:
    """Queries a second, and median and 99th percentile of their milliseconds, of threads that ask without a pause."""
    times: list[float] = []
    end = perf_counter() + SECONDS

    def ask(place: int) -> None:
        while perf_counter() < end:
            began = perf_counter()
            encoder.encode_queries([queries[place % len(queries)]])
            times.append(perf_counter() - began)
            place += 1

    threads = [threading.Thread(target=ask, args=(number * 7,)) for number in range(N_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(times) / SECONDS, float(np.median(times)) * 1e3, float(np.quantile(times, 0.99)) * 1e3


if __name__ == "__main__":
    main()
