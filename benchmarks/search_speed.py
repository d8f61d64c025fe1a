"""How long a search takes at 43,000 items, from the typed query to the slate, learned ranker and facets included.

python benchmarks/search_speed.py ../shared/datasets/homedepot_search [--shop FOLDER] [--items N] [--publish]

The shop holds the first N titles and their judgments, so that a ranker is learned; building it takes some minutes, and
--shop keeps it. Every query is a real one and asked once: nothing is answered from what is remembered.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
from report import environment, publish, table
from search import N_CLIENTS, over_http, percentiles

import aisle
from aisle.pipelines.search import retrieve
from aisle.pipelines.understand import understand
from aisle.shop import Shop
from aisle.types import SearchRequest

N_ITEMS = 43_000
WARM, MEASURED = 300, 2_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the homedepot_search data set")
    parser.add_argument("--items", type=int, default=N_ITEMS, help="titles in the shop")
    parser.add_argument("--shop", type=Path, help="a shop built before, or where to keep it; default: a temporary one")
    parser.add_argument("--publish", action="store_true", help="write the table to docs/benchmarks.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        shop = open_or_build(asked.shop or Path(temporary) / "shop", asked.data, asked.items, Path(temporary))
        queries = pl.read_parquet(asked.data / "queries.parquet")["query"].unique().sort().shuffle(seed=0).to_list()
        text = "\n\n".join([environment(), speed(shop, queries)])
        shop.close()
    print(text)
    if asked.publish:
        publish("search-speed", text)


def open_or_build(folder: Path, data: Path, n_items: int, scratch: Path) -> Shop:
    if folder.exists():
        return aisle.open(folder)
    items = pl.read_parquet(data / "items.parquet").head(n_items)
    items.write_parquet(scratch / "items.parquet")
    judged = pl.read_parquet(data / "judgments.parquet").join(pl.read_parquet(data / "queries.parquet"), on="query_id")
    grade = ((pl.col("relevance") - 1) * 3).round().cast(pl.Int64).alias("grade")
    judged = judged.join(items, on="item_id", how="semi").select("query", "item_id", grade)
    judged.write_parquet(scratch / "judgments.parquet")
    aisle.init(folder).close()
    shop = aisle.open(folder)
    shop.ingest_items([str(scratch / "items.parquet")])
    shop.ingest_judgments([str(scratch / "judgments.parquet")])
    shop.build(lambda stage, done, total: print(f"\r{stage} {done}/{total}   ", end="", file=sys.stderr, flush=True))
    print(file=sys.stderr)
    return shop


def speed(shop: Shop, queries: Sequence[str]) -> str:
    """Measured numbers beside the bars that they must reach."""
    release = shop.release

    def whole(query: str) -> None:
        shop.search(query, facets=True)

    def without_facets(query: str) -> None:
        shop.search(query)

    def candidates(query: str) -> None:
        retrieve(release, understand(release, SearchRequest(query)))

    def encoded(query: str) -> None:
        release.encoder.encode_queries([f"{query} "])

    timed(whole, queries[:WARM])
    rest, rows = queries[WARM:], []
    parts: list[tuple[str, Callable[[str], None], str]] = [
        ("**typed query to slate, learned ranker and facets**", whole, "p50 <= 5 ms, p99 <= 20 ms"),
        ("the same without facets", without_facets, ""),
        ("understood, candidates by words and meaning", candidates, ""),
        ("of it the encoder", encoded, ""),
    ]
    for place, (name, ask, bar) in enumerate(parts):
        (p50, p99), busy = timed(ask, rest[place * MEASURED :][:MEASURED])
        rows.append([name, f"{p50:.2f} ms", f"{p99:.2f} ms", f"{busy:.2f} ms", bar])
    for workers in (1, os.cpu_count() or 1):
        ((p50, p99, rate), _), memory_mb = over_http(shop, queries, queries[:WARM], workers=workers)
        name = f"HTTP, {N_CLIENTS} clients in a closed loop, {workers} workers, {rate:.0f} a second"
        rows.append([name, f"{p50:.2f} ms", f"{p99:.2f} ms", f"memory {memory_mb:.0f} MB", ""])
    head = (
        f"{len(release.catalogue.item_ids):,} items, ranker: {release.ranker.name}. Each query is asked once and ten "
        "results are shown; server and clients share the cores."
    )
    return f"{head}\n\n{table(['what', 'p50', 'p99', 'processor time, mean', 'bar'], rows)}"


def timed(ask: Callable[[str], None], queries: Sequence[str]) -> tuple[tuple[float, float], float]:
    """(p50, p99) of the times, and the mean time of the processor; in milliseconds."""
    times = []
    before = time.process_time()
    for query in queries:
        started = time.perf_counter()
        ask(query)
        times.append(time.perf_counter() - started)
    return percentiles(times), (time.process_time() - before) / max(1, len(queries)) * 1_000


if __name__ == "__main__":
    main()
