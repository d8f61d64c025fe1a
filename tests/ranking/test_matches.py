import numpy as np
import pytest
from numpy.typing import NDArray

from aisle.ranking.data import NOWHERE, RankingData, build_ranking_data, number_of
from aisle.ranking.matches import match_titles, match_words
from aisle.text import terms
from aisle.types import Item, Translation


def data_of(*titles: str) -> RankingData:
    items = [Item(f"i{row}", title) for row, title in enumerate(titles)]
    return build_ranking_data(items, np.zeros(len(items), np.float32))


def numbers(query: str) -> NDArray[np.uint32]:
    return np.array([number_of(word) for word in terms(query)], np.uint32)


def test_bm25_is_that_of_the_textbook() -> None:
    data = data_of("red mug", "red red cup", "blue hat")
    found = match_words(data, numbers("red"), np.array([0, 1, 2]))
    idf = np.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    average = 7 / 3
    once = 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / average))
    twice = 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 3 / average))
    assert found.fields == ("title",)
    assert found.bm25[0].tolist() == pytest.approx([idf * once, idf * twice, 0])
    assert found.of("title")[0].tolist() == [1, 2, 0]


def test_fields_that_no_item_has_are_not_looked_at() -> None:
    items = [Item("a", "red mug", brand="Kalm"), Item("b", "blue hat", description="red, red")]
    found = match_words(build_ranking_data(items, np.zeros(2, np.float32)), numbers("red kalm"), np.array([0, 1]))
    assert found.fields == ("title", "brand", "description")
    assert found.counts.shape == (3, 2, 2)
    assert found.of("description").tolist() == [[0, 2], [0, 0]]
    assert found.of("category").tolist() == [[0, 0], [0, 0]]
    assert (found.bm25 > 0).tolist() == [[True, False], [True, False], [False, True]]


def test_rare_words_weigh_more_and_unknown_ones_most() -> None:
    idf = match_words(data_of("red mug", "red cup", "red hat"), numbers("red mug zebra"), np.array([0])).idf
    assert idf[0] < idf[1] < idf[2]


def test_a_translation_counts_as_its_field() -> None:
    item = Item("a", "Mug", translations={"zh": Translation(title="咖啡杯")})
    found = match_words(build_ranking_data([item], np.zeros(1, np.float32)), numbers("咖啡"), np.array([0]))
    assert found.fields == ("title",)
    assert found.of("title").tolist() == [[1]]
    assert found.bm25[0, 0] > 0


def test_without_words_nothing_matches() -> None:
    data = data_of("red mug")
    assert match_words(data, numbers(""), np.array([0])).bm25.tolist() == [[0]]
    assert match_titles(data, numbers(""), np.array([0])).first.tolist() == [NOWHERE]


def test_no_rows_no_matches() -> None:
    data, nothing = data_of("red mug"), np.empty(0, np.int64)
    assert match_words(data, numbers("red"), nothing).counts.shape == (1, 1, 0)
    assert len(match_titles(data, numbers("red"), nothing).first) == 0


TITLES = "wireless mouse", "mouse wireless", "the wireless mouse for gaming", "case for wireless mouse", "lamp"


def test_neighbours_in_the_title_stand_in_the_same_order() -> None:
    found = match_titles(data_of(*TITLES), numbers("wireless mouse"), np.arange(5))
    assert found.pairs.tolist() == [1, 0, 1, 1, 0]
    assert found.starts.tolist() == [1, 0, 0, 0, 0]
    assert found.exact.tolist() == [1, 0, 0, 0, 0]


def test_places_in_the_title_are_counted_from_its_start_and_end() -> None:
    found = match_titles(data_of(*TITLES), numbers("wireless mouse"), np.arange(5))
    assert found.first.tolist() == [0, 0, 1, 2, NOWHERE]
    assert found.last.tolist() == [0, 1, 2, 0, NOWHERE]


def test_what_an_item_is_for_is_not_what_it_is() -> None:
    found = match_titles(data_of(*TITLES), numbers("wireless mouse"), np.arange(5))
    assert found.purpose.tolist() == [0, 0, 0, 1, 0]


def test_a_query_of_one_word_is_its_own_neighbour() -> None:
    found = match_titles(data_of("lamp", "red lamp", "mug"), numbers("lamp"), np.array([0, 1, 2]))
    assert found.pairs.tolist() == [1, 1, 0]
    assert found.exact.tolist() == [1, 0, 0]


def test_titles_do_not_run_into_each_other() -> None:
    found = match_titles(data_of("wireless", "mouse"), numbers("wireless mouse"), np.array([0, 1]))
    assert found.pairs.tolist() == [0, 0]
