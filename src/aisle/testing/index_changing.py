"""Items that come, change and go."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

from aisle.index import Index
from aisle.testing.index_cases import ENCODER, FILTERS, condition, counted, found, put, rows, same, vector
from aisle.testing.index_shop import IndexShop
from aisle.testing.toy_shop import toy_items
from aisle.text import item_text
from aisle.types import Item


class Changing(IndexShop):
    """Cases of `add` and `delete`."""

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
