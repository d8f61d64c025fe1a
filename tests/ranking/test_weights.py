from dataclasses import replace

import numpy as np

from aisle.ranking import LinearFusion, Ranker, RankFusion
from aisle.testing.rankers import RankerConformance, toy_found
from aisle.types import Candidates


class TestLinearFusion(RankerConformance):
    def make(self) -> Ranker:
        return LinearFusion(0.25, 0.75)


class TestRankFusion(RankerConformance):
    def make(self) -> Ranker:
        return RankFusion(constant=10)


def test_rank_fusion_gives_1_to_what_both_find_first() -> None:
    lexical = Candidates(np.array([3, 1]), np.array([9, 1], np.float32), "lexical")
    found = replace(toy_found("usb"), lexical=lexical, dense=lexical, rows=np.array([1, 3]))
    assert RankFusion(constant=0).rank(found).scores.tolist() == [1, 0.5]
