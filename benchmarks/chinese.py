"""Chinese: the sample shop in Chinese beside the same shop in English, and what people type on a real market.

python benchmarks/chinese.py ../shared/datasets/zh_ecommerce [--publish]

Both shops hold the same items, and each preference ("headphones, black") is asked for in both languages, so that the
grades of the items are the same. The default encoder knows no Chinese: Chinese is answered by words alone. The market's
passages are not in the data set, so its training queries stand in for the titles of a catalogue.
"""

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import jieba
import numpy as np
import polars as pl
from numpy.typing import NDArray
from report import environment, publish, table

import aisle
from aisle.encoders import Encoder
from aisle.evaluation import bootstrap_interval, measure_run, parse_measures
from aisle.sample_shop.brands import BRANDS
from aisle.sample_shop.queries import Query
from aisle.sample_shop.world import World, make_world
from aisle.shop import Shop
from aisle.text import terms
from aisle.types import Item, Vectors

MEASURES = ("nDCG@10", "R(rel=2)@100", "RR(rel=3)@10")
SEED, N_ITEMS, DAYS = 7, 3_000, 90
N_TITLES = 10_000
ENGLISH = "English"
COMPLEMENT = 1
"""Grade of an item that is bought along with what was asked for, as in the sample shop's judgments."""
KINDS = {
    "a noun": lambda query: not query.wants,
    "an attribute": lambda query: len(query.wants) == 1 and "brand" not in query.wants and query.weight < 2,
    "two attributes": lambda query: len(query.wants) == 2,
    "a brand": lambda query: "brand" in query.wants,
    "a wish in words": lambda query: bool(query.wants) and query.weight == 2,
}
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Preference:
    """One thing wanted, as it is asked for in English and in Chinese, and the grades of the items."""

    english: Query
    chinese: Query
    grades: Mapping[str, int]


class NoMeaning:
    """An encoder that knows nothing: for catalogues that are searched by words alone."""

    name, dim = "no meaning", 8

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return np.zeros((len(texts), self.dim), np.float32)

    def encode_items(self, texts: Sequence[str], progress: object = None) -> Vectors:
        return self.encode_queries(texts)

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the zh_ecommerce data set")
    parser.add_argument("--every", type=int, default=1, help="ask for every n-th preference only")
    parser.add_argument("--publish", action="store_true", help="write the tables to docs/benchmarks.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        parts = [environment(), sample_shop(Path(temporary), asked.every), market(Path(temporary), asked.data)]
    text = "\n\n".join(parts)
    print(text)
    if asked.publish:
        publish("chinese", text)


def sample_shop(folder: Path, every: int) -> str:
    """The same preferences in both languages, on catalogues in one language and in both."""
    world = make_world(N_ITEMS, 100, datetime(2026, 4, 1, tzinfo=UTC), DAYS, np.random.default_rng(SEED))
    wanted = preferences(world)[::every]
    bilingual = list(world.items)
    english, chinese = [replace(one, translations={}) for one in bilingual], [in_chinese(one) for one in bilingual]
    runs: list[tuple[str, str, Sequence[Item], Encoder | None]] = [
        (ENGLISH, "en", english, None),
        ("English, words alone", "en", english, NoMeaning()),
        ("**Chinese**", "zh", chinese, None),
        ("Chinese, catalogue in both", "zh", bilingual, None),
    ]
    measured = {}
    for place, (name, locale, items, encoder) in enumerate(runs):
        shop = build(folder / str(place), items, encoder)
        measured[name] = answers(shop, wanted, locale)
        shop.close()
    head = (
        f"Sample shop: {len(bilingual):,} items, {len(wanted):,} preferences asked for in both languages; nothing is "
        "learned from behaviour or judgments. Paired 95 % bootstrap intervals; bar: at most 5 % below English."
    )
    return "\n\n".join([head, quality(measured), by_kind(wanted, measured)])


def quality(measured: Mapping[str, Mapping[str, Values]]) -> str:
    rows = []
    for name, values in measured.items():
        ndcg = values["nDCG@10"]
        low, high = bootstrap_interval(ndcg)
        others = [f"{values[one].mean():.4f}" for one in MEASURES[1:]]
        against = ratio(ndcg, measured[ENGLISH]["nDCG@10"]) if name != ENGLISH else ""
        rows.append([name, f"{ndcg.mean():.4f} ({low:.3f} to {high:.3f})", *others, against])
    return table(["run", *MEASURES, "nDCG@10 against English"], rows)


def preferences(world: World) -> list[Preference]:
    """Everything that can be asked for in both languages."""
    by_key: dict[tuple, dict[str, list[int]]] = {}
    for place, query in enumerate(world.queries):
        key = (query.leaf, tuple(sorted(query.wants.items())), query.weight)
        by_key.setdefault(key, {"en": [], "zh": []})[query.locale].append(place)
    pairs = [pair for of in by_key.values() for pair in zip(of["en"], of["zh"], strict=False)]
    return [Preference(world.queries[en], world.queries[zh], grades(world, en)) for en, zh in pairs]


def grades(world: World, place: int) -> dict[str, int]:
    query = world.queries[place]
    along = np.flatnonzero(np.isin(world.traits.leaf, list(world.complements[query.leaf])))
    graded = dict.fromkeys((world.items[row].item_id for row in along.tolist()), COMPLEMENT)
    for row, grade in zip(world.stands[query.leaf].rows.tolist(), world.grades[place].tolist(), strict=True):
        graded[world.items[row].item_id] = grade
    return graded


def in_chinese(item: Item) -> Item:
    """The item as a Chinese shop has it: nothing English but names that are so in Chinese too."""
    said = item.translations["zh"]
    brand = next(brand.zh for brand in BRANDS if brand.name == item.brand)
    return replace(
        item,
        title=said.title,
        description=said.description,
        category=said.category,
        attributes={**item.attributes, **said.attributes},
        brand=brand,
        translations={},
    )


def build(folder: Path, items: Sequence[Item], encoder: Encoder | None = None) -> Shop:
    aisle.init(folder).close()
    shop = aisle.open(folder, encoder=encoder)
    shop.store.upsert_items(items)
    shop.build()
    return shop


def answers(shop: Shop, wanted: Sequence[Preference], locale: str) -> dict[str, Values]:
    texts = [(one.chinese if locale == "zh" else one.english).text for one in wanted]
    found = [[hit.item_id for hit in shop.search(text, 100, locale=locale).hits] for text in texts]
    return measure_run([one.grades for one in wanted], found, parse_measures(MEASURES, 100))


def ratio(values: Values, base: Values) -> str:
    rng = np.random.default_rng(0)
    draws = [rng.integers(0, len(base), len(base)) for _ in range(1_000)]
    low, high = np.quantile([values[draw].mean() / base[draw].mean() - 1 for draw in draws], [0.025, 0.975])
    return f"{values.mean() / base.mean() - 1:+.1%} ({low:+.1%} to {high:+.1%})"


def by_kind(wanted: Sequence[Preference], measured: Mapping[str, Mapping[str, Values]]) -> str:
    rows = []
    for kind, belongs in KINDS.items():
        which = np.array([belongs(one.english) for one in wanted])
        rows.append([kind, str(which.sum()), *(f"{of['nDCG@10'][which].mean():.4f}" for of in measured.values())])
    return table(["asked for by", "queries", *measured], rows)


def market(folder: Path, data: Path) -> str:
    """What becomes of queries that people typed on a market, of which no catalogue is at hand."""
    titles = pl.read_parquet(data / "multicpr_ecom_queries_train.parquet").head(N_TITLES)
    queries = pl.read_parquet(data / "multicpr_ecom_queries_dev.parquet")["query"].to_list()
    items = [Item(str(qid), title) for qid, title in titles.select("qid", "query").iter_rows()]
    shop = build(folder / "market", items, NoMeaning())
    dictionary = jieba.Tokenizer()
    dictionary.initialize()
    sold = {term for item in items for term in terms(item.title)}
    words = [[term for term in terms(query) if len(term) > 1] for query in queries]
    found = [shop.search(query, 100) for query in queries]
    shop.close()
    everything = [
        ("are cut into words at all", [bool(terms(query)) for query in queries]),
        (
            "hold a word of the dictionary, of two characters or more",
            [any(map(dictionary.FREQ.get, of)) for of in words],
        ),
        ("hold a word of the catalogue, of two characters or more", [not sold.isdisjoint(of) for of in words]),
        ("return results", [bool(one.hits) for one in found]),
        ("return results after words were left out", [bool(one.relaxed and one.hits) for one in found]),
    ]
    head = (
        f"zh_ecommerce: {len(queries):,} queries typed on Taobao, in a catalogue whose titles are {len(items):,} other "
        "queries. There are no judgments, so this shows that queries are cut and answered, not how well."
    )
    return f"{head}\n\n{table(['queries that', 'share'], [[name, f'{np.mean(of):.1%}'] for name, of in everything])}"


if __name__ == "__main__":
    main()
