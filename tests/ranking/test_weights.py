from dataclasses import replace

import numpy as np
import pytest

from aisle.ranking import Found, LinearFusion, Ranker, RankFusion, fit_weights
from aisle.ranking.weights import MIN_QUERIES, query_class, surely_better
from aisle.testing.rankers import RankerConformance, toy_found
from aisle.types import Candidates


class TestLinearFusion(RankerConformance):
    def make(self) -> Ranker:
        return LinearFusion(0.25, 0.75, {"digits": (1.0, 0.0)})


class TestRankFusion(RankerConformance):
    def make(self) -> Ranker:
        return RankFusion(constant=10)


def contest(query: str, *, words_are_right: bool) -> tuple[Found, dict[int, float]]:
    """Row 0 is the best by words, row 1 by meaning."""
    lexical = Candidates(np.array([0, 1]), np.array([4, 1], np.float32), "lexical")
    dense = Candidates(np.array([1, 0]), np.array([0.8, 0.2], np.float32), "dense")
    found = Found(query, lexical, dense, np.array([0, 1]), np.array([0.2, 0.8], np.float32))
    return found, {0 if words_are_right else 1: 3.0}


def many(query: str, n: int, *, words_are_right: bool) -> list[tuple[Found, dict[int, float]]]:
    return [contest(query, words_are_right=words_are_right) for _ in range(n)]


def test_rank_fusion_gives_1_to_what_both_find_first() -> None:
    lexical = Candidates(np.array([3, 1]), np.array([9, 1], np.float32), "lexical")
    found = replace(toy_found("usb"), lexical=lexical, dense=lexical, rows=np.array([1, 3]))
    assert RankFusion(constant=0).rank(found).scores.tolist() == [1, 0.5]


def test_each_class_of_query_has_its_weights() -> None:
    fusion = LinearFusion(0.5, 0.5, {"digits": (1.0, 0.0)})
    assert fusion.weights("tn-2110") == (1.0, 0.0)
    assert fusion.weights("toner") == (0.5, 0.5)


@pytest.mark.parametrize(
    ("query", "kind"), [("无线耳机 2", "chinese"), ("a4 paper", "digits"), ("mugs", "one_word"), ("", "one_word")]
)
def test_queries_have_one_class(query: str, kind: str) -> None:
    assert query_class(query) == kind


def test_weights_are_fitted_where_one_side_is_right() -> None:
    start = LinearFusion(0.2, 0.8)
    fitted = fit_weights(many("blue mugs", MIN_QUERIES, words_are_right=True), start)
    words, meaning = fitted.weights("blue mugs")
    assert words > meaning
    assert fitted.weights("mugs") == (0.2, 0.8)


def test_few_queries_fit_nothing() -> None:
    fitted = fit_weights(many("mugs", MIN_QUERIES - 1, words_are_right=True), LinearFusion(0.2, 0.8))
    assert fitted == LinearFusion(0.2, 0.8)


def test_weights_that_are_right_already_stay() -> None:
    start = LinearFusion(0.2, 0.8)
    assert fit_weights(many("mugs", MIN_QUERIES, words_are_right=False), start) == start


def test_a_gain_that_may_be_chance_is_not_taken() -> None:
    assert surely_better(np.array([0.2, 0.1, 0.1]))
    assert not surely_better(np.array([1.0, -0.9, 0.0, 0.0]))
    assert not surely_better(np.zeros(5))
