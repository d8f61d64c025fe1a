from pathlib import Path

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.recommenders import sparse_rows
from aisle.recommenders.graph_filter import GraphFilter
from aisle.testing.baskets import baskets
from aisle.testing.recommenders import RecommenderConformance, history, toy_interactions


class TestGraphFilter(RecommenderConformance):
    def make(self, n_items: int) -> GraphFilter:
        return GraphFilter(factors=4)


# two people of two choices each; item 0 was chosen by both: C = (2, 2), D = (2, 1, 1)
SHOP = baskets([0, 1], [0, 2], n_items=3)
# P: item 0 to itself over both people 2 * 1 / (2 * 2), to 1 and 2 over one each, 1 / (2 * sqrt(2 * 1))
FAR = 8**-0.5
LINKS = [[0.5, FAR, FAR], [FAR, 0.5, 0], [FAR, 0, 0.5]]


def test_links_are_steps_over_people_that_the_popular_pass_on_less() -> None:
    links = GraphFilter().fit(SHOP).links_.toarray()
    np.testing.assert_allclose(links, LINKS, rtol=1e-6)


def test_without_smoothing_a_history_follows_its_links() -> None:
    model = GraphFilter(ideal=0, sharpness=0).fit(SHOP)
    expected = 2 * np.array(LINKS[1]) - np.array(LINKS[2])
    np.testing.assert_allclose(model.score([history(1, 2, weights=[4, -1])]), [expected], atol=1e-6)


def test_sharpening_takes_two_more_steps_back() -> None:
    # all directions are kept, so V s^4 V' is P P exactly
    model = GraphFilter(ideal=0, sharpness=0.5).fit(SHOP)
    expected = np.array(LINKS) - 0.5 * np.array(LINKS) @ np.array(LINKS)
    np.testing.assert_allclose(model.score([history(0), history(1), history(2)]), expected, atol=1e-6)


def test_smoothing_reaches_what_no_neighbour_has_touched() -> None:
    # the first direction of R is D^1/2 1 = (sqrt 2, 1, 1) / 2, so item 1 says 1/4 * (2, 1, 1) through it
    plain, smooth = (GraphFilter(factors=1, ideal=ideal, sharpness=0).fit(SHOP) for ideal in (0, 1))
    added = smooth.score([history(1)]) - plain.score([history(1)])
    np.testing.assert_allclose(added, [[0.5, 0.25, 0.25]], rtol=1e-5)


def test_a_discount_of_nothing_lets_the_popular_lead() -> None:
    links = GraphFilter(discount=0).fit(SHOP).links_.toarray()
    np.testing.assert_allclose(links, np.array(LINKS) * np.sqrt([2, 1, 1]), rtol=1e-6)


def test_only_the_strongest_links_are_kept() -> None:
    assert (GraphFilter(neighbors=2).fit(SHOP).links_.toarray() > 0).tolist() == [
        [True, True, False],
        [True, True, False],
        [True, False, True],
    ]


def test_dislikes_alone_propose_nothing() -> None:
    assert not GraphFilter().fit(SHOP).score([history(1, weights=[-1]), history()]).any()


def test_small_blocks_find_the_same_links(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = GraphFilter().fit(toy_interactions()).links_.toarray()
    monkeypatch.setattr(sparse_rows, "MAX_BLOCK_ENTRIES", 5)
    np.testing.assert_array_equal(GraphFilter().fit(toy_interactions()).links_.toarray(), whole)


def test_a_setting_out_of_range_is_refused() -> None:
    with pytest.raises(InputError, match="ideal=-1"):
        GraphFilter(ideal=-1)


def test_its_settings_are_saved(tmp_path: Path) -> None:
    GraphFilter(factors=2, ideal=0.1, sharpness=0.3, discount=0.4, neighbors=7, seed=5).fit(SHOP).save(tmp_path)
    model = GraphFilter.load(tmp_path)
    assert (model.factors, model.ideal, model.sharpness) == (2, 0.1, 0.3)
    assert (model.discount, model.neighbors, model.seed) == (0.4, 7, 5)
