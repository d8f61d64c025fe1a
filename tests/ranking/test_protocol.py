import numpy as np

from aisle.ranking.protocol import ranks, shares
from aisle.types import Candidates, no_candidates

ROWS = np.array([2, 5, 7])
CANDIDATES = Candidates(np.array([7, 2]), np.array([8, 2], np.float32), "lexical")


def test_places_count_from_1_and_what_is_no_candidate_has_none() -> None:
    assert ranks(CANDIDATES, ROWS, 99).tolist() == [2, 99, 1]
    assert ranks(no_candidates("dense"), ROWS, 99).tolist() == [99, 99, 99]


def test_scores_are_shares_of_the_best() -> None:
    assert shares(CANDIDATES, ROWS).tolist() == [0.25, 0, 1]
    assert shares(no_candidates("dense"), ROWS).tolist() == [0, 0, 0]
