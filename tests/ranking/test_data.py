from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from aisle.errors import InputError, ReleaseError
from aisle.ranking.data import ALL_FIELDS, NOWHERE, NUMBERS, RankingData, build_ranking_data, number_of
from aisle.testing.toy_shop import toy_items
from aisle.types import Item

TITLE = ALL_FIELDS.index("title")


def toy_data() -> RankingData:
    return build_ranking_data(toy_items(), np.arange(12, dtype=np.float32))


def words_in(data: RankingData, row: int, field: str) -> set[int]:
    own = data.words >> 32 == row
    return set((data.words[own & (data.counts[:, ALL_FIELDS.index(field)] > 0)] & 0xFFFFFFFF).tolist())


def number(data: RankingData, row: int, name: str) -> float:
    return float(data.numbers[row, NUMBERS.index(name)])


def test_words_are_kept_by_row_and_field() -> None:
    data = toy_data()
    assert words_in(data, 3, "title") == {number_of("wireless"), number_of("headphon")}
    assert words_in(data, 3, "brand") == {number_of("sonora")}
    assert number_of("无线") in words_in(data, 3, "translated_title")
    assert (np.diff(data.words) > 0).all()


def test_titles_keep_their_order_and_end_with_a_zero() -> None:
    data = toy_data()
    title = data.titles[data.title_starts[5] : data.title_starts[6]]
    assert title.tolist() == [number_of("bluetooth"), number_of("speaker"), 0]


def test_how_often_a_word_is_used_counts_items() -> None:
    data = toy_data()
    place = np.searchsorted(data.known, number_of("coffe"))
    assert data.frequencies[place, TITLE] == 2  # grinder and mug; "Espresso machine" is coffee by category alone
    assert data.frequencies[place, ALL_FIELDS.index("category")] == 2


def test_numbers_that_an_item_does_not_tell_are_missing() -> None:
    bare = build_ranking_data([Item("a", "Thing")], np.zeros(1, np.float32))
    assert np.isnan([number(bare, 0, name) for name in ("price", "rating", "released_day")]).all()
    assert number(bare, 0, "in_stock") == 1
    assert (bare.brands[0], bare.categories[0].tolist()) == (0, [0, 0, 0, 0])
    dated = Item("a", "Thing", released_at=datetime(1970, 1, 3, tzinfo=UTC), stock=0)
    full = build_ranking_data([dated], np.zeros(1, np.float32))
    assert (number(full, 0, "released_day"), number(full, 0, "in_stock")) == (2, 0)


def test_what_an_item_is_for_stands_behind_its_purpose() -> None:
    items = [Item("a", "Leather case for phones"), Item("b", "Phone")]
    data = build_ranking_data(items, np.zeros(2, np.float32))
    assert [number(data, row, "purpose") for row in (0, 1)] == [2, NOWHERE]


def test_brands_are_one_whatever_their_case() -> None:
    data = build_ranking_data([Item("a", "x", brand="Volt"), Item("b", "y", brand="VOLT")], np.zeros(2, np.float32))
    assert data.brands[0] == data.brands[1] > 0


def test_changed_items_are_as_if_they_had_been_there_at_the_build() -> None:
    items = list(toy_items())
    changed = [replace(items[0], title="Red mug", attributes={"size": "big"}), items[2]]
    put = build_ranking_data(items[:11], np.zeros(11, np.float32)).with_rows(np.array([4, 11]), changed)
    items[4], wanted = changed[0], [*items[:4], changed[0], *items[5:11], changed[1]]
    fresh = build_ranking_data(wanted, np.zeros(12, np.float32))
    learned = {"known", "frequencies", "average_lengths"}
    for part in fields(RankingData):
        if part.name not in learned:
            np.testing.assert_array_equal(getattr(put, part.name), getattr(fresh, part.name), part.name)


def test_rows_may_leave_gaps() -> None:
    data = toy_data().with_rows(np.array([15]), [Item("new", "Blue mug")])
    assert data.n_rows == 16
    assert words_in(data, 15, "title") == {number_of("blue"), number_of("mug")}
    assert words_in(data, 13, "title") == set()


def test_loaded_data_are_the_saved_ones(tmp_path: Path) -> None:
    data = toy_data()
    data.save(tmp_path)
    loaded = RankingData.load(tmp_path)
    for part in fields(RankingData):
        np.testing.assert_array_equal(getattr(loaded, part.name), getattr(data, part.name))


def test_data_that_do_not_fit_together_are_a_release_error(tmp_path: Path) -> None:
    data = toy_data()
    replace(data, brands=data.brands[:3]).save(tmp_path)
    with pytest.raises(ReleaseError, match="does not fit together"):
        RankingData.load(tmp_path)


def test_every_item_needs_a_popularity() -> None:
    with pytest.raises(InputError, match="12 items came with 3 popularities"):
        build_ranking_data(toy_items(), np.zeros(3, np.float32))
