"""Filters, facets and orders of an index."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.index import Index, near_misses
from aisle.testing.index_cases import ENCODER, FILTERS, brute_force, condition, counted, put, rows, vector
from aisle.testing.index_shop import IndexShop
from aisle.testing.toy_shop import toy_items
from aisle.types import Item, Sort, Translation


class Narrowing(IndexShop):
    """Cases of `matching`, `browse`, `facets` and `order`."""

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
