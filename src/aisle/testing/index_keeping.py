"""What an index answers at most, and what it writes to its files."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from aisle.index import Index, parse_filter
from aisle.testing.index_cases import ENCODER, FILTERS, checksums, condition, found, put, rows, same, vector
from aisle.testing.index_shop import IndexShop
from aisle.testing.toy_shop import toy_items
from aisle.types import Item, Translation


class Keeping(IndexShop):
    """Cases of `k`, of threads, and of `save`."""

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
