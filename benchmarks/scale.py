"""From ten thousand items to a million on one machine: build, memory, speed and recall, and peers on the same vectors.

python benchmarks/scale.py [--sizes 10000 100000 1000000] [--encoder static|default] [--vectors int8|float32|binary]
    [--work FOLDER] [--peers-to 100000] [--publish]

The catalogue is synthetic (scale_data.py). Each stage runs in a process of its own, so that peaks of memory are its
own; run it under `taskset -c 1` for one core. What is in --work already is measured again, but not built again. A
static encoder (a table, distilled here from all-MiniLM-L6-v2) encodes thousands of texts a second; the default model
needs an hour a million. Memory: RSS is all that a process has mapped in, PSS counts what processes share once.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import scale_peers
from numpy.typing import NDArray
from report import environment, publish, table
from scale_data import make_items, make_queries, make_world

import aisle
from aisle.encoders.weights import model_folder
from aisle.pipelines.compressed import pyplot
from aisle.settings import EncoderSettings, use_setting
from aisle.text import item_text

IMAGE = Path(__file__).parents[1] / "docs" / "images" / "scale.png"
K = 10
N_EXACT = 200
"""Queries that recall is measured on."""
PART = 20_000
BARS = {"growth of p50": 4.0, "p50, ms": 15.0, "p99, ms": 50.0, "recall@10": 0.95, "memory, MB": 4_000.0}
Result = dict[str, Any]


def main() -> None:
    asked = _parser().parse_args()
    if asked.stage:
        print(json.dumps(STAGES[asked.stage](asked)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        asked.work = asked.work or Path(temporary)
        if asked.encoder == "static":
            make_table(asked.work / "table")
        results = [measured(asked, size) for size in asked.sizes]
    text = f"{environment()}\n\n{report(asked, results)}"
    print(text)
    if asked.publish:
        draw(results, IMAGE)
        publish("scale", text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--encoder", choices=["static", "default"], default="static")
    parser.add_argument("--vectors", choices=["float32", "int8", "binary"], default="int8")
    parser.add_argument("--queries", type=int, default=1_000, help="searches that are timed")
    parser.add_argument("--workers", type=int, default=2, help="processes that share a release")
    parser.add_argument("--peers", nargs="*", default=scale_peers.installed(), choices=list(scale_peers.PEERS))
    parser.add_argument("--peers-to", type=int, default=100_000, help="the most items that peers are given")
    parser.add_argument("--work", type=Path, help="where shops are kept; default: a temporary folder")
    parser.add_argument("--publish", action="store_true", help="write table and plot into docs/")
    parser.add_argument("--stage", help=argparse.SUPPRESS)
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    return parser


def measured(asked: argparse.Namespace, size: int) -> Result:
    """Everything about one size."""
    result: Result = {"items": size}
    for stage in ("fill", "build", "exact", "serve", "change"):
        result |= _ran(asked, size, stage)
    result |= shared(asked, size)
    result["peers"] = {
        name: _ran(asked, size, name) for name in asked.peers if size <= min(asked.peers_to, scale_peers.MOST[name])
    }
    print(json.dumps(result), file=sys.stderr, flush=True)
    return result


def _command(asked: argparse.Namespace, size: int, stage: str) -> list[str]:
    options = {"--encoder": asked.encoder, "--vectors": asked.vectors, "--queries": asked.queries, "--work": asked.work}
    told = [str(part) for option in (options | {"--size": size, "--stage": stage}).items() for part in option]
    return [sys.executable, __file__, *told]


def _ran(asked: argparse.Namespace, size: int, stage: str) -> Result:
    print(f"{size:,}: {stage}", file=sys.stderr, flush=True)
    done = subprocess.run(_command(asked, size, stage), check=True, stdout=subprocess.PIPE, text=True)
    result: Result = json.loads(done.stdout.splitlines()[-1])
    return result


def shared(asked: argparse.Namespace, size: int) -> Result:
    """Memory of several processes that answer from the same release."""
    command = _command(asked, size, "hold")
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(asked.workers)
    ]
    try:
        for one in running:
            next(iter(one.stdout or ()))  # it has answered some queries
        parts = [memory(one.pid) for one in running]
    finally:
        for one in running:
            one.communicate("")
    return {"workers": asked.workers, "workers_pss_mb": sum(one["pss_mb"] for one in parts), "worker": parts[0]}


def memory(pid: int | str = "self") -> dict[str, float]:
    """Megabytes of a process: all that it has mapped in, its share of it, and what nobody else has."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines()
    kb = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
    private = kb["Private_Clean"] + kb["Private_Dirty"]
    return {"rss_mb": kb["Rss"] / 1024, "pss_mb": kb["Pss"] / 1024, "private_mb": private / 1024,
            "anonymous_mb": kb["Anonymous"] / 1024}  # fmt: skip


# Stages, each in a process of its own


def fill(asked: argparse.Namespace) -> Result:
    """The shop, with its items in the store."""
    folder = _shop(asked)
    if not (folder / "aisle.toml").exists():
        aisle.init(folder).close()
    use_setting(folder, "index.vectors", asked.vectors)
    use_setting(folder, "understand.spelling", True)
    if asked.encoder == "static":
        use_setting(folder, "encoder.model", str((asked.work / "table").resolve()))
        use_setting(folder, "encoder.cache_mb", 0)  # the table is faster than the cache
    began = time.perf_counter()
    with closing(aisle.open(folder)) as shop:
        if shop.store.counts().n_items != asked.size:
            shop.store.upsert_items(make_items(make_world(), asked.size))
    return {"fill_s": time.perf_counter() - began}


def build(asked: argparse.Namespace) -> Result:
    """A release of the shop, unless there is one with these settings."""
    with closing(aisle.open(_shop(asked))) as shop:
        done = next((one for one in shop.releases() if one.settings == shop.settings), None)
        if done is None:
            began = time.perf_counter()
            done = shop.build(lambda stage, n, total: _told(stage, n, total))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            kept = {"build_s": time.perf_counter() - began, "build_peak_mb": peak}
            (shop.folder / f"built-{done.release_id}.json").write_text(json.dumps(kept), "utf-8")
        shop.activate(done.release_id)
        files = [path for path in (shop.folder / "releases" / done.release_id).rglob("*") if path.is_file()]
        built = json.loads((shop.folder / f"built-{done.release_id}.json").read_text("utf-8"))
    size_mb = sum(path.stat().st_size for path in files) / 1e6
    return {**built, "timings_s": dict(done.timings_s), "release_mb": size_mb}


def exact(asked: argparse.Namespace) -> Result:
    """The vectors in full, and the true nearest of some queries, for recall and for the peers."""
    folder = _shop(asked)
    if (folder / "exact.npz").exists():
        return {}
    with closing(aisle.open(folder)) as shop:
        release = shop.release
        items, encoder = release.catalogue.items, release.encoder
        asked_for = encoder.encode_queries(make_queries(items, asked.queries)[:N_EXACT])
        vectors = np.lib.format.open_memmap(
            folder / "exact.npy", mode="w+", dtype=np.float32, shape=(len(items), encoder.dim)
        )
        scores, rows = np.full((N_EXACT, K), -np.inf, np.float32), np.zeros((N_EXACT, K), np.int64)
        for start in range(0, len(items), PART):
            part = encoder.encode_items([item_text(item) for item in items[start : start + PART]])
            vectors[start : start + len(part)] = part
            every = np.hstack([scores, asked_for @ part.T])
            known = np.hstack([rows, np.broadcast_to(np.arange(start, start + len(part)), (N_EXACT, len(part)))])
            best = np.argsort(-every, axis=1, kind="stable")[:, :K]
            scores, rows = np.take_along_axis(every, best, 1), np.take_along_axis(known, best, 1)
    np.savez(folder / "exact.npz", queries=asked_for, rows=rows)
    return {}


def serve(asked: argparse.Namespace) -> Result:
    """Time to load, of searches one after the other, and recall of the dense part against the exact order."""
    with closing(aisle.open(_shop(asked))) as shop:
        began = time.perf_counter()
        release = shop.release
        load_s = time.perf_counter() - began
        loaded = memory()
        queries = make_queries(release.catalogue.items, asked.queries + 50)
        _timed(shop.search, queries[asked.queries :])
        times = _timed(shop.search, queries[: asked.queries])
        truth = np.load(_shop(asked) / "exact.npz")
        found = [release.index.dense(vector, K).rows for vector in truth["queries"]]
        dense = _timed(lambda vector: release.index.dense(vector, release.settings.search.depth), truth["queries"])
        words = _timed(lambda query: release.index.lexical(query, 200), queries[:N_EXACT])
        return {
            "load_s": load_s, "p50_ms": _ms(times, 50), "p99_ms": _ms(times, 99), "dense_p50_ms": _ms(dense, 50),
            "words_p50_ms": _ms(words, 50), "recall": recall(found, truth["rows"]), "loaded": loaded,
            "memory": memory(),
        }  # fmt: skip


def change(asked: argparse.Namespace) -> Result:
    """Seconds until a running release has taken in one changed price, and then one new item."""
    with closing(aisle.open(_shop(asked))) as shop:
        release = shop.release
        before, first = memory()["anonymous_mb"], release.catalogue.item(0)
        new = next(islice(make_items(make_world(), asked.size + 1), asked.size, None))
        times = []
        for item in (first, type(first)(first.item_id, first.title, price=1.0), new):
            began = time.perf_counter()
            release.apply([item], [])
            times.append(time.perf_counter() - began)
        return {"change_s": times[1], "add_s": times[2], "change_mb": memory()["anonymous_mb"] - before}


def hold(asked: argparse.Namespace) -> Result:
    """Answer some queries, and stay until the parent has looked."""
    with closing(aisle.open(_shop(asked))) as shop:
        _timed(shop.search, make_queries(shop.release.catalogue.items, N_EXACT))
        print("ready", flush=True)
        sys.stdin.read()
    return {}


def peer(name: str, asked: argparse.Namespace) -> Result:
    """Build, median time and recall of another engine on the same vectors."""
    vectors, truth = np.load(_shop(asked) / "exact.npy", mmap_mode="r"), np.load(_shop(asked) / "exact.npz")
    with tempfile.TemporaryDirectory(dir=_shop(asked)) as folder:
        began = time.perf_counter()
        find = scale_peers.PEERS[name](Path(folder), np.asarray(vectors))
        build_s = time.perf_counter() - began
        found = [find(vector) for vector in truth["queries"]]
        times = _timed(find, truth["queries"])
    return {"build_s": build_s, "p50_ms": _ms(times, 50), "recall": recall(found, truth["rows"])}


STAGES: Mapping[str, Callable[[argparse.Namespace], Result]] = {
    "fill": fill, "build": build, "exact": exact, "serve": serve, "change": change, "hold": hold,
    **{name: partial(peer, name) for name in scale_peers.PEERS},
}  # fmt: skip


def make_table(folder: Path) -> None:
    """A static encoder read off the default model: a vector a token, weighed by the words of the catalogue."""
    if (folder / "encoder.json").exists():
        return
    from aisle.encoders.compression.material import make_material  # noqa: PLC0415  imports PyTorch
    from aisle.encoders.compression.static_table import distil_table  # noqa: PLC0415

    items = list(make_items(make_world(), 2_000))
    texts = [item_text(item) for item in items]
    settings = EncoderSettings()
    source = model_folder(settings.model)
    material = make_material(source, settings, folder.parent / "whole", texts, make_queries(items, 500), 0.0)
    distil_table(material, folder)


def recall(found: Sequence[NDArray[np.int64]], truth: NDArray[np.int64]) -> float:
    """Share of the true nearest ten that were found."""
    return float(np.mean([len(np.intersect1d(one[:K], true)) / K for one, true in zip(found, truth, strict=True)]))


def _timed(ask: Callable[[Any], object], queries: Sequence[Any]) -> list[float]:
    times = []
    for query in queries:
        began = time.perf_counter()
        ask(query)
        times.append(time.perf_counter() - began)
    return times


def _ms(times: Sequence[float], percentile: float) -> float:
    return float(np.percentile(times, percentile)) * 1e3


def _shop(asked: argparse.Namespace) -> Path:
    return Path(asked.work) / f"{asked.encoder}-{asked.size}"


def _told(stage: str, n: int, total: int) -> None:
    print(f"\r{stage} {n}/{total}      ", end="", file=sys.stderr, flush=True)


# The report


def report(asked: argparse.Namespace, results: Sequence[Result]) -> str:
    """The table by size, the bars, and the peers."""
    encoder = "a static table of 256 dimensions" if asked.encoder == "static" else "all-MiniLM-L6-v2 in int8"
    cores = len(os.sched_getaffinity(0))
    head = (
        f"Synthetic catalogue, {encoder}, vectors kept as {asked.vectors}, {cores} core(s), {asked.queries:,} searches "
        f"one after the other; recall of the dense part on {N_EXACT} queries. Memory: RSS of the server after them."
    )
    names = (
        "items", "build: items/s", "peak MB", "release MB", "load s", "p50 ms", "p99 ms", "words p50 ms",
        "dense p50 ms", "recall@10", "RSS MB", "of it private", f"PSS of {asked.workers} workers", "change s",
        "new item s",
    )  # fmt: skip
    parts = [head, table(names, map(_row, results)), _bars(results)]
    rows = [
        (f"{one['items']:,}", name, f"{peer['build_s']:.0f}", f"{peer['p50_ms']:.2f}", f"{peer['recall']:.3f}")
        for one in results
        for name, peer in (*one["peers"].items(), ("**Aisle, dense part, top 200**", _own(one)))
    ]
    parts.append("Dense part alone, ten nearest:")
    parts.append(table(("items", "engine", "build s", "p50 ms", "recall@10"), rows))
    return "\n\n".join(parts)


def _own(one: Result) -> Result:
    return {"build_s": one["timings_s"]["index"], "p50_ms": one["dense_p50_ms"], "recall": one["recall"]}


def _row(one: Result) -> tuple[str, ...]:
    return (
        f"{one['items']:,}", f"{one['items'] / one['build_s']:,.0f}", f"{one['build_peak_mb']:,.0f}",
        f"{one['release_mb']:,.0f}", f"{one['load_s']:.1f}", f"{one['p50_ms']:.2f}", f"{one['p99_ms']:.2f}",
        f"{one['words_p50_ms']:.2f}", f"{one['dense_p50_ms']:.2f}", f"{one['recall']:.3f}",
        f"{one['memory']['rss_mb']:,.0f}", f"{one['memory']['private_mb']:,.0f}", f"{one['workers_pss_mb']:,.0f}",
        f"{one['change_s']:.2f}", f"{one['add_s']:.2f}",
    )  # fmt: skip


def _bars(results: Sequence[Result]) -> str:
    """What was promised beside what was measured, at the largest size."""
    least, most = results[0], results[-1]
    found = {
        "growth of p50": most["p50_ms"] / least["p50_ms"], "p50, ms": most["p50_ms"], "p99, ms": most["p99_ms"],
        "recall@10": most["recall"], "memory, MB": most["memory"]["rss_mb"],
    }  # fmt: skip
    rows = [
        (name, f"{found[name]:,.2f}", f"{'>=' if name == 'recall@10' else '<='} {bar:g}") for name, bar in BARS.items()
    ]
    return f"At {most['items']:,} items, against {least['items']:,}:\n\n{table(('what', 'measured', 'bar'), rows)}"


def draw(results: Sequence[Result], path: Path) -> None:
    """How everything grows with the number of items, both axes logarithmic."""
    plot = pyplot()
    figure, axes = plot.subplots(figsize=(8, 5), dpi=120)
    sizes = [one["items"] for one in results]
    lines = {
        "search p50, ms": [one["p50_ms"] for one in results], "search p99, ms": [one["p99_ms"] for one in results],
        "memory, MB": [one["memory"]["rss_mb"] for one in results],
        "release, MB": [one["release_mb"] for one in results],
        "build, s": [one["build_s"] for one in results],
    }  # fmt: skip
    for name, values in lines.items():
        axes.loglog(sizes, values, marker="o", label=name)
    axes.set_xlabel("items")
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend()
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    plot.close(figure)


if __name__ == "__main__":
    main()
