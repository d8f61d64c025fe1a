"""What is in an index, and how it is found by words and by meaning."""

from pathlib import Path

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.index import Index
from aisle.testing.index_cases import (
    CLOSE,
    ENCODER,
    condition,
    found,
    item_vectors,
    numbered,
    put,
    random_vectors,
    recall,
    rows,
    vector,
)
from aisle.testing.index_shop import IndexShop
from aisle.testing.toy_shop import toy_items
from aisle.text import item_text
from aisle.types import Item, Translation


class Finding(IndexShop):
    """Cases of `lexical`, `dense`, `cosines` and `holds`."""

    # What is there

    def test_an_empty_index_has_no_answers(self, tmp_path: Path) -> None:
        index = self.make_index(tmp_path / "empty", ENCODER.dim)
        assert index.n_items == 0
        assert not index.holds(0)
        assert len(index.lexical("usb", 5)) == len(index.dense(vector("usb"), 5)) == len(index.browse()) == 0
        assert len(index.browse(condition("price < 5"))) == 0
        assert index.facets(rows()) == ()

    def test_items_are_held_in_the_rows_they_were_given(self, shared: Index) -> None:
        assert shared.n_items == 12
        assert [shared.holds(row) for row in (-1, 0, 11, 12)] == [False, True, True, False]
        assert shared.browse().tolist() == list(range(12))

    def test_rows_may_leave_gaps(self, tmp_path: Path) -> None:
        index = self.make_index(tmp_path / "gaps", ENCODER.dim)
        put(index, [7, 3], toy_items()[:2])
        assert (index.n_items, index.browse().tolist(), index.holds(5)) == (2, [3, 7], False)
        assert sorted(index.dense(vector("usb"), 5).rows.tolist()) == [3, 7]
        assert index.browse(condition("NOT price > 1000")).tolist() == [3, 7]

    def test_adding_nothing_changes_nothing(self, index: Index) -> None:
        put(index, [], [])
        index.delete(rows())
        assert index.n_items == 12

    @pytest.mark.parametrize(
        ("rows", "n_items", "shape"),
        [([12], 1, (1, 5)), ([12], 2, (2, 26)), ([12, 12], 2, (2, 26)), ([12, 13], 2, (1, 26))],
    )
    def test_rows_items_and_vectors_that_do_not_fit_are_refused(
        self, index: Index, rows: list[int], n_items: int, shape: tuple[int, int]
    ) -> None:
        with pytest.raises(InputError, match="expected vectors of shape"):
            index.add(np.array(rows, np.int64), toy_items()[:n_items], np.ones(shape, np.float32))
        assert index.n_items == 12

    # By words

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("mug", {8}),  # title
            ("Sonora", {3, 4}),  # brand
            ("fitness", {11}),  # category
            ("silver", {6, 7}),  # attribute: text
            ("41", {9}),  # attribute: one of several
            ("material ceramic", {8}),  # "material" is the name of an attribute, not a word of one
            ("bluetooth", {5}),
            ("roma", {6, 7}),
            ("耳机", {3, 4}),  # translation
            ("咖啡", {6, 8}),
            ("nothing", set()),
        ],
    )
    def test_items_are_found_by_the_words_of_every_field(self, shared: Index, query: str, expected: set[int]) -> None:
        assert found(shared.lexical(query, 12)) == expected

    def test_a_true_attribute_is_found_by_its_name(self, shared: Index) -> None:
        assert found(shared.lexical("wireless", 12)) == {3, 5}

    def test_items_are_found_by_their_description(self, index: Index) -> None:
        put(index, [12], [Item("x", "Thing", description="Keeps soup warm for hours.")])
        assert found(index.lexical("soup", 5)) == {12}

    def test_every_part_of_a_translation_is_searched(self, index: Index) -> None:
        translation = Translation("台灯", "可调亮度", ("家居", "照明"), {"color": "象牙白"})
        put(index, [12], [Item("x", "Lamp", attributes={"color": "ivory"}, translations={"zh": translation})])
        for word in ("台灯", "亮度", "照明", "象牙白", "ivory"):
            assert found(index.lexical(word, 5)) == {12}

    def test_english_words_match_by_their_stem_whatever_the_case(self, shared: Index) -> None:
        answers = [found(shared.lexical(query, 12)) for query in ("HEADPHONE", "headphones", "Headphones")]
        assert answers == [{3, 4}] * 3
        assert found(shared.lexical("run shoe", 12)) == {9, 10}

    def test_one_word_is_enough_and_more_words_rank_higher(self, shared: Index) -> None:
        best = shared.lexical("trail running shoes", 12)
        assert best.rows.tolist() == [10, 9]
        assert best.scores[0] > best.scores[1] > 0

    def test_the_title_tells_more_than_the_description(self, tmp_path: Path) -> None:
        index = self.make_index(tmp_path / "fields", ENCODER.dim)
        other = [Item(f"o{n}", f"Other thing {n}", description="Of no use at all.") for n in range(8)]
        put(index, range(10), [Item("a", "Desk", description="A lamp fits on it."), Item("b", "Lamp"), *other])
        assert index.lexical("lamp", 5).rows[0] == 1

    @pytest.mark.parametrize("query", ["", "   ", "!?", "-", "\t\n", "...---..."])
    def test_a_query_without_words_has_no_candidates(self, shared: Index, query: str) -> None:
        assert len(shared.lexical(query, 5)) == 0

    @pytest.mark.parametrize(
        "query", ['usb" OR (', "usb AND NOT", "title:usb", "usb*", "usb^2", "[usb TO z]", "+usb -c"]
    )
    def test_a_query_is_words_and_never_a_language(self, shared: Index, query: str) -> None:
        assert {0, 1, 2} <= found(shared.lexical(query, 12))

    def test_a_very_long_query_is_answered(self, shared: Index) -> None:
        assert 8 in shared.lexical("mug " + "words that nobody has written " * 400, 12).rows

    # By meaning

    def test_the_nearest_vector_comes_first(self, shared: Index) -> None:
        for row, item in enumerate(toy_items()):
            nearest = shared.dense(vector(item_text(item)), 12)
            np.testing.assert_allclose(nearest.scores[nearest.rows == row], nearest.scores[:1], atol=CLOSE)
            assert nearest.scores[0] == pytest.approx(1, abs=CLOSE)

    def test_scores_are_the_cosines(self, shared: Index) -> None:
        asked = vector("wireless speaker")
        best = shared.dense(asked, 12)
        exact = item_vectors(toy_items()) @ asked
        np.testing.assert_allclose(best.scores, exact[best.rows], atol=CLOSE)
        np.testing.assert_allclose(np.sort(exact)[::-1], best.scores, atol=CLOSE)
        np.testing.assert_allclose(shared.cosines(asked, best.rows), best.scores, atol=CLOSE)
        assert shared.cosines(asked, rows()).shape == (0,)

    def test_a_zero_vector_has_no_neighbours(self, shared: Index) -> None:
        assert len(shared.dense(vector(""), 5)) == 0
        assert len(shared.dense(vector(""), 5, condition("price < 30"))) == 0

    def test_an_item_without_a_vector_is_found_by_words_alone(self, index: Index) -> None:
        put(index, [12], [Item("x", "12 345")])
        assert 12 not in index.dense(vector("mug"), 20).rows
        assert found(index.lexical("345", 5)) == {12}

    def test_nearest_of_many_agree_with_brute_force(self, tmp_path: Path) -> None:
        index, vectors, asked = self.many(tmp_path)
        assert recall(index, vectors, asked) >= 0.95
        half = condition("price < 1000")
        assert recall(index, vectors[:1000], asked, half) >= 0.95
        assert recall(index, vectors[:3], asked, condition("price < 3")) == 1

    def test_nearest_of_many_still_agree_after_changes(self, tmp_path: Path) -> None:
        index, vectors, asked = self.many(tmp_path)
        changed = np.arange(0, 2000, 10)
        vectors[changed] = random_vectors(len(changed), seed=2)
        index.add(changed, [numbered(row) for row in changed.tolist()], vectors[changed])
        gone = np.arange(5, 2000, 10)
        index.delete(gone)
        vectors[gone] = 0
        assert recall(index, vectors, asked) >= 0.95
        saved = tmp_path / "saved"
        index.save(saved)
        assert recall(self.reload(index, saved), vectors, asked) >= 0.95
