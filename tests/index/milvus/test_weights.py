"""Sparse vectors give the scores that tantivy gives."""

from collections.abc import Sequence

import numpy as np
import pytest

from aisle.index.lexical import LexicalIndex
from aisle.index.milvus.weights import Lengths, Sparse, Weigher, dimension, sparse_query
from aisle.settings import FieldWeights
from aisle.testing.toy_shop import toy_items
from aisle.text.language import Word
from aisle.types import Item

WEIGHTS = FieldWeights()
LONG = Item("x", "Lamp", description="A lamp of many words " + "for every desk and room " * 20 + "with a switch.")


@pytest.fixture(scope="module")
def items() -> Sequence[Item]:
    return [*toy_items(), LONG, Item("y", "Desk lamp", brand="Lamp", attributes={"switch": True})]


@pytest.fixture(scope="module")
def lexical(tmp_path_factory: pytest.TempPathFactory, items: Sequence[Item]) -> LexicalIndex:
    empty = LexicalIndex.create(tmp_path_factory.mktemp("words"), WEIGHTS)
    return empty.with_rows(np.arange(len(items)), items)


@pytest.fixture(scope="module")
def weighed(lexical: LexicalIndex, items: Sequence[Item]) -> list[Sparse]:
    weigh = Weigher(WEIGHTS, Lengths().with_items(items), lexical.n_with)
    return [weigh(item) for item in items]


@pytest.mark.parametrize(
    "words",
    [
        [Word("usb c cable")],
        [Word("lamp switch")],
        [Word("耳机")],
        [Word("coffee"), Word("mug", (("cup", 0.7), ("espresso machine", 0.6)))],
        [Word("loudspeaker", (("speaker", 0.8), ("bluetooth mug", 0.9)))],
        [Word("usb", (("cable", 0.9),)), Word("cable")],
        [Word("nothing of this")],
    ],
    ids=str,
)
def test_scores_are_those_of_the_embedded_index(
    lexical: LexicalIndex, weighed: list[Sparse], words: Sequence[Word]
) -> None:
    query = sparse_query(words)
    found = lexical.search(words, 100)
    own = np.array([query.score(item) for item in weighed])
    assert sorted(found.rows.tolist()) == np.flatnonzero(own).tolist()
    np.testing.assert_allclose(own[found.rows], found.scores, rtol=1e-4)


def test_the_inner_product_is_the_score_or_more(weighed: list[Sparse]) -> None:
    plain, said = sparse_query([Word("coffee mug")]), sparse_query([Word("coffee", (("mug", 0.7),))])
    assert (plain.exact, said.exact) == (True, False)
    for item in weighed:
        for query in (plain, said):
            product = sum(weight * item.get(one, 0.0) for one, weight in query.weights.items())
            assert product == pytest.approx(query.score(item)) if query.exact else product >= query.score(item)


def test_an_item_without_words_has_a_weight_all_the_same() -> None:
    weigh = Weigher(WEIGHTS, Lengths(), lambda field, word: 0)
    assert list(weigh(Item("x", "!?")).values()) == [1.0]


def test_a_pasted_page_is_cut() -> None:
    page = " ".join(f"word{n}" for n in range(100))
    assert len(sparse_query([Word(page)]).words) == 40
    assert sparse_query([Word("...")]).words == ()


def test_a_dimension_is_one_that_milvus_takes() -> None:
    assert all(0 <= dimension(word) < 2**32 - 2 for word in ("", "usb", "耳机"))
