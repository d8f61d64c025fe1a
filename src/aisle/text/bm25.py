"""BM25 of whole texts as one sparse matrix: every query against every text, for learning; no index is built."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from aisle.text.words import terms

K1 = 1.2
B = 0.75


@dataclass(frozen=True, slots=True, eq=False)
class Bm25:
    """Texts as weights of their words (Robertson and Zaragoza 2009): a query's score is their sum over its words."""

    words: Mapping[str, int]
    """Column of each word."""
    texts: Any
    """(n_texts, n_words) float32, compressed sparse rows."""

    def queries(self, queries: Iterable[str]) -> Any:
        """(n_queries, n_words) float32, compressed sparse rows: 1 where the query has the word.

        >>> fit_bm25(["desk lamp", "lamp"]).queries(["Lamps for a desk"]).toarray()
        array([[1., 1.]], dtype=float32)
        """
        found = ({self.words[word]: 1.0 for word in terms(query) if word in self.words} for query in queries)
        return _matrix(found, len(self.words))


def fit_bm25(texts: Sequence[str]) -> Bm25:
    """The weights of the words of `texts` among each other."""
    counted = [Counter(terms(text)) for text in texts]
    n_with = Counter(word for words in counted for word in words)
    mean = max(1.0, sum(words.total() for words in counted) / max(1, len(counted)))
    rare = {word: rarity(len(texts), n) for word, n in n_with.items()}
    columns = {word: column for column, word in enumerate(rare)}

    def weights(words: Counter[str]) -> dict[int, float]:
        norm = K1 * (1 - B + B * words.total() / mean)
        return {columns[word]: rare[word] * n * (K1 + 1) / (n + norm) for word, n in words.items()}

    return Bm25(columns, _matrix(map(weights, counted), len(columns)))


def rarity(n_texts: int, n_with: int) -> float:
    """The inverse document frequency of BM25 (Robertson and Zaragoza 2009), above 0 for every word.

    Texts that came since they were counted may have a word more often than there were texts.
    """
    return math.log(1 + (max(n_texts, n_with) - n_with + 0.5) / (n_with + 0.5))


def _matrix(rows: Iterable[Mapping[int, float]], n_columns: int) -> Any:
    starts = [0]
    columns: list[int] = []
    values: list[float] = []
    for row in rows:
        columns.extend(row)
        values.extend(row.values())
        starts.append(len(columns))
    shape = len(starts) - 1, n_columns
    return sparse.csr_matrix((np.array(values, np.float32), np.array(columns, np.int64), np.array(starts)), shape)
