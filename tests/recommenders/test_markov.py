from pathlib import Path

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.recommenders import Interactions
from aisle.recommenders.markov import Markov
from aisle.testing.recommenders import RecommenderConformance, SimilarItemsConformance, history, toy_interactions


class TestMarkov(RecommenderConformance, SimilarItemsConformance):
    def make(self, n_items: int) -> Markov:
        return Markov(order=3, shrinkage=1)

    def make_similar(self) -> Markov:
        return self.make(12).fit(toy_interactions())


def sequences(*rows: list[int], n_items: int = 6) -> Interactions:
    """One user a list, who chose these rows in this order."""
    users = np.repeat(np.arange(len(rows)), [len(one) for one in rows])
    flat = np.concatenate([np.array(one, np.int64) for one in rows])
    times = np.arange(len(flat), dtype=np.float64)
    return Interactions(users, flat, np.ones(len(flat), np.float32), times, len(rows), n_items)


def test_the_next_step_is_as_likely_as_it_was_taken() -> None:
    model = Markov(order=1, window=1, shrinkage=1, symmetry=0).fit(sequences([0, 1], [0, 1], [0, 2]))
    (found,) = model.recommend([history(0)], 5)
    assert found.rows.tolist() == [1, 2]
    np.testing.assert_allclose(found.scores, [2 / (3 + 1), 1 / (3 + 1)], rtol=1e-6)


def test_farther_steps_count_less() -> None:
    model = Markov(order=1, window=2, decay=0.5, shrinkage=0, symmetry=0).fit(sequences([0, 1, 2, 3]))
    np.testing.assert_allclose(model.score([history(0)]), [[0, 1 / 1.5, 0.5 / 1.5, 0, 0, 0]], rtol=1e-6)


def test_steps_back_count_their_symmetric_share() -> None:
    model = Markov(order=1, window=1, shrinkage=0, symmetry=0.25).fit(sequences([0, 1, 2]))
    # from 1: once on to 2, a quarter back to 0
    np.testing.assert_allclose(model.score([history(1)]), [[0.25 / 1.25, 0, 1 / 1.25, 0, 0, 0]], rtol=1e-6)


def test_older_events_count_less_and_only_the_last_few_at_all() -> None:
    model = Markov(order=1, window=1, shrinkage=0, symmetry=0, recency=0.5, last=2)
    model.fit(sequences([0, 3], [1, 4], [2, 5]))
    np.testing.assert_allclose(model.score([history(0, 1, 2)]), [[0, 0, 0, 0, 0.5, 1]], rtol=1e-6)


def test_a_dislike_pushes_away_what_follows_it() -> None:
    model = Markov(order=1, window=1, shrinkage=0, symmetry=0, recency=0.5).fit(sequences([0, 3], [1, 3]))
    np.testing.assert_allclose(model.score([history(0, 1, weights=[1, -4])])[0, 3], 0.5 - 4, rtol=1e-6)


def test_a_run_of_two_is_believed_as_far_as_it_was_seen() -> None:
    log = sequences([0, 1, 2], [0, 1, 2], [0, 1, 2], [3, 1, 4])
    model = Markov(order=2, window=1, shrinkage=0, symmetry=0, recency=0.5, backoff=2).fit(log)
    # order 1 from (0, 1): 1 goes on to 2 in 3 of 4 and to 4 in 1 of 4; 0 goes on to 1, at half weight
    # order 2: after 0, 1 came 2 and then twice again, so (2 + 2 * 3/4) / 4 and (0 + 2 * 1/4) / 4, and 1 keeps 2 / 4
    np.testing.assert_allclose(model.score([history(0, 1)]), [[0, 0.25, 7 / 8, 0, 1 / 8, 0]], rtol=1e-6)


def test_a_run_of_three_goes_before_a_run_of_two() -> None:
    log = sequences([0, 1, 2, 3], [0, 1, 2, 3], [4, 1, 2, 5], [4, 1, 2, 5], [4, 1, 2, 5])
    two, three = (Markov(order=order, recency=0.1, symmetry=0).fit(log).score([history(0, 1, 2)]) for order in (2, 3))
    assert two[0, 5] > two[0, 3]
    assert three[0, 3] / three[0, 5] > two[0, 3] / two[0, 5]


def test_a_run_that_nobody_took_is_answered_by_its_last_step() -> None:
    log = sequences([0, 1, 2], [3, 4])
    one, three = (Markov(order=order).fit(log).score([history(3, 1)]) for order in (1, 3))
    np.testing.assert_array_equal(three, one)


def test_events_at_the_same_time_keep_the_order_of_the_log() -> None:
    log = Interactions(np.zeros(3, np.int64), np.array([2, 0, 1]), np.ones(3, np.float32), np.zeros(3), 1, 3)
    model = Markov(order=1, window=1, shrinkage=0, symmetry=0).fit(log)
    assert [found.rows.tolist() for found in model.similar(np.array([2, 0, 1]), 3)] == [[0], [1], []]


def test_kinds_and_settings_are_saved(tmp_path: Path) -> None:
    model = Markov(order=3, window=3, decay=0.6, shrinkage=2, symmetry=0.4, recency=0.7, last=4, backoff=3)
    model.fit(toy_interactions()).save(tmp_path)
    loaded, asked = Markov.load(tmp_path), [history(0), history(3, 4)]
    np.testing.assert_array_equal(loaded.next_kind(asked), model.next_kind(asked))
    names = ("order", "window", "decay", "shrinkage", "symmetry", "recency", "last", "backoff")
    assert [getattr(loaded, name) for name in names] == [3, 3, 0.6, 2, 0.4, 0.7, 4, 3]


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(InputError, match="order=4"):
        Markov(order=4)
    with pytest.raises(InputError, match="recency=0"):
        Markov(recency=0)


def test_a_catalogue_of_millions_has_no_runs_of_three_but_those_of_two() -> None:
    told = sequences([0, 1, 2, 3], [0, 1, 2, 3], n_items=3_000_000)
    two, three = Markov(order=3).fit(told).contexts_.tables
    assert (two.counts.nnz, three.counts.nnz) == (2, 0)
