"""What words and meaning say of items that nobody judged: labels between right and wrong."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aisle.encoders.finetuning.pairs import Pairs
from aisle.text.bm25 import fit_bm25
from aisle.types import Rows, Vectors

JUDGED = 0.5
"""Share of a grade in the label of a pair that has one; the rest is what words and meaning say."""
_BLOCK = 256
"""Queries scored against the whole catalogue at once: at 50,000 items at most 51 MB."""


class SoftLabels:
    """The mean of BM25, as a share of the query's best item, and of the cosine before learning.

    Both find what the other does not, so that their mean is a better judge than the encoder that learns from it; where
    there is a grade, half of the label comes from it: 0.5 for irrelevant to 1. Lin, Yang and Lin 2021, "In-Batch
    Negatives for Knowledge Distillation with Tightly-Coupled Teachers", with another teacher.
    """

    def __init__(self, pairs: Pairs, texts: tuple[str, ...], groups: Rows, queries: Vectors, items: Vectors) -> None:
        """`queries` (n_queries, dim) and `items` (n_items, dim) are the encoder's before it learns."""
        self.queries = queries
        self._items, self._groups, self._bm25 = items, groups, fit_bm25(texts)
        self._asked = self._bm25.queries(pairs.queries)
        blocks = (self._asked[start : start + _BLOCK] for start in range(0, len(pairs.queries), _BLOCK))
        best = [(block @ self._bm25.texts.T).max(axis=1).toarray()[:, 0] for block in blocks]
        self._best = np.maximum(np.concatenate(best), 1e-6)
        self._grades: dict[tuple[int, int], float] = {}
        judged = zip(pairs.query.tolist(), groups[pairs.item].tolist(), pairs.grade.tolist(), strict=True)
        for query, group, grade in judged:
            self._grades[query, group] = max(grade, self._grades.get((query, group), 0.0))

    def of(self, query: Rows, rows: Rows) -> NDArray[np.float32]:
        """(b, m) label of each item of `rows` (m,) for each query of `query` (b,), about from 0 to 1."""
        words = (self._asked[query] @ self._bm25.texts[rows].T).toarray() / self._best[query, None]
        found = (words + self.queries[query] @ self._items[rows].T) / 2
        groups = self._groups[rows].tolist()
        grades = np.array([[self._grades.get((one, group), np.nan) for group in groups] for one in query.tolist()])
        judged = (1 - JUDGED) * found + JUDGED * (1 + grades) / 2
        return np.asarray(np.where(np.isnan(grades), found, judged), np.float32)

    def of_words(self, queries: Sequence[str], rows: Rows) -> NDArray[np.float32]:
        """(n, m) label of each item of `rows` (m,) for queries that nobody asked, by words alone; from 0 to 0.5."""
        words = (self._bm25.queries(queries) @ self._bm25.texts[rows].T).toarray()
        return np.asarray(words / (2 * np.maximum(words.max(axis=1, keepdims=True), 1e-6)), np.float32)
