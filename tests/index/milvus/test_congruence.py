"""On real electronics, Milvus finds what the embedded index finds: the same sets, nearly the same top ten."""

from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from zlib import crc32

import numpy as np
import polars as pl
import pytest

from aisle.index import EmbeddedIndex, cosines
from aisle.index.milvus import MilvusIndex
from aisle.index.milvus.expressions import expression
from aisle.ranking import Found, LinearFusion
from aisle.settings import IndexSettings
from aisle.sources import read_items
from aisle.testing.index_cases import condition
from aisle.text import item_text, terms
from aisle.text.language import Word
from aisle.types import Candidates, Item, Vectors, union

N_ITEMS, EVERY, N_QUERIES, DIM, DEPTH = 1_000, 19, 30, 64, 50
FILTERS = (
    'brand = "HP"',
    'brand IN ["Lenovo", "Samsung", "nobody"] AND price < 50000',
    "NOT EXISTS colour",
    "EXISTS price AND NOT price > 10000",
    'product_type = "Original" OR colour = "Black"',
    'released_at >= "2010-01-01"',
    "NOT (price 1000 TO 20000)",
    'brand != "HP" AND NOT colour IN ["Black", "White"]',
)


def word_vectors(texts: Sequence[str]) -> Vectors:
    """(n, 64) float32 of length 1: the sum of a random vector of each word, near for texts that share words."""

    def of(word: str) -> Vectors:
        return np.random.default_rng(crc32(word.encode())).standard_normal(DIM).astype(np.float32)

    sums = np.array(
        [np.sum([of(word) for word in terms(text)] or [np.zeros(DIM, np.float32)], axis=0) for text in texts]
    )
    return np.asarray(sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9), np.float32)


def said(query: str, other: str) -> list[Word]:
    """The words of a query, the first of which may be said as `other` as well."""
    first, *rest = query.split()
    return [Word(first, ((other, 0.6),) if other else ()), *map(Word, rest)]


class Both:
    """Real items in an embedded index and on Milvus, and queries whose words may be said in two ways."""

    def __init__(self, folder: Path, items: Sequence[Item], queries: Sequence[str], settings: IndexSettings) -> None:
        self.embedded = EmbeddedIndex.create(folder / "embedded", DIM, settings)
        self.milvus = MilvusIndex.create(folder / "milvus", DIM, settings)
        vectors = word_vectors([item_text(item) for item in items])
        for index in (self.embedded, self.milvus):
            index.add(np.arange(len(items)), items, vectors)
        self.milvus.collection.settle()
        self.words = [said(query, other) for query, other in zip(queries, ["", *queries], strict=False)]
        self.vectors = word_vectors(queries)


def overlap(one: Candidates, other: Candidates) -> float:
    """Share of the first ten of `one` among the first ten of `other`."""
    first, second = set(one.rows[:10].tolist()), set(other.rows[:10].tolist())
    return len(first & second) / len(first) if first else 1.0 - bool(second)


def fused(index: EmbeddedIndex, words: Sequence[Word], vector: Vectors) -> Candidates:
    lexical, dense = index.lexical(words, DEPTH), index.dense(vector, DEPTH)
    rows = union(lexical.rows, dense.rows)
    vectors = index.vectors[rows]
    return LinearFusion(0.5, 0.5).rank(Found("", lexical, dense, rows, cosines(vectors, vector), vectors))


@pytest.fixture(scope="module")
def both(
    datasets: Path, milvus: object, settings_for: Callable[..., IndexSettings], tmp_path_factory: pytest.TempPathFactory
) -> Both:
    folder = datasets / "chorus_icecat"
    read = read_items(str(folder / "items.parquet"), reject=lambda _: None)
    queries = pl.read_parquet(folder / "queries.parquet")["query"].to_list()[:N_QUERIES]
    items = list(islice(read, 0, N_ITEMS * EVERY, EVERY))
    return Both(tmp_path_factory.mktemp("icecat"), items, queries, settings_for(milvus))


@pytest.mark.parametrize("text", FILTERS)
def test_filters_keep_the_same_sets(both: Both, text: str) -> None:
    kept = both.milvus.collection.passing(expression(both.milvus.columns, condition(text)))
    assert kept.tolist() == both.embedded.browse(condition(text)).tolist()
    assert 0 < len(kept) < N_ITEMS


def test_words_find_the_same(both: Both) -> None:
    shares = [overlap(both.embedded.lexical(words, DEPTH), both.milvus.lexical(words, DEPTH)) for words in both.words]
    assert np.mean(shares) >= 0.9


def test_meaning_finds_the_same(both: Both) -> None:
    shares = [overlap(both.embedded.dense(one, DEPTH), both.milvus.dense(one, DEPTH)) for one in both.vectors]
    assert np.mean(shares) >= 0.9


def test_words_and_meaning_together_find_the_same(both: Both) -> None:
    asked = list(zip(both.words, both.vectors, strict=True))
    shares = [overlap(fused(both.embedded, *one), fused(both.milvus, *one)) for one in asked]
    assert np.mean(shares) >= 0.9
