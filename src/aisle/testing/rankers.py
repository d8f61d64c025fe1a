"""What every ranker promises: subclass RankerConformance in a test, say how to make it; pytest does the rest."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from aisle.errors import ReleaseError
from aisle.ranking import Found, Ranker
from aisle.testing.encoder import FakeEncoder
from aisle.testing.toy_shop import toy_items
from aisle.text import item_text, terms
from aisle.types import Candidates, best_first, no_candidates

QUERIES = "usb c cable", "headphones", "coffee", "running shoes", "silver machine by Roma", "无线耳机", "zebra"
ENCODER = FakeEncoder()


def toy_found(query: str) -> Found:
    """What the toy shop has: by words of titles and translations, one point each; by letters, the nearest five."""
    items, words = toy_items(), set(terms(query))
    titles = [" ".join([item.title, *(part.title for part in item.translations.values())]) for item in items]
    points = np.array([len(words & set(terms(title))) for title in titles], np.float32)
    lexical = best_first(np.where(points > 0, points, -np.inf), len(items), "lexical")
    vector = ENCODER.encode_queries([query])[0]
    vectors = ENCODER.encode_items([item_text(item) for item in items])
    dense = best_first(vectors @ vector, 5, "dense") if vector.any() else no_candidates("dense")
    rows = np.union1d(lexical.rows, dense.rows)
    return Found(query, lexical, dense, rows, vectors[rows] @ vector, vectors[rows])


def nothing_found(query: str = "xyzzy") -> Found:
    """The answer to a query that nothing matches."""
    nothing = no_candidates("lexical")
    return Found(
        query, nothing, no_candidates("dense"), nothing.rows, nothing.scores, np.empty((0, ENCODER.dim), np.float32)
    )


class RankerConformance:
    """The cases of the Ranker protocol. A subclass defines `make`."""

    def make(self) -> Ranker:
        """A ranker for the toy shop. The same call makes the same ranker."""
        raise NotImplementedError

    @pytest.mark.parametrize("query", QUERIES)
    def test_everything_found_is_ranked_once(self, query: str) -> None:
        found = toy_found(query)
        ranked = self.make().rank(found)
        assert sorted(ranked.rows.tolist()) == found.rows.tolist()
        assert ranked.rows.dtype == np.int64
        assert ranked.scores.dtype == np.float32

    @pytest.mark.parametrize("query", QUERIES)
    def test_scores_never_increase_and_are_finite(self, query: str) -> None:
        scores = self.make().rank(toy_found(query)).scores
        assert np.isfinite(scores).all()
        assert (np.diff(scores) <= 0).all()

    def test_nothing_found_is_nothing_ranked(self) -> None:
        assert len(self.make().rank(nothing_found())) == 0

    def test_the_same_found_gets_the_same_order(self) -> None:
        for query in QUERIES:
            same(self.make().rank(toy_found(query)), self.make().rank(toy_found(query)))

    def test_ranking_changes_nothing_of_what_was_found(self) -> None:
        found, before = toy_found("usb c cable"), toy_found("usb c cable")
        self.make().rank(found)
        same(found.lexical, before.lexical)
        same(found.dense, before.dense)
        assert found.rows.tolist() == before.rows.tolist()
        assert found.cosines.tolist() == before.cosines.tolist()

    def test_items_are_ranked_without_vectors(self) -> None:
        found = replace(toy_found("headphones"), vectors=None)
        assert sorted(self.make().rank(found).rows.tolist()) == found.rows.tolist()

    def test_likely_categories_may_be_given(self) -> None:
        found = toy_found("headphones")
        told = replace(found, categories=(("Electronics > Audio", 0.9),))
        assert sorted(self.make().rank(told).rows.tolist()) == found.rows.tolist()

    def test_threads_get_the_same_orders(self) -> None:
        ranker = self.make()
        alone = [ranker.rank(toy_found(query)) for query in QUERIES]
        with ThreadPoolExecutor(4) as threads:
            together = list(threads.map(ranker.rank, [toy_found(query) for query in QUERIES]))
        for one, other in zip(alone, together, strict=True):
            same(one, other)

    def test_changed_and_new_items_are_taken_in(self) -> None:
        ranker, items = self.make(), toy_items()
        ranker.put(np.array([1, 14]), [replace(items[0], item_id="e2"), replace(items[3], item_id="new")])
        found = toy_found("headphones")
        rows = np.append(found.rows, 14)
        assert found.vectors is not None
        grown = replace(
            found,
            rows=rows,
            cosines=np.append(found.cosines, found.cosines[:1]),
            vectors=found.vectors[[*range(len(found.rows)), 0]],
        )
        assert sorted(ranker.rank(grown).rows.tolist()) == rows.tolist()

    def test_a_loaded_ranker_orders_like_the_saved_one(self, tmp_path: Path) -> None:
        ranker = self.make()
        ranker.save(tmp_path)
        loaded = type(ranker).load(tmp_path)
        assert loaded.name == ranker.name
        for query in QUERIES:
            same(loaded.rank(toy_found(query)), ranker.rank(toy_found(query)))

    def test_a_missing_file_is_a_release_error(self, tmp_path: Path) -> None:
        ranker = self.make()
        ranker.save(tmp_path)
        for path in tmp_path.iterdir():
            kept = path.read_bytes()
            path.unlink()
            with pytest.raises(ReleaseError, match=path.name):
                type(ranker).load(tmp_path)
            path.write_bytes(kept)

    def test_a_damaged_file_is_a_release_error(self, tmp_path: Path) -> None:
        ranker = self.make()
        ranker.save(tmp_path)
        for path in tmp_path.iterdir():
            kept = path.read_bytes()
            path.write_bytes(kept[: len(kept) // 2])
            with pytest.raises(ReleaseError, match=path.name):
                type(ranker).load(tmp_path)
            path.write_bytes(kept)


def same(one: Candidates, other: Candidates) -> None:
    """Fail unless both have the same rows in the same order, with the same scores."""
    assert one.rows.tolist() == other.rows.tolist()
    assert one.scores.tolist() == other.scores.tolist()
