"""Filters and facets on a large catalogue: recall and speed of filtered search, of facets and of suggestions.

python benchmarks/filters.py ../shared/datasets/homedepot_search [--vectors FOLDER] [--shop FOLDER] [--publish]

`--vectors` holds items.npy and queries.npy, encoded before; default: both are encoded, which takes minutes.
`--shop` is a built shop with many attributes, such as one of Icecat, whose facets and suggestions are timed.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import polars as pl
from report import environment, publish, table

import aisle
from aisle.encoders import prepare_encoder
from aisle.index import Completions, EmbeddedIndex, near_misses, parse_filter
from aisle.index.dense import DenseIndex
from aisle.index.learn_completions import learn_completions
from aisle.settings import EncoderSettings, IndexSettings
from aisle.text import terms
from aisle.types import Item, Rows, Vectors

SELECTIVITIES = (0.001, 0.01, 0.1, 0.5, 0.9)
N_QUERIES = 200
BRANDS = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the homedepot_search data set")
    parser.add_argument("--vectors", type=Path, help="folder of items.npy and queries.npy")
    parser.add_argument("--shop", type=Path, help="a built shop with many attributes")
    parser.add_argument("--publish", action="store_true", help="write the tables to docs/benchmarks.md")
    asked = parser.parse_args()
    titles = pl.read_parquet(asked.data / "items.parquet")["title"].to_list()
    queries = pl.read_parquet(asked.data / "queries.parquet")["query"].to_list()
    vectors, questions = read_vectors(asked.vectors, titles, queries)
    chosen = np.random.default_rng(0).choice(len(queries), N_QUERIES, replace=False).tolist()
    with tempfile.TemporaryDirectory() as folder:
        index = EmbeddedIndex.create(Path(folder), vectors.shape[1], IndexSettings())
        index.add(np.arange(len(titles)), made_items(titles), vectors)
        parts = [
            environment(),
            filtered_meaning(index, vectors, questions[chosen]),
            filtered_words(index, [queries[place] for place in chosen]),
            counting(index, asked.shop, queries),
            suggestions(asked.shop, titles, queries),
        ]
    text = "\n\n".join(parts)
    print(text)
    if asked.publish:
        publish("filters", text)


def read_vectors(folder: Path | None, titles: Sequence[str], queries: Sequence[str]) -> tuple[Vectors, Vectors]:
    if folder is not None:
        return np.load(folder / "items.npy"), np.load(folder / "queries.npy")
    encoder = prepare_encoder(EncoderSettings())
    return encoder.encode_items(titles), encoder.encode_queries(queries)


def made_items(titles: Sequence[str]) -> list[Item]:
    """The real titles with made-up fields: `price` is a number from 0 to 1 that says nothing about the title."""
    rng = random.Random(0)
    return [
        Item(
            f"i{place}", title, brand=f"Brand {int(rng.paretovariate(1)) % BRANDS}", price=rng.random(),
            category=(f"Department {place % 12}", f"Aisle {place % 96}"), rating=rng.choice([2.0, 3.5, 4.5]),
            attributes={"colour": rng.choice(["red", "blue", "grey"]), "width": float(rng.randint(1, 500))},
        )
        for place, title in enumerate(titles)
    ]  # fmt: skip


def filtered_meaning(index: EmbeddedIndex, vectors: Vectors, questions: Vectors) -> str:
    """Recall against comparing everything, and the time of the index beside that of comparing everything."""
    prices = index._state.columns.numbers["price"]
    rows = []
    for share in (*SELECTIVITIES, 1.0):
        within = parse_filter(f"price < {share}") if share < 1 else None
        mask = prices < share if share < 1 else np.ones(len(vectors), bool)
        picked = np.flatnonzero(mask)
        truth = [picked[np.argsort(-(vectors[picked] @ vector))[:10]] for vector in questions]
        for k in (10, 200):
            found = [index.dense(vector, k, within).rows[:10] for vector in questions]
            recall = np.mean([len(np.intersect1d(a, b)) / 10 for a, b in zip(found, truth, strict=True)])
            took = timed(lambda vector, k=k, within=within: index.dense(vector, k, within), questions)
            brute = timed(lambda vector, mask=mask: np.where(mask, vectors @ vector, -np.inf).max(), questions)
            rows.append([f"{share:.1%}", f"{len(picked):,}", str(k), f"{recall:.4f}", took, brute])
    header = ["items that pass", "how many", "k", "recall@10", "p50 / p99 ms", "comparing all: p50 / p99 ms"]
    head = f"Filtered search by meaning: {len(vectors):,} vectors of {vectors.shape[1]}, {len(questions)} queries; "
    return (
        f"{head}the bar is a recall@10 of 0.98.\n\n{table(header, rows)}\n\n{hard_filters(index, vectors, questions)}"
    )


def hard_filters(index: EmbeddedIndex, vectors: Vectors, questions: Vectors) -> str:
    """Filters that keep what is near to the query, or what is far from it: over-fetching alone would fail here."""
    dense: DenseIndex = index._state.meanings
    rows = []
    for name, low, high in (
        ("the nearest half", 0.5, 1.0),
        ("the farthest half", 0.0, 0.5),
        ("the middle", 0.25, 0.75),
    ):
        recalls = []
        for vector in questions[:50]:
            cosines = vectors @ vector
            mask = (cosines >= np.quantile(cosines, low)) & (cosines <= np.quantile(cosines, high))
            picked = np.flatnonzero(mask)
            truth = picked[np.argsort(-cosines[picked])[:10]]
            recalls.append(len(np.intersect1d(dense.search(vector, 10, mask).rows, truth)) / 10)
        rows.append([name, f"{np.mean(recalls):.4f}"])
    return table(["filter that follows the query: it keeps", "recall@10"], rows)


def filtered_words(index: EmbeddedIndex, queries: Sequence[str]) -> str:
    """The same scores as all matches of the query, sifted by the filter."""
    everything = {query: index.lexical(query, index.n_items) for query in queries}
    prices = index._state.columns.numbers["price"]
    rows = []
    for share in SELECTIVITIES:
        within = parse_filter(f"price < {share}")
        same = 0
        for query in queries:
            whole = everything[query]
            expected = whole.scores[prices[whole.rows] < share][:200]
            same += np.allclose(index.lexical(query, 200, within).scores, expected, rtol=1e-5)
        took = timed(lambda query, within=within: index.lexical(query, 200, within), queries)
        rows.append([f"{share:.1%}", f"{same} of {len(queries)}", took])
    header = ["items that pass", "queries with exact scores", "p50 / p99 ms"]
    return f"Filtered search by words, k=200:\n\n{table(header, rows)}"


def counting(index: EmbeddedIndex, shop: Path | None, queries: Sequence[str]) -> str:
    """Facets of results and of the whole catalogue, with one condition and with two."""
    rows = facet_times("made-up fields", index, queries[:200])
    if shop is not None:
        items = shop_items(shop)
        with tempfile.TemporaryDirectory() as folder:
            real = EmbeddedIndex.create(Path(folder), 1, IndexSettings(exact_below=len(items)))
            real.add(np.arange(len(items)), items, np.ones((len(items), 1), np.float32))
            brand = next(facet for facet in real.facets(real.browse()) if facet.field == "brand")
            rows += facet_times(shop.name, real, queries[:200], brand.values[0].filter)
    return f"Facets, exact counts:\n\n{table(['catalogue', 'rows', 'conditions', 'p50 / p99 ms'], rows)}"


def shop_items(shop: Path) -> list[Item]:
    with closing(aisle.open(shop)) as opened:
        return list(opened.store.items())


def facet_times(
    name: str, index: EmbeddedIndex, queries: Sequence[str], brand: str = 'brand = "Brand 1"'
) -> list[list[str]]:
    results = [found for query in queries if len(found := index.lexical(query, 300).rows) >= 250]
    everything, rng = index.browse(), np.random.default_rng(0)
    half = [np.sort(rng.choice(everything, len(everything) // 2, replace=False)) for _ in range(50)]
    within = parse_filter(f"{brand} AND price > 0")
    passing, beside = index.browse(within), index.browse(near_misses(within))

    parted = [(np.intersect1d(rows, passing), np.intersect1d(rows, beside)) for rows in results]

    def disjunctive(part: tuple[Rows, Rows]) -> object:
        return index.facets(part[0], "", within, part[1])

    return [
        [f"{name}, {index.n_items:,} items", "about 300", "none", timed(index.facets, results)],
        ["", "about 300", "brand and price", timed(disjunctive, parted)],
        ["", f"all {len(everything):,}", "none", timed(index.facets, [everything] * 50)],
        ["", f"half: {len(everything) // 2:,}", "none", timed(index.facets, half)],
        ["", f"all {len(everything):,}", "brand and price",
         timed(lambda rows: index.facets(rows, "", within, beside), [passing] * 50)],
    ]  # fmt: skip


def suggestions(shop: Path | None, titles: Sequence[str], queries: Sequence[str]) -> str:
    """20,000 items and 10,000 queries; what was typed is the beginning of one of them, as it is or with one error."""
    rng = random.Random(0)
    items = [Item(f"i{place}", title) for place, title in enumerate(titles)] if shop is None else shop_items(shop)
    items = items[:20_000]
    made = learn_completions(
        items,
        [rng.random() for _ in items],
        {query: rng.randint(2, 99) for query in queries[:10_000]},
        lambda text: bool(terms(text)),
    )
    with tempfile.TemporaryDirectory() as folder:
        made.save(Path(folder))
        started = time.perf_counter()
        completions = Completions.load(Path(folder)).prepared()
        loaded = time.perf_counter() - started
    texts = [*rng.sample(list(queries), 500), *(item.title for item in rng.sample(items, 500))]
    typed = [text[: rng.randint(1, 18)] for text in texts]
    wrong = [mistyped(prefix, rng) for prefix in typed if len(prefix) >= 5]
    affinity = {items[0].brand: 0.5, items[1].brand: 1.0}
    rows = [
        [name, str(len(prefixes)), timed(ask, prefixes)]
        for name, prefixes, ask in [
            ("as it should be", typed, lambda prefix: completions.suggest(prefix, 10, "en")),
            ("with one error", wrong, lambda prefix: completions.suggest(prefix, 10, "en")),
            ("for one shopper", typed, lambda prefix: completions.suggest(prefix, 10, "en", affinity=affinity)),
        ]
    ]
    n_queries = min(len(queries), 10_000)
    head = f"Suggestions: {len(items):,} items, {n_queries:,} queries, ready in {loaded:.1f} s; the bar is 2 ms at p99."
    return f"{head}\n\n{table(['typed', 'prefixes', 'p50 / p99 ms'], rows)}"


def mistyped(text: str, rng: random.Random) -> str:
    """`text` with one letter left out, added, changed or swapped, never the first."""
    place, letter = rng.randint(1, len(text) - 1), rng.choice("abcdefghijklmnopqrstuvwxyz")
    start, end = text[:place], text[place + 1 :]
    return rng.choice(
        [start + end, start + letter + text[place:], start + letter + end, start[:-1] + text[place] + start[-1] + end]
    )


def timed(ask: Callable[[object], object], questions: Sequence[object]) -> str:
    for question in questions[:10]:
        ask(question)
    times = []
    for question in questions:
        started = time.perf_counter()
        ask(question)
        times.append((time.perf_counter() - started) * 1e3)
    return f"{np.percentile(times, 50):.2f} / {np.percentile(times, 99):.2f}"


if __name__ == "__main__":
    main()
