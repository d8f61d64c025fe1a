"""Search on a real catalogue: quality, speed, build rate, memory.

python benchmarks/search.py ../shared/datasets/chorus_icecat [--shop FOLDER] [--publish]
"""

import argparse
import http.client
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from report import environment, publish, table

import aisle
from aisle.encoders import prepare_encoder
from aisle.evaluation import SearchReport, evaluate_search
from aisle.pipelines import retrieve, understand
from aisle.ranking import Found, reciprocal_rank_fusion
from aisle.shop import Shop
from aisle.sources import read_judgments
from aisle.text import item_text
from aisle.types import Candidates, Judgment, SearchRequest

MEASURES = ("nDCG@10", "nDCG(judged_only=True)@10", "R(rel=2)@100", "RR(rel=2)@10")
N_CLIENTS = 4
HTTP_SECONDS = 10.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the chorus_icecat data set")
    parser.add_argument(
        "--shop", type=Path, help="a shop built from it before; default: build one in a temporary folder"
    )
    parser.add_argument("--publish", action="store_true", help="write the tables to docs/benchmarks.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        shop = open_or_build(asked.shop or Path(temporary) / "shop", asked.data)
        graded = list(
            read_judgments(
                str(asked.data / "judgments.parquet"), reject=print, queries=str(asked.data / "queries.parquet")
            )
        )
        text = "\n\n".join([environment(), quality(shop, graded), speed(shop, sorted({one.query for one in graded}))])
        shop.close()
    print(text)
    if asked.publish:
        publish("search", text)


def open_or_build(folder: Path, data: Path) -> Shop:
    if not folder.exists():
        aisle.init(folder).close()
        shop = aisle.open(folder)
        shop.ingest_items([str(data / "items.parquet")], {"price_cents": "price"})
        shop.build(
            lambda stage, done, total: print(f"\r{stage} {done}/{total}   ", end="", file=sys.stderr, flush=True)
        )
        print(file=sys.stderr)
        return shop
    return aisle.open(folder)


def quality(shop: Shop, graded: Sequence[Judgment]) -> str:
    """The whole and its parts, beside chance."""
    release, rng = shop.release, np.random.default_rng(0)
    ids = release.catalogue.item_ids

    def proposed(query: str) -> Found:
        return retrieve(release, understand(release, SearchRequest(query)))

    def rrf(query: str) -> Candidates:
        found = proposed(query)
        return reciprocal_rank_fusion([found.lexical, found.dense])

    def whole(query: str) -> Candidates:
        rows = [release.row(hit.item_id) for hit in shop.search(query, 100).hits]
        return Candidates(np.array(rows, np.int64), np.zeros(len(rows), np.float32), "whole")

    def random(_: str) -> Candidates:
        return Candidates(rng.choice(len(ids), 100, replace=False), np.ones(100, np.float32), "random")

    def measured(find: Callable[[str], Candidates]) -> SearchReport:
        return evaluate_search(
            lambda query, k: [(ids[row], 1.0) for row in find(query).top(k).rows.tolist()], graded, measures=MEASURES
        )

    rows = []
    for name, find in [
        ("random", random),
        ("words (BM25, best field)", lambda query: proposed(query).lexical),
        ("meaning (MiniLM int8)", lambda query: proposed(query).dense),
        ("reciprocal rank fusion, k=60", rrf),
        ("hybrid (linear fusion)", lambda query: release.ranker.rank(proposed(query))),
        ("**the whole pipeline, the default, nothing learned**", whole),
    ]:
        report = measured(find)
        low, high = report.intervals["nDCG@10"]
        rows.append(
            [
                name,
                f"{report.metrics['nDCG@10']:.4f} ({low:.3f} to {high:.3f})",
                *(f"{report.metrics[m]:.4f}" for m in MEASURES[1:]),
            ]
        )
    n_queries = len({one.query for one in graded})
    head = f"Quality: {n_queries} judged queries, {len(ids):,} items, unjudged = 0, 95 % bootstrap interval."
    return f"{head}\n\n{table(['run', *MEASURES], rows)}"


def speed(shop: Shop, queries: Sequence[str]) -> str:
    """Measured numbers beside the bars that they must reach."""
    new = never_asked(shop, queries)
    in_process(shop, new[:200])
    plain, faceted = in_process(shop, new[200:2_200]), in_process(shop, new[2_200:4_200], facets=True)
    again = in_process(shop, list(queries) * 11)
    rate, own_rate = build_rate(shop)
    (web, web_again), memory = over_http(shop, new[4_200:], queries)
    n_cores = os.cpu_count() or 1
    (several, _), memory_of_all = over_http(shop, new[4_200:], queries, workers=n_cores)
    rows = [
        ["in-process search, k=10, new queries, p50", f"{plain[0]:.2f} ms", "<= 6 ms"],
        ["in-process search, k=10, new queries, p99", f"{plain[1]:.2f} ms", ""],
        ["the same with facets, p50 / p99", f"{faceted[0]:.2f} / {faceted[1]:.2f} ms", ""],
        ["in-process search, queries asked before, p50 / p99", f"{again[0]:.2f} / {again[1]:.2f} ms", ""],
        [f"HTTP, {N_CLIENTS} clients in a closed loop, new queries, p50", f"{web[0]:.2f} ms", "<= 10 ms"],
        [f"HTTP, {N_CLIENTS} clients in a closed loop, new queries, p99", f"{web[1]:.2f} ms", "<= 30 ms"],
        ["HTTP, queries asked before, p50 / p99", f"{web_again[0]:.2f} / {web_again[1]:.2f} ms", ""],
        ["HTTP requests a second, new / asked before", f"{web[2]:.0f} / {web_again[2]:.0f}", ""],
        [
            f"HTTP, {n_cores} workers, new queries, p50 / p99",
            f"{several[0]:.2f} / {several[1]:.2f} ms",
            "",
        ],
        ["server memory after the run", f"{memory:.0f} MB", "<= 700 MB"],
        [f"the same with {n_cores} workers, together", f"{memory_of_all:.0f} MB", ""],
        ["build: texts embedded a second", f"{rate:.0f}", ""],
        ["the encoder alone, on a sample of the same texts", f"{own_rate:.0f}", ""],
        ["build's share of the encoder's own rate", f"{rate / own_rate:.0%}", ">= 85 %"],
    ]
    head = (
        f"Speed: new queries are the {len(queries)} judged ones with a word of the catalogue before them, each asked "
        "once; server and clients share the cores."
    )
    return f"{head}\n\n{table(['what', 'measured', 'bar'], rows)}"


def never_asked(shop: Shop, queries: Sequence[str]) -> list[str]:
    """Different queries, in a seeded random order."""
    brands = [
        value.value for facet in shop.search(facets=True).facets if facet.field == "brand" for value in facet.values
    ]
    words = [item.split(" ")[0] for item in shop.store.items_frame()["title"].unique().sort().to_list()]
    pairs = [f"{word} {query}" for word in dict.fromkeys([*brands, *words]) for query in queries]
    return pl.Series(pairs).unique(maintain_order=True).shuffle(seed=0).to_list()


def in_process(shop: Shop, queries: Sequence[str], facets: bool = False) -> tuple[float, float]:
    times = []
    for query in queries:
        started = time.perf_counter()
        shop.search(query, facets=facets)
        times.append(time.perf_counter() - started)
    return percentiles(times)


def build_rate(shop: Shop, n_texts: int = 4_000) -> tuple[float, float]:
    """Texts a second of the build's own stage, and of the encoder alone on a sample of the same texts."""
    manifest = shop.releases()[0]
    items = pl.Series(range(manifest.n_items)).sample(n_texts, seed=0).to_list()
    texts = [item_text(shop.release.catalogue.item(row)) for row in items]
    encoder = prepare_encoder(shop.settings.encoder)
    encoder.encode_items(texts[:200])
    started = time.perf_counter()
    encoder.encode_items(texts)
    return manifest.n_items / manifest.timings_s["encode"], n_texts / (time.perf_counter() - started)


def over_http(shop: Shop, *traffics: Sequence[str], workers: int = 1) -> tuple[list[tuple[float, float, float]], float]:
    """(p50 ms, p99 ms, requests a second) for each list of queries, and the memory of all processes in MB."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "aisle.cli", "serve", "--shop", str(shop.folder)]
    command += ["--port", str(port), "--workers", str(workers)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_ready(port)
        run_clients(port, traffics[-1], 2.0)
        return [run_clients(port, queries, HTTP_SECONDS) for queries in traffics], memory_mb(server.pid, workers)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


def run_clients(port: int, queries: Sequence[str], seconds: float) -> tuple[float, float, float]:
    times: list[float] = []

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        stop = time.perf_counter() + seconds
        for query in itertools.cycle(queries[number::N_CLIENTS]):
            started = time.perf_counter()
            if started > stop:
                break
            body = json.dumps({"query": query, "k": 10})
            connection.request("POST", "/v1/search", body, {"content-type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            times.append(time.perf_counter() - started)
            if answer.status != 200:
                raise RuntimeError(f"status {answer.status}")

    threads = [threading.Thread(target=client, args=(number,)) for number in range(N_CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (*percentiles(times), len(times) / seconds)


def wait_until_ready(port: int, seconds: float = 60) -> None:
    stop = time.perf_counter() + seconds
    while time.perf_counter() < stop:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise RuntimeError("the server did not become ready")


def memory_mb(pid: int, workers: int = 1) -> float:
    """Resident memory of a process; with several workers of all of them, pages that they share counted once."""
    if workers == 1:
        return int(Path(f"/proc/{pid}/statm").read_text("utf-8").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines()
    own = sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1_024 / 1e6
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    return own + sum(memory_mb(int(child), workers) for child in children)


def percentiles(times: Sequence[float]) -> tuple[float, float]:
    return float(np.percentile(times, 50)) * 1e3, float(np.percentile(times, 99)) * 1e3


if __name__ == "__main__":
    main()
