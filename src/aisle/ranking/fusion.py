"""Several proposals become one order."""

from collections.abc import Sequence

import numpy as np

from aisle.types import Candidates, Rows, Scores, best_first


def linear_fusion(lexical: Candidates, rows: Rows, cosines: Scores, a1: float, a2: float) -> Candidates:
    """`a1` times the words plus `a2` times the meaning, over `rows`, all of them kept.

    score(i) = a1 * bm25(i) / max bm25 + a2 * max(cosine(i), 0), where bm25(i) = 0 for a row that is
    not among `lexical`. `rows` is (n,) int64, ascending, and holds the rows of `lexical`; `cosines` is
    (n,) float32. A convex combination with the theoretical minimum of each score as its zero:
    Bruch, Gai and Ingber 2023, "An Analysis of Fusion Functions for Hybrid Retrieval".

    >>> words = Candidates(np.array([3, 1]), np.array([4, 1], np.float32), "lexical")
    >>> linear_fusion(words, np.array([1, 2, 3]), np.array([0.5, 0.6, 0.25], np.float32), 1, 1).scores.tolist()
    [1.25, 0.75, 0.6000000238418579]
    """
    scores = np.float32(a2) * np.maximum(cosines, 0)
    if len(lexical):
        scores[np.searchsorted(rows, lexical.rows)] += np.float32(a1) * lexical.scores / lexical.scores[0]
    return best_first(scores, len(rows), "hybrid", rows)


def reciprocal_rank_fusion(proposals: Sequence[Candidates], constant: float = 60.0) -> Candidates:
    """Every item of every proposal, by the sum of 1 / (constant + rank).

    Source: Cormack, Clarke and Büttcher 2009, "Reciprocal Rank Fusion outperforms Condorcet".

    >>> one = Candidates(np.array([7, 8]), np.array([2, 1], np.float32), "a")
    >>> two = Candidates(np.array([8]), np.array([9], np.float32), "b")
    >>> reciprocal_rank_fusion([one, two]).rows.tolist()
    [8, 7]
    """
    rows = np.unique(np.concatenate([np.empty(0, np.int64), *(proposal.rows for proposal in proposals)]))
    scores = np.zeros(len(rows), np.float32)
    for proposal in proposals:
        scores[np.searchsorted(rows, proposal.rows)] += 1 / (constant + np.arange(1, len(proposal) + 1))
    return best_first(scores, len(rows), "hybrid", rows)
