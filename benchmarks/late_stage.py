"""The late stage: diversity, sold-out items, and whether a cross-encoder pays its time.

    python benchmarks/late_stage.py ../shared/datasets [--shop FOLDER] [--reranker FOLDER] [--queries 500] [--publish]

Data: chorus_icecat and homedepot_search, their visible parts. `--reranker` names a folder made by `train_reranker.py`;
without it one is trained first, which takes ten minutes of one core.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
from report import environment, publish, table
from search import open_or_build
from train_reranker import split, train

from aisle.encoders import CrossEncoder, Encoder, prepare_cross_encoder
from aisle.evaluation import evaluate_search
from aisle.index import EmbeddedIndex
from aisle.ranking import diversify, linear_fusion, rerank
from aisle.ranking.stock import demote_sold_out
from aisle.ranking.traits import Traits, read_traits
from aisle.ranking.variants import Codes
from aisle.releases import Release
from aisle.settings import IndexSettings
from aisle.sources import read_judgments
from aisle.text import item_text, normalise
from aisle.types import Candidates, Item, Judgment, Scores, Vectors

MEASURES = ("nDCG@10", "nDCG(judged_only=True)@10")
Find = Callable[[str], Candidates]
LAYERS = (0, 2, 4)
DEPTH = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the data sets")
    parser.add_argument("--shop", type=Path, help="a shop built from chorus_icecat before")
    parser.add_argument("--reranker", type=Path, help="folder made by train_reranker.py")
    parser.add_argument("--queries", type=int, default=500, help="held-out queries for the whole catalogue")
    parser.add_argument("--publish", action="store_true", help="write the tables to docs/benchmarks.md")
    asked = parser.parse_args()
    icecat, homedepot = asked.data / "chorus_icecat", asked.data / "homedepot_search"
    with tempfile.TemporaryDirectory() as temporary:
        shop = open_or_build(asked.shop or Path(temporary) / "shop", icecat)
        graded = list(
            read_judgments(str(icecat / "judgments.parquet"), reject=print, queries=str(icecat / "queries.parquet"))
        )
        parts = [environment(), diversity(shop.release, graded), stock(shop.release, graded)]
        folder = asked.reranker or Path(temporary) / "reranker"
        if not asked.reranker:
            train(homedepot, folder, LAYERS, 600)
        cross = prepare_cross_encoder(str(folder), max_tokens=64, threads=1)
        find, titles = homedepot_hybrid(homedepot, Path(temporary) / "index", shop.release.encoder)
        parts += [
            judged_lists(homedepot, find, titles, cross),
            whole(homedepot, find, titles, cross, asked.queries),
        ]
        parts += [zero_shot(shop.release, graded, cross), latency(shop.release, graded, cross)]
        shop.close()
    text = "\n\n".join(parts)
    print(text)
    if asked.publish:
        publish("late-stage", text)


def diversity(release: Release, graded: Sequence[Judgment]) -> str:
    """Quality against choice, over the weight of relevance."""
    traits = read_traits(release.index.columns)
    found = {query: hybrid_of(release, query) for query in {one.query for one in graded}}
    both, vectors = [traits.brands, traits.categories], release.index.vectors

    def weighed(weight: float, codes: Sequence[Codes], near: Vectors | None = None) -> Find:
        return lambda query: diversify(found[query], codes, weight, vectors=near)

    runs: list[tuple[str, Find]] = [("off", found.__getitem__)]
    runs += [(f"brand, category; {weight}", weighed(weight, both)) for weight in (0.95, 0.9, 0.85, 0.8, 0.7, 0.5)]
    runs += [(f"brand; {weight}", weighed(weight, both[:1])) for weight in (0.95, 0.9, 0.8)]
    runs += [(f"brand, category, vectors; {weight}", weighed(weight, both, vectors)) for weight in (0.95, 0.9, 0.8)]
    rows = [
        [name, *measured(release.catalogue.item_ids, run, graded), *choice(run, list(found), traits)]
        for name, run in runs
    ]
    longest = next(one for one in found.values() if len(one) >= 50)
    each_ms = timed_ms(lambda: diversify(longest, both, 0.9))
    head = f"Maximal marginal relevance over the top 50, Icecat; {each_ms:.2f} ms a call (median)."
    return f"{head}\n\n{table(['run', *MEASURES, 'brands@10', 'categories@10'], rows)}"


def choice(run: Find, queries: Sequence[str], traits: Traits) -> list[str]:
    """Different brands and categories among the first ten, as a share of the ten."""
    shares = []
    for codes in (traits.brands, traits.categories):
        pages = [codes[run(query).rows[:10]] for query in queries if len(run(query))]
        shares.append(np.mean([(len(np.unique(page[page >= 0])) + (page < 0).sum()) / len(page) for page in pages]))
    return [f"{share:.3f}" for share in shares]


def stock(release: Release, graded: Sequence[Judgment]) -> str:
    """Where the first result stands when it is sold out: of a broad query, and of its very name."""
    factors = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)
    rng = np.random.default_rng(0)
    named = [
        release.catalogue.item(row).title for row in rng.choice(release.index.n_items, 100, replace=False).tolist()
    ]
    rows = []
    for kind, queries in (("judged queries", sorted({one.query for one in graded})), ("titles of items", named)):
        found = [one for one in (hybrid_of(release, query) for query in queries) if len(one) >= 20]
        places = np.array([[place_of_first(one, release, factor) for factor in factors] for one in found])
        rows.append([f"{kind}: median rank", *(f"{value:g}" for value in np.median(places, axis=0))])
        rows.append([f"{kind}: still first", *(f"{share:.0%}" for share in (places == 1).mean(axis=0))])
    head = "Rank of the first result once it is sold out, by the share of its score that it keeps (Icecat)."
    return f"{head}\n\n{table(['', *map(str, factors)], rows)}"


def place_of_first(found: Candidates, release: Release, factor: float) -> int:
    sold_out = np.zeros(len(release.index.vectors), bool)
    sold_out[found.rows[0]] = True
    return int(np.flatnonzero(demote_sold_out(found, sold_out, factor).rows == found.rows[0])[0]) + 1


def homedepot_hybrid(data: Path, folder: Path, encoder: Encoder) -> tuple[Find, dict[str, str]]:
    """Linear fusion over the whole catalogue with the default weights; titles by item id, in the order of rows."""
    items = [Item(str(item_id), title) for item_id, title in pl.read_parquet(data / "items.parquet").iter_rows()]
    vectors: Vectors = encoder.encode_items([item.title for item in items])
    index = EmbeddedIndex.create(folder, encoder.dim, IndexSettings(exact_below=len(items)))
    index.add(np.arange(len(items)), items, vectors)

    def find(query: str) -> Candidates:
        return hybrid(index, encoder, query)

    return find, {item.item_id: item.title for item in items}


def judged_lists(data: Path, find: Find, titles: dict[str, str], cross: CrossEncoder) -> str:
    """Each held-out query's judged items put in order."""
    lists = held_out(data)
    row_of = {item_id: row for row, item_id in enumerate(titles)}
    first: dict[str, dict[str, float]] = {}
    second: dict[str, dict[str, float]] = {}
    for query, grades in lists.items():
        found = find(query)
        shares = dict(zip(found.rows.tolist(), (found.scores / found.scores.max(initial=1e-9)).tolist(), strict=True))
        first[query] = {item_id: shares.get(row_of[item_id], 0.0) for item_id in grades}
        opinions = cross.score(query, [titles[item_id] for item_id in grades]).tolist()
        second[query] = dict(zip(grades, opinions, strict=True))
    graded = [Judgment(query, item_id, grade) for query, grades in lists.items() for item_id, grade in grades.items()]
    rows = []
    for name, weight in [("hybrid", 0.0), ("0.5 hybrid + 0.5 cross-encoder", 0.5), ("cross-encoder", 1.0)]:

        def order(query: str, k: int, w: float = weight) -> list[tuple[str, float]]:
            worth = {one: (1 - w) * first[query][one] + w * second[query][one] for one in first[query]}
            return sorted(worth.items(), key=lambda pair: -pair[1])[:k]

        rows.append([name, *in_words(order, graded, MEASURES[:1])])
    head = f"Home Depot, {len(lists):,} held-out queries, only their judged items."
    return f"{head}\n\n{table(['run', MEASURES[0]], rows)}"


def whole(data: Path, find: Find, titles: dict[str, str], cross: CrossEncoder, n_queries: int) -> str:
    """The top of the hybrid over the whole catalogue, put in order again."""
    lists = held_out(data)
    chosen = sorted(np.random.default_rng(1).choice(sorted(lists), min(n_queries, len(lists)), replace=False).tolist())
    graded = [Judgment(query, item_id, grade) for query in chosen for item_id, grade in lists[query].items()]
    ids, texts = list(titles), list(titles.values())
    found = {query: find(query) for query in chosen}
    opinions = {query: cross.score(query, [texts[row] for row in found[query].rows[:20].tolist()]) for query in chosen}
    rows = reranked_rows(found, opinions, ids, graded)
    head = f"Home Depot, {len(chosen)} held-out queries, all {len(ids):,} items; the hybrid's top put in order again."
    return f"{head}\n\n{table(['run', *MEASURES], rows)}"


def zero_shot(release: Release, graded: Sequence[Judgment], cross: CrossEncoder) -> str:
    """The same model on a catalogue that it has never seen."""
    found = {query: hybrid_of(release, query) for query in {one.query for one in graded}}
    opinions = {
        query: cross.score(query, [release.catalogue.item(row).title for row in one.rows[:20].tolist()])
        for query, one in found.items()
    }
    rows = reranked_rows(found, opinions, release.catalogue.item_ids, graded)
    return (
        f"Icecat, {len(found)} queries; the same cross-encoder, not trained there.\n\n{table(['run', *MEASURES], rows)}"
    )


def reranked_rows(
    found: dict[str, Candidates], opinions: dict[str, Scores], ids: Sequence[str], graded: Sequence[Judgment]
) -> list[list[str]]:
    """The hybrid, and what the first 10 or 20 become by opinions of several weights."""

    def reranked(k: int, weight: float) -> Find:
        return lambda query: rerank(found[query], opinions[query][:k], weight)

    runs: list[tuple[str, Find]] = [("hybrid", found.__getitem__)]
    runs += [(f"top {k}, weight {weight}", reranked(k, weight)) for k in (10, 20) for weight in (0.25, 0.5, 1.0)]
    return [[name, *measured(ids, run, graded)] for name, run in runs]


def latency(release: Release, graded: Sequence[Judgment], cross: CrossEncoder) -> str:
    """Milliseconds of one query on one core."""
    rows = []
    for k in (10, 20):
        for name, text_of in (("titles", title), ("titles and descriptions", item_text)):
            times = []
            for query in sorted({one.query for one in graded}):
                found = hybrid_of(release, query).rows[:k].tolist()
                texts = [text_of(release.catalogue.item(row)) for row in found]
                times.append(timed_ms(partial(cross.score, query, texts), 3))
            rows.append([f"{k} {name}", f"{np.percentile(times, 50):.1f}", f"{np.percentile(times, 99):.1f}"])
    head = f"The cross-encoder's time, one core, {cross.name.split('/')[-1]}, texts cut to 64 tokens."
    return f"{head}\n\n{table(['candidates', 'p50 ms', 'p99 ms'], rows)}"


def title(item: Item) -> str:
    return item.title


def hybrid_of(release: Release, query: str) -> Candidates:
    return hybrid(release.index, release.encoder, query)


def hybrid(index: EmbeddedIndex, encoder: Encoder, query: str) -> Candidates:
    """Words and meaning as typed, half and half: no spelling, no intent, no learned ranker."""
    text = normalise(query)
    vector = encoder.encode_queries([text])[0]
    words, near = index.lexical(text, DEPTH), index.dense(vector, DEPTH)
    near = near.top(int((near.scores >= max(0.35, 0.6 * near.scores.max(initial=0))).sum()))
    rows = np.union1d(words.rows, near.rows)
    return linear_fusion(words, rows, index.cosines(vector, rows), 0.5, 0.5)


def held_out(data: Path) -> dict[str, dict[str, int]]:
    """Grades 0 to 6 by query and item id."""
    lists: dict[str, dict[str, int]] = {}
    for row in split(data)[1].iter_rows(named=True):
        lists.setdefault(row["query"], {})[str(row["item_id"])] = round((row["relevance"] - 1) * 3)
    return lists


def measured(ids: Sequence[str], run: Find, graded: Sequence[Judgment]) -> list[str]:
    return in_words(lambda query, k: [(ids[row], 1.0) for row in run(query).rows[:k].tolist()], graded)


def in_words(
    run: Callable[[str, int], list[tuple[str, float]]], graded: Sequence[Judgment], measures: Sequence[str] = MEASURES
) -> list[str]:
    report = evaluate_search(run, graded, measures=measures)
    return [
        f"{report.metrics[one]:.4f} ({report.intervals[one][0]:.3f} to {report.intervals[one][1]:.3f})"
        for one in measures
    ]


def timed_ms(act: Callable[[], object], n_times: int = 50) -> float:
    """The median of some calls, after one to warm up."""
    act()
    times = []
    for _ in range(n_times):
        started = time.perf_counter()
        act()
        times.append((time.perf_counter() - started) * 1_000)
    return float(np.median(times))


if __name__ == "__main__":
    main()
