"""What every index promises: subclass IndexConformance in a test, say how to make the index; pytest does the rest.

The toy shop is indexed with the letter counts of FakeEncoder, so every expected answer can be worked
out by eye; answers to filters are compared with a plain loop over the items.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.index import Index, near_misses, parse_filter
from aisle.testing.index_cases import (
    CLOSE,
    ENCODER,
    FILTERS,
    brute_force,
    checksums,
    condition,
    counted,
    found,
    item_vectors,
    numbered,
    put,
    random_vectors,
    recall,
    rows,
    same,
    vector,
)
from aisle.testing.toy_shop import toy_items
from aisle.text import item_text
from aisle.types import Item, Sort, Translation, Vectors


class IndexConformance:
    """The cases of the Index protocol. A subclass defines `make_index` and `reload`."""

    def make_index(self, folder: Path, dim: int) -> Index:
        """An empty index for vectors of length `dim`, which may keep its files in `folder`."""
        raise NotImplementedError

    def reload(self, index: Index, folder: Path) -> Index:
        """What `index.save(folder)` wrote, read back as a new process would."""
        raise NotImplementedError

    @pytest.fixture
    def index(self, tmp_path: Path) -> Index:
        """The toy shop: item e1 in row 0 to item s3 in row 11."""
        return self.toy_index(tmp_path)

    @pytest.fixture(scope="class")
    def shared(self, tmp_path_factory: pytest.TempPathFactory) -> Index:
        """The same for the cases that change nothing, made once."""
        return self.toy_index(tmp_path_factory.mktemp("shared"))

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

    # Within a filter

    @pytest.mark.parametrize(("text", "passes"), FILTERS, ids=[text for text, _ in FILTERS])
    def test_a_filter_keeps_what_a_loop_over_the_items_keeps(
        self, shared: Index, text: str, passes: Callable[[Item], bool]
    ) -> None:
        within, wanted = condition(text), brute_force(toy_items(), passes)
        assert shared.browse(within).tolist() == wanted
        assert sorted(shared.dense(vector("usb coffee"), 12, within).rows.tolist()) == wanted
        every_word = "usb headphones speaker espresso coffee shoes yoga"
        assert sorted(shared.lexical(every_word, 12).rows.tolist()) == list(range(12))
        assert sorted(shared.lexical(every_word, 12, within).rows.tolist()) == wanted

    def test_scores_are_the_same_within_a_filter(self, shared: Index) -> None:
        within = condition('category = "Electronics"')
        asked = vector("wireless usb charger")
        for whole, kept in (
            (shared.lexical("wireless usb charger", 12), shared.lexical("wireless usb charger", 12, within)),
            (shared.dense(asked, 12), shared.dense(asked, 12, within)),
        ):
            scores = dict(zip(whole.rows.tolist(), whole.scores.tolist(), strict=True))
            expected = [scores[row] for row in kept.rows.tolist()]
            np.testing.assert_allclose(kept.scores, expected, rtol=1e-5)

    def test_dates_are_compared(self, tmp_path: Path) -> None:
        index = self.make_index(tmp_path / "dates", ENCODER.dim)
        days = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 15, 31)]
        put(index, range(4), [*(Item(f"d{day.day}", "Thing", released_at=day) for day in days), Item("none", "Thing")])
        assert index.browse(condition('released_at >= "2026-01-15"')).tolist() == [1, 2]
        assert index.browse(condition('released_at < "2026-01-15T00:00:01+00:00"')).tolist() == [0, 1]
        assert index.browse(condition('released_at = "2026-01-01T01:00+01:00"')).tolist() == [0]

    def test_an_unknown_field_names_the_nearest(self, shared: Index) -> None:
        for ask in (
            lambda within: shared.browse(within),
            lambda within: shared.lexical("usb", 5, within),
            lambda within: shared.dense(vector("usb"), 5, within),
        ):
            with pytest.raises(InputError, match=r"colour.*did you mean .color."):
                ask(condition("colour = black"))

    @pytest.mark.parametrize("text", ['price = "cheap"', "price = true", "released_at > 2026", 'released_at = "soon"'])
    def test_a_value_of_the_wrong_kind_is_an_input_error(self, shared: Index, text: str) -> None:
        with pytest.raises(InputError, match="expected a"):
            shared.browse(condition(text))

    # Facets and order

    def test_facet_counts_are_what_their_filters_keep(self, shared: Index) -> None:
        for chosen in (shared.browse(), shared.browse(condition("price > 10")), rows(3, 4, 5), rows(8)):
            values = [(facet.field, value) for facet in shared.facets(chosen) for value in facet.values]
            assert values
            for field, value in values:
                kept = np.intersect1d(shared.browse(condition(value.filter)), chosen)
                assert (field, value.value, value.count) == (field, value.value, len(kept))

    def test_facets_name_every_value_among_the_rows(self, shared: Index) -> None:
        facets = {facet.field: facet.values for facet in shared.facets(shared.browse())}
        assert list(facets)[:5] == ["category", "brand", "price", "rating", "in_stock"]
        assert counted(facets["brand"]) == {
            "Volt": 3, "Sonora": 2, "Roma": 2, "Fleet": 2, "Boom": 1, "Calm": 1, "Clay & Co": 1,
        }  # fmt: skip
        assert [value.value for value in facets["brand"]][:4] == ["Volt", "Fleet", "Roma", "Sonora"]
        assert counted(facets["in_stock"]) == {"true": 11, "false": 1}
        assert counted(facets["rating"]) == {"4+": 10, "3+": 11, "2+": 11}
        assert counted(facets["color"])["black"] == 3
        assert counted(facets["category"])["Electronics > Audio"] == 3
        assert sum(value.count for value in facets["price"]) == 12

    def test_facets_are_labelled_in_the_language_of_the_request(self, index: Index) -> None:
        chinese = {"zh": Translation(category=("家居",), attributes={"color": "红"})}
        items = [Item(f"t{n}", "Thing", category=("Home",), attributes={"color": color}, translations=translations)
                 for n, (color, translations) in enumerate([("red", chinese), ("red", {}), ("pink", {})])]  # fmt: skip
        put(index, range(12, 15), items)
        facets = {facet.field: facet.values for facet in index.facets(rows(12, 13, 14), "zh")}
        assert [(value.value, value.label) for value in facets["category"]] == [("Home", "家居")]
        assert [(value.value, value.label) for value in facets["color"]] == [("red", "红"), ("pink", "")]
        assert all(not value.label for facet in index.facets(index.browse()) for value in facet.values)

    def test_a_field_is_counted_as_if_its_own_condition_were_absent(self, shared: Index) -> None:
        within = condition('brand = "Volt" AND price < 20')
        beside = shared.browse(near_misses(within))
        facets = {facet.field: facet for facet in shared.facets(shared.browse(within), "", within, beside)}
        without_own = {"brand": "price < 20", "price": 'brand = "Volt"'}
        for field, facet in facets.items():
            pool = shared.browse(condition(without_own.get(field, 'brand = "Volt" AND price < 20')))
            counted_over = shared.facet_rows(field, shared.browse(within), within, beside)
            assert sorted(counted_over.tolist()) == pool.tolist()
            for value in facet.values:
                kept = np.intersect1d(shared.browse(condition(value.filter)), pool)
                assert (field, value.value, value.count) == (field, value.value, len(kept))
        assert len(facets["brand"].values) > 1

    def test_without_conditions_nothing_lies_beside(self, shared: Index) -> None:
        assert shared.facets(shared.browse(), "", None, None) == shared.facets(shared.browse())
        whole = shared.facets(
            rows(), "", condition('brand = "Nobody"'), shared.browse(near_misses(condition("price < 5")))
        )
        assert "Volt" in counted(next(facet.values for facet in whole if facet.field == "brand"))

    def test_values_are_searched_inside_a_facet(self, shared: Index) -> None:
        assert counted(shared.facet_values("brand", "vo", shared.browse())) == {"Volt": 3}
        assert counted(shared.facet_values("Brand", "co", shared.browse())) == {"Clay & Co": 1}
        assert shared.facet_values("brand", "olt", shared.browse()) == ()
        by_name = [value.value for value in shared.facet_values("brand", "", shared.browse(), 3, order="name")]
        assert by_name == ["Boom", "Calm", "Clay & Co"]
        with pytest.raises(InputError, match=r"did you mean .brand."):
            shared.facet_values("brands", "", shared.browse())

    def test_categories_come_level_by_level(self, shared: Index) -> None:
        levels = shared.category_levels("Electronics", shared.browse())
        assert [counted(level) for level in levels] == [
            {path: len(shared.browse(condition(f'category = "{path}"'))) for path in counted(level)} for level in levels
        ]
        assert "Electronics" in counted(levels[0])
        assert counted(levels[1])["Electronics > Audio"] == 3

    def test_numbers_are_spread_over_buckets(self, shared: Index) -> None:
        prices = shared.histogram("price", shared.browse(), 4)
        assert sum(bucket.count for bucket in prices.buckets) == 12
        for bucket in prices.buckets:
            assert bucket.count == len(shared.browse(condition(bucket.filter)))
        assert [bucket.count for bucket in shared.histogram("power_w", rows(*range(12)), 1, "quantile").buckets] == [
            len(shared.browse(condition("EXISTS power_w")))
        ]
        for field, message in (("colour", "did you mean .color."), ("color", "holds no numbers")):
            with pytest.raises(InputError, match=message):
                shared.histogram(field, shared.browse())

    @pytest.mark.parametrize(
        ("sort", "expected"),
        [
            ("price_asc", [8, 0, 1, 11, 4, 2, 5, 7, 9, 10, 3, 6]),
            ("price_desc", [6, 3, 10, 9, 7, 5, 2, 4, 11, 1, 0, 8]),
            ("rating", [2, 6, 8, 0, 7, 9, 3, 5, 1, 10, 4, 11]),  # 1 before 10 as they came; 11 has no rating
        ],
    )
    def test_rows_are_sorted_by_a_field(self, shared: Index, sort: Sort, expected: list[int]) -> None:
        assert shared.order(shared.browse(), sort).tolist() == expected

    def test_items_without_a_value_come_last_and_ties_stay(self, shared: Index) -> None:
        assert shared.order(rows(11, 1, 10), "rating").tolist() == [1, 10, 11]
        assert shared.order(rows(11, 10, 1), "rating").tolist() == [10, 1, 11]
        assert shared.order(rows(5, 3, 4), "newest").tolist() == [5, 3, 4]
        assert shared.order(rows(), "price_asc").tolist() == []

    @pytest.mark.parametrize("sort", ["relevance", "popularity"])
    def test_what_is_no_field_is_no_order(self, shared: Index, sort: Sort) -> None:
        with pytest.raises(InputError, match="price_asc"):
            shared.order(shared.browse(), sort)

    # Changes

    def test_an_added_item_is_found_at_once(self, index: Index) -> None:
        lamp = Item("lamp", "Desk lamp", brand="Lumo", price=5.0, attributes={"dimmable": True})
        put(index, [12], [lamp])
        assert index.n_items == 13
        assert found(index.lexical("lamp", 5)) == {12}
        assert index.dense(vector("Desk lamp"), 1).rows.tolist() == [12]
        assert index.browse(condition('brand = "Lumo" AND dimmable = true')).tolist() == [12]
        assert counted(index.facets(index.browse())[1].values)["Lumo"] == 1
        assert index.order(index.browse(), "price_asc")[0] == 12

    def test_an_updated_item_is_found_by_what_it_is_now_and_not_by_what_it_was(self, index: Index) -> None:
        old = toy_items()[8]
        new = replace(old, title="Tea bowl", description="For tea.", price=99.0, brand="Sun", translations={})
        put(index, [8], [new])
        assert index.n_items == 12
        assert len(index.lexical("mug", 5)) == len(index.lexical("杯", 5)) == 0
        assert found(index.lexical("bowl", 5)) == {8}
        assert index.dense(vector(item_text(new)), 1).rows.tolist() == [8]
        assert index.dense(vector(item_text(old)), 1).scores[0] < 0.99
        assert index.browse(condition("price = 8 OR brand = 'Clay & Co'")).tolist() == []
        assert index.browse(condition("price = 99 AND brand = Sun")).tolist() == [8]
        assert "Clay & Co" not in counted(index.facets(index.browse())[1].values)

    def test_a_deleted_item_is_found_no_more(self, index: Index) -> None:
        index.delete(rows(4, 6))
        assert index.n_items == 10
        assert not index.holds(4)
        assert found(index.lexical("headphones espresso", 12)) == {3}
        assert not {4, 6} & found(index.dense(vector("Wired headphones"), 12))
        assert not {4, 6} & set(index.browse().tolist())
        assert not {4, 6} & set(index.browse(condition("NOT price < 0")).tolist())
        assert not {4, 6} & set(index.browse(condition("price != 0")).tolist())
        assert counted(index.facets(index.browse())[1].values)["Sonora"] == 1

    def test_unknown_rows_are_not_deleted(self, index: Index) -> None:
        index.delete(rows(-1, 12, 10**6))
        assert index.n_items == 12
        index.delete(rows(3))
        index.delete(rows(3))
        assert index.n_items == 11

    def test_a_deleted_item_may_come_back(self, index: Index) -> None:
        index.delete(rows(8))
        put(index, [8], [toy_items()[8]])
        assert found(index.lexical("mug", 5)) == {8}
        assert index.dense(vector("Coffee mug. Coffee mug by Clay & Co."), 1).rows.tolist() == [8]
        assert index.n_items == 12

    def test_everything_may_be_deleted(self, index: Index) -> None:
        index.delete(np.arange(12))
        assert index.n_items == len(index.lexical("usb", 5)) == len(index.dense(vector("usb"), 5)) == 0
        assert index.browse(condition('brand = "Volt"')).tolist() == []

    def test_what_changed_one_by_one_equals_what_was_added_at_once(self, index: Index, tmp_path: Path) -> None:
        other = self.make_index(tmp_path / "other", ENCODER.dim)
        for row, item in enumerate(toy_items()):
            put(other, [row], [replace(item, title="Before", brand="Before", price=1.0)])
        put(other, [12], [Item("x", "To be deleted")])
        for row, item in enumerate(toy_items()):
            put(other, [row], [item])
        other.delete(rows(12))
        for text, _ in FILTERS:
            assert other.browse(condition(text)).tolist() == index.browse(condition(text)).tolist()
        assert found(other.lexical("wireless headphones", 12)) == found(index.lexical("wireless headphones", 12))
        same(other.dense(vector("wireless headphones"), 12), index.dense(vector("wireless headphones"), 12))
        assert [facet.values for facet in other.facets(np.arange(12))[:5]] == [
            facet.values for facet in index.facets(np.arange(12))[:5]
        ]

    def test_searches_that_run_during_changes_get_whole_answers(self, index: Index) -> None:
        def ask(_: int) -> None:
            within = condition("price < 1000")
            for _ in range(15):
                for answer in (index.lexical("usb extra", 50, within), index.dense(vector("usb extra"), 50, within)):
                    assert {0, 1, 2} <= found(answer)
                assert {0, 1, 2} <= found(index.lexical("usb", 50)) & found(index.dense(vector("usb"), 50))
                browsed = index.browse(within)
                assert len(browsed) >= 12
                index.facets(browsed)
                index.order(browsed, "price_asc")
                assert index.cosines(vector("usb"), browsed).shape == browsed.shape

        with ThreadPoolExecutor(4) as threads:
            asked = [threads.submit(ask, number) for number in range(4)]
            for row in range(12, 24):
                put(index, [row], [Item(f"extra-{row}", f"Extra thing {row}", price=5.0)])
            index.delete(np.arange(12, 24))
            for answer in asked:
                answer.result()
        assert index.n_items == 12

    # Answers

    @pytest.mark.parametrize("k", [1, 3, 12, 100])
    def test_k_is_the_most_that_is_found_best_first(self, shared: Index, k: int) -> None:
        for text in ("", "price < 100"):
            within = parse_filter(text)
            n_passing = len(shared.browse(within))
            for answer, whole in (
                (shared.dense(vector("coffee"), k, within), n_passing),
                (shared.lexical("usb headphones speaker espresso coffee shoes yoga", k, within), n_passing),
            ):
                assert len(answer) == min(k, whole)
                assert answer.rows.dtype == np.int64
                assert answer.scores.dtype == np.float32
                assert (np.diff(answer.scores) <= 0).all()
                assert len(found(answer)) == len(answer)

    def test_candidates_say_where_they_are_from(self, shared: Index) -> None:
        assert shared.lexical("usb", 5).source == shared.lexical("", 5).source == "lexical"
        assert shared.dense(vector("usb"), 5).source == shared.dense(vector(""), 5).source == "dense"

    def test_the_same_question_gets_the_same_answer(self, shared: Index) -> None:
        for query in ("usb c cable", "coffee", "green shoes"):
            same(shared.lexical(query, 12), shared.lexical(query, 12))
            same(shared.dense(vector(query), 12), shared.dense(vector(query), 12))

    def test_a_caller_who_writes_into_an_answer_does_not_change_the_next(self, index: Index) -> None:
        index.browse()[:] = 5
        index.browse(condition("price < 30"))[:] = 5
        index.order(index.browse(), "rating")[:] = 5
        index.dense(vector("usb"), 5).scores[:] = 5
        assert index.browse().tolist() == list(range(12))
        assert index.browse(condition("price < 30")).tolist() == [0, 1, 8, 11]
        assert index.holds(0)
        assert index.n_items == 12

    # Files

    def test_a_saved_index_answers_the_same_when_read_back(self, index: Index, tmp_path: Path) -> None:
        index.delete(rows(5))
        put(index, [2], [replace(toy_items()[2], title="Travel charger", translations={"zh": Translation("充电器")})])
        index.save(tmp_path / "saved")
        again = self.reload(index, tmp_path / "saved")
        assert again.n_items == 11
        for query in ("usb c cable", "headphones", "充电器", "coffee mug", ""):
            same(again.lexical(query, 12), index.lexical(query, 12))
            same(again.dense(vector(query), 12), index.dense(vector(query), 12))
        for text, _ in FILTERS:
            assert again.browse(condition(text)).tolist() == index.browse(condition(text)).tolist()
        assert again.facets(again.browse(), "zh") == index.facets(index.browse(), "zh")
        assert again.order(again.browse(), "rating").tolist() == index.order(index.browse(), "rating").tolist()

    def test_an_empty_index_is_saved_too(self, tmp_path: Path) -> None:
        index = self.make_index(tmp_path / "empty", ENCODER.dim)
        index.save(tmp_path / "empty")
        again = self.reload(index, tmp_path / "empty")
        put(again, [0], toy_items()[:1])
        assert (index.n_items, again.n_items, found(again.lexical("usb", 5))) == (0, 1, {0})

    def test_changes_of_a_loaded_index_leave_its_files_as_they_are(self, index: Index, tmp_path: Path) -> None:
        folder = tmp_path / "saved"
        index.save(folder)
        before = checksums(folder)
        loaded, untouched = self.reload(index, folder), self.reload(index, folder)
        put(loaded, [12, 0], [Item("x", "Desk lamp"), replace(toy_items()[0], title="Other")])
        loaded.delete(rows(8))
        put(loaded, [13], [Item("y", "Floor lamp")])
        assert checksums(folder) == before
        assert found(loaded.lexical("lamp", 5)) == {12, 13}
        assert len(untouched.lexical("lamp", 5)) == 0
        assert found(untouched.lexical("mug", 5)) == {8}
        assert self.reload(index, folder).n_items == 12

    def test_a_loaded_index_may_be_saved_over_itself(self, index: Index, tmp_path: Path) -> None:
        index.save(tmp_path / "saved")
        loaded = self.reload(index, tmp_path / "saved")
        loaded.save(tmp_path / "saved")
        same(loaded.dense(vector("usb"), 5), index.dense(vector("usb"), 5))
        put(loaded, [12], [Item("x", "Desk lamp")])
        loaded.save(tmp_path / "saved")
        again = self.reload(loaded, tmp_path / "saved")
        assert found(again.lexical("lamp mug", 5)) == {12, 8}
        same(again.dense(vector("usb"), 13), loaded.dense(vector("usb"), 13))

    def toy_index(self, folder: Path) -> Index:
        """An index of the toy shop."""
        index = self.make_index(folder / "toy", ENCODER.dim)
        put(index, range(12), toy_items())
        return index

    def many(self, tmp_path: Path) -> tuple[Index, Vectors, Vectors]:
        """An index of 2,000 items with random vectors of length 32, those vectors, and 50 to ask for."""
        index, vectors = self.make_index(tmp_path / "many", 32), random_vectors(2_000, seed=0)
        index.add(np.arange(2_000), [numbered(row) for row in range(2_000)], vectors)
        return index, vectors, random_vectors(50, seed=1)
