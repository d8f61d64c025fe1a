"""What queries are understood to mean: categories and their calibration, constraints, filters that lose nothing, speed.

python benchmarks/intent.py [../shared/datasets/chorus_icecat] [--shop FOLDER] [--publish]

The sample shop is generated; its truth says what every query wants. A fifth of its queries, with all their typing
errors, is held out: no judgment and no click of them is learned from. The Icecat set is learned from half of its
judged queries and measured on the other half, and the other way round.
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import numpy as np
import polars as pl
from report import environment, publish, table

import aisle
from aisle.encoders import Encoder, prepare_encoder
from aisle.index.columns import item_pairs
from aisle.index.pairs import PATH_SEPARATOR
from aisle.intent import Intent, IntentResult, clicks_by_query, learn_intent
from aisle.intent.calibration import calibration_error
from aisle.intent.category import mixed
from aisle.sample_shop import generate
from aisle.sample_shop.queries import Query
from aisle.sample_shop.world import make_world
from aisle.settings import EncoderSettings
from aisle.sources import read_judgments
from aisle.text import has_chinese, item_text
from aisle.text.ranges import cut_ranges
from aisle.types import Constraint, Item, Vectors

END, DAYS, SEED = datetime(2026, 6, 30, tzinfo=UTC), 90, 7
HELD_OUT = 5
"""One canonical query of so many is held out."""
N_GENERATED = 200


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample shop, split."""

    items: list[Item]
    vectors: Vectors
    intent: Intent
    tested: list[Query]
    judged: pl.DataFrame
    """Judgments of the held-out queries."""
    leaves: Sequence[str]
    """Category path by number of leaf."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", help="folder of the chorus_icecat data set")
    parser.add_argument(
        "--shop", type=Path, help="a shop built from it before; default: build one in a temporary folder"
    )
    parser.add_argument("--publish", action="store_true", help="write the tables to docs/benchmarks.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        encoder = prepare_encoder(EncoderSettings())
        sample = make_sample(encoder)
        parts = [environment(), categories(sample, encoder), constraints(sample, encoder), filters(sample, encoder)]
        parts.append(speed(sample, encoder))
        if asked.data:
            parts.append(icecat(asked.shop or Path(temporary) / "icecat", asked.data))
    text = "\n\n".join(parts)
    print(text)
    if asked.publish:
        publish("intent", text)


def make_sample(encoder: Encoder) -> Sample:
    """The sample shop and what is learned from four fifths of its queries."""
    shop = generate(SEED, days=DAYS, end=END)
    world = make_world(3000, 2000, END - timedelta(days=DAYS), DAYS, np.random.default_rng(SEED))
    order = np.random.default_rng(0).permutation(len(world.queries))
    tested = [world.queries[place] for place in order[: len(order) // HELD_OUT]]
    hidden = {query.text for query in tested}
    meant = shop.truth.typos
    judgments = pl.DataFrame(
        [(one.query, one.item_id, one.grade) for one in shop.judgments], ["query", "item_id", "grade"], orient="row"
    )
    clicks = clicks_by_query(shop.events)
    known = pl.col("query").map_elements(lambda text: meant.get(text, text) not in hidden, pl.Boolean)
    vectors = encoder.encode_items([item_text(item) for item in shop.items])
    intent = learn_intent(shop.items, vectors, judgments.filter(known), clicks.filter(known), encoder)
    leaves = [PATH_SEPARATOR.join(part.en for part in leaf.path) for leaf in world.leaves]
    return Sample(shop.items, vectors, intent, tested, judgments.filter(~known), leaves)


def vector_of(encoder: Encoder, query: str) -> Vectors | None:
    asked = cut_ranges(query)
    return encoder.encode_queries([asked])[0] if asked and not has_chinese(asked) else None


def categories(sample: Sample, encoder: Encoder) -> str:
    model = sample.intent.category
    truth = np.array([model.paths.index(sample.leaves[query.leaf]) for query in sample.tested])
    chinese = np.array([query.locale == "zh" for query in sample.tested])
    parts = [model.parts(query.text, vector_of(encoder, query.text)) for query in sample.tested]
    numbers = {path: number for number, path in enumerate(model.paths)}
    labels = np.array([numbers[PATH_SEPARATOR.join(item.category)] for item in sample.items])
    centroids = np.array([sample.vectors[labels == number].mean(axis=0) for number in range(len(model.paths))])
    centroids /= np.linalg.norm(centroids, axis=1, keepdims=True)
    near = [
        (None, None if (vector := vector_of(encoder, query.text)) is None else 20 * centroids @ vector)
        for query in sample.tested
    ]
    systems = {
        "nearest centroid of the items' vectors": [mixed(*part, (1, 1, 1)) for part in near],
        "words (naive Bayes), not calibrated": [mixed(words, None, (1, 1, 1)) for words, _ in parts],
        "meaning (softmax regression), not calibrated": [mixed(None, meaning, (1, 1, 1)) for _, meaning in parts],
        "both, not calibrated": [mixed(*part, (1, 1, 1)) for part in parts],
        "**both, calibrated mix**": [mixed(*part, model.mix) for part in parts],
    }
    rows = []
    for name, found in systems.items():
        guess = np.array([-1 if one is None else int(one.argmax()) for one in found])
        confidence = np.array([0.0 if one is None else float(one.max()) for one in found])
        right = guess == truth
        answered = guess >= 0
        rows.append(
            (
                name,
                *(f"{right[of].mean():.3f}" for of in (~chinese, chinese, np.ones(len(right), bool))),
                f"{calibration_error(confidence[answered], right[answered]):.3f}",
            )
        )
    n = f"{(~chinese).sum()} English and {chinese.sum()} Chinese held-out queries, {len(model.paths)} categories"
    head = ("category prediction", "accuracy@1 en", "zh", "all", "ECE (of those answered)")
    return f"Sample shop, {n}; Chinese queries are read by words alone.\n\n{table(head, rows)}"


PRICES = (
    ("{} under 40 euro", "{} 40元以下", (None, 40.0)),
    ("{} over $25", "25元以上的{}", (25.0, None)),
    ("{} between 20 and 50", "20到50元的{}", (20.0, 50.0)),
    ("{} 20-60 eur", "{} 20-60元", (20.0, 60.0)),
    ("{} cheaper than 80", "不超过80元的{}", (None, 80.0)),
)


def generated(sample: Sample) -> list[tuple[str, set[tuple[str, str]]]]:
    """Two hundred queries and what each says: (kind, what); every second one with a price."""
    labels = _labels(sample.items)
    found = []
    for place, query in enumerate(sample.tested[:N_GENERATED]):
        said = {
            ("brand" if name == "brand" else "attribute", f"{name}={values[0]}") for name, values in query.wants.items()
        }
        # A wish ("block out noise on a plane") wants an attribute that none of its words names.
        said = {one for one in said if _is_named(one[1], query.text, labels)}
        said.add(("category", sample.leaves[query.leaf]))
        text = query.text
        if place % 2:
            english, chinese, (low, high) = PRICES[place // 2 % len(PRICES)]
            text = (chinese if query.locale == "zh" else english).format(text)
            said.add(("price", f"{low} {high}"))
        found.append((text, said))
    return found


def _labels(items: Iterable[Item]) -> dict[tuple[str, str], set[str]]:
    labels: dict[tuple[str, str], set[str]] = {}
    for item in items:
        for pair, names in item_pairs(item):
            labels.setdefault(pair, set()).update(label.casefold() for _, label in names)
    return labels


def _is_named(said: str, query: str, labels: Mapping[tuple[str, str], set[str]]) -> bool:
    query, (name, value) = query.casefold(), said.split("=", 1)
    # The feed does not translate brands; a Chinese query with a brand is one that names it.
    return (
        name == "brand" or value.casefold() in query or any(label in query for label in labels.get((name, value), ()))
    )


def _read(result: IntentResult) -> set[tuple[str, str]]:
    found = set()
    for one in result.constraints:
        if one.field == "price":
            bounds = dict(part.split(" ")[1:] for part in one.filter.split(" AND "))
            low, high = (float(bounds[sign]) if sign in bounds else None for sign in (">=", "<="))
            found.add(("price", f"{low} {high}"))
        else:
            found.add((one.field if one.field in ("brand", "category") else "attribute", one.filter))
    return found


def constraints(sample: Sample, encoder: Encoder) -> str:
    asked = generated(sample)
    right: Counter[str] = Counter()
    n_found: Counter[str] = Counter()
    n_said: Counter[str] = Counter()
    for text, said in asked:
        read = _read(sample.intent.read(text, vector_of(encoder, text)))
        n_said.update(kind for kind, _ in said)
        n_found.update(kind for kind, _ in read)
        for kind, what in read:
            right[kind] += any(kind == other and _says(what, value) for other, value in said)
    rows = [
        (
            kind,
            str(n_said[kind]),
            str(n_found[kind]),
            f"{right[kind] / max(n_found[kind], 1):.3f}",
            f"{right[kind] / max(n_said[kind], 1):.3f}",
        )
        for kind in ("price", "brand", "category", "attribute")
    ]
    kinds = _kinds(sample, encoder)
    return (
        f"{len(asked)} generated queries in both languages, every second one with a price.\n\n"
        + table(("constraint", "said", "found", "precision", "recall"), rows)
        + "\n\n"
        + table(("kind of query", "queries", "read as that"), kinds)
    )


def _says(read: str, said: str) -> bool:
    """Whether a filter says it; a category above the one that is meant is right as well."""
    if "=" not in said:
        parents = [PATH_SEPARATOR.join(said.split(PATH_SEPARATOR)[:depth]) for depth in range(1, 9)]
        return read == said or any(f'category = "{parent}"' in read for parent in parents)
    name, value = said.split("=", 1)
    return f'{name} = "{value}"' in read


def _kinds(sample: Sample, encoder: Encoder) -> list[tuple[str, str, str]]:
    brands = sorted({item.brand for item in sample.items})
    asked = {
        "navigational": brands,
        "product_number": [item.gtin for item in sample.items[:50]]
        + [item.item_id.lower() for item in sample.items[50:100]],
        "broad": [query.text for query in sample.tested if not query.wants and " " not in query.text][:50],
        "specific": [query.text for query in sample.tested if len(query.wants) > 1][:50],
    }
    rows = []
    for kind, texts in asked.items():
        n_right = sum(sample.intent.read(text, vector_of(encoder, text)).kind == kind for text in texts)
        rows.append((kind, str(len(texts)), f"{n_right / len(texts):.2f}"))
    return rows


def _carried(items: Iterable[Item]) -> dict[str, set[str]]:
    """By item: what passes, as it is written in a filter."""
    return {item.item_id: {f'{field} = "{value}"' for (field, value), _ in item_pairs(item)} for item in items}


def _kept(one: Constraint, relevant: Sequence[str], carried: Mapping[str, set[str]]) -> float:
    parts = set(one.filter.removeprefix("(").removesuffix(")").split(" OR "))
    return sum(bool(parts & carried[item_id]) for item_id in relevant) / len(relevant)


def _filter_rows(
    asked: Iterable[tuple[IntentResult, Sequence[str], Sequence[str]]], carried: Mapping[str, set[str]]
) -> list[tuple[str, ...]]:
    """By kind of constraint: how many, how many filter, and the share of relevant and best items that they keep."""
    cells: dict[tuple[str, bool], list[tuple[float, float]]] = {}
    for result, relevant, best in asked:
        for one in result.constraints:
            kind = one.field if one.field in ("brand", "category") else "attribute"
            if one.filter.startswith("price") or not relevant:
                continue
            cells.setdefault((kind, one.sure), []).append((_kept(one, relevant, carried), _kept(one, best, carried)))
    return [
        (
            kind, "filters" if sure else "boosts", str(len(values)),
            f"{np.mean([kept for kept, _ in values]):.4f}", f"{np.mean([kept for _, kept in values]):.4f}",
        )
        for (kind, sure), values in sorted(cells.items())
    ]  # fmt: skip


HEAD = ("constraint", "used as", "readings", "relevant items kept", "items of the best grade kept")


def filters(sample: Sample, encoder: Encoder) -> str:
    asked = []
    for (query,), of in sample.judged.group_by("query", maintain_order=True):
        best = of["grade"].max()
        relevant = of.filter(pl.col("grade") >= 2)["item_id"].to_list()
        result = sample.intent.read(str(query), vector_of(encoder, str(query)))
        asked.append((result, relevant, of.filter(pl.col("grade") == best)["item_id"].to_list()))
    title = f"What filtering would keep of the relevant items (grade 2 and 3) of {len(asked)} held-out judged queries."
    return f"{title}\n\n{table(HEAD, _filter_rows(asked, _carried(sample.items)))}"


def speed(sample: Sample, encoder: Encoder) -> str:
    rows = []
    for locale in ("en", "zh"):
        texts = [query.text for query in sample.tested if query.locale == locale]
        texts += [text for text, _ in generated(sample) if has_chinese(text) == (locale == "zh")]
        vectors = [vector_of(encoder, text) for text in texts]
        times = []
        for text, vector in [*zip(texts, vectors, strict=True)] * 3:
            started = perf_counter()
            sample.intent.read(text, vector)
            times.append((perf_counter() - started) * 1_000)
        rows.append((locale, str(len(texts)), *(f"{np.percentile(times, at):.3f}" for at in (50, 99))))
    return table(("reading, vector given", "queries", "p50 ms", "p99 ms"), rows)


def icecat(folder: Path, data: Path) -> str:
    built = (folder / "releases").exists()
    shop = aisle.open(folder) if built else aisle.init(folder, name="Icecat")
    if not built:
        shop.ingest_items([str(data / "items.parquet")], {"price_cents": "price"})
        shop.build()
    release, items = shop.release, list(shop.store.items())
    graded = list(read_judgments(str(data / "judgments.parquet"), reject=print, queries=str(data / "queries.parquet")))
    queries = sorted({one.query for one in graded})
    vectors, encoder = np.asarray(release.index.vectors[: len(items)]), release.encoder
    no_clicks = pl.DataFrame(schema={"query": pl.String, "item_id": pl.String, "n": pl.Int64})
    asked, kinds = [], Counter[str]()
    for half in (0, 1):
        tested = set(queries[half::2])
        known = pl.DataFrame(
            [(one.query, one.item_id, one.grade) for one in graded if one.query not in tested],
            ["query", "item_id", "grade"], orient="row",
        )  # fmt: skip
        intent = learn_intent(items, vectors, known, no_clicks, encoder)
        for query in sorted(tested):
            result = intent.read(query, vector_of(encoder, query))
            kinds[result.kind] += 1
            grades = [one for one in graded if one.query == query]
            relevant = [one.item_id for one in grades if one.grade >= 2]
            best = [one.item_id for one in grades if one.grade == max(other.grade for other in grades)]
            asked.append((result, relevant, best))
    with_some = sum(bool(result.constraints) for result, _, _ in asked)
    shop.close()
    return (
        f"Icecat, {len(items):,} items, {len(queries)} visible queries; {with_some} of them have a constraint; "
        + ", ".join(f"{n} {kind}" for kind, n in kinds.most_common())
        + f".\n\n{table(HEAD, _filter_rows(asked, _carried(items)))}"
    )


if __name__ == "__main__":
    main()
