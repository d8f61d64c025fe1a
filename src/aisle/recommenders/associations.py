"""What is bought together: rules "who takes this also takes that", with how sure they are."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from aisle.errors import InputError
from aisle.recommenders.files import read_arrays, write_arrays
from aisle.recommenders.interactions import DAY_S, KIND_CODES
from aisle.recommenders.matrices import answers
from aisle.recommenders.protocol import History, Interactions, check_k
from aisle.recommenders.sparse_rows import EMPTY, blocks, entry_rows, highest, most_products, neighbors_of
from aisle.recommenders.stack import stack
from aisle.types import Candidates, Rows, Scores

Measure = Literal["confidence", "lift"]
MEASURES: tuple[Measure, ...] = get_args(Measure)


class Associations:
    """Rules i -> j between the items of a basket.

    A basket is what one user took within the same `basket_days` days since 1970: purchases where the log has
    any, otherwise all events of weight > 0; an item counts once a basket. Of n baskets, n(i) hold i, n(i, j) hold both:
    support = n(i, j); confidence = n(i, j) / n(i); lift = n * n(i, j) / (n(i) * n(j)).
    Rules of at least `support`, at least `confidence` and a lift above 1 are kept: what comes together as seldom as by
    chance is no rule. Of each item these are the `neighbors` with the highest `measure`: confidence finds what sells
    anyway, lift what belongs to it alone.
    score(u, j) = sum over the items i of u's history, of summed weight > 0, of min(1, weight) * measure of i -> j.
    An empty history, or one of unknown rows or dislikes alone, gets no candidates.

    Source: Agrawal et al., Mining association rules between sets of items in large databases, SIGMOD 1993;
    lift: Brin et al., Dynamic itemset counting and implication rules for market basket data, SIGMOD 1997.
    """

    name = "associations"

    def __init__(
        self,
        *,
        support: int = 2,
        confidence: float = 0.0,
        measure: Measure = "confidence",
        basket_days: float = 1.0,
        neighbors: int = 100,
    ) -> None:
        """Raises InputError when a parameter is out of range."""
        if support < 1 or neighbors < 1 or not 0 <= confidence <= 1 or not basket_days > 0:
            raise InputError(
                f"support={support}, neighbors={neighbors}, confidence={confidence}, basket_days={basket_days}; "
                "expected at least 1, at least 1, 0 to 1, and more than 0"
            )
        if measure not in MEASURES:
            raise InputError(f"measure={measure!r}; expected one of {', '.join(MEASURES)}")
        self.support = support
        self.confidence = confidence
        self.measure = measure
        self.basket_days = basket_days
        self.neighbors = neighbors
        self.rules_: Any = EMPTY
        """(n_items, n_items) sparse float32: row i holds the measure of i -> j."""

    def fit(self, interactions: Interactions) -> Self:
        """Count what lay in the same baskets."""
        baskets = _baskets(interactions, self.basket_days)
        n_with = np.bincount(baskets.indices, minlength=interactions.n_items)
        held_by = baskets.T.tocsr()
        parts = [
            self._rules(start, held_by[start:end] @ baskets, n_with, baskets.shape[0])
            for start, end in blocks(most_products(baskets))
        ]
        self.rules_ = sparse.vstack(parts, format="csr", dtype=np.float32) if parts else EMPTY
        return self

    def score(self, histories: Sequence[History]) -> Scores:
        """(len(histories), n_items) float32: the sums of the measures of the rules that apply."""
        asked = stack(histories, self.rules_.shape[0]).matrix()
        asked.sum_duplicates()
        asked.data = np.clip(asked.data, 0, 1)
        scores: Scores = (asked @ self.rules_).toarray()
        return scores

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        """The `k` items that go best with the history."""
        return answers(self.score, histories, k, self.name, exclude)

    def similar(self, rows: Rows, k: int) -> list[Candidates]:
        """The `k` items most bought together with each item; none for an unknown row."""
        check_k(k)
        return [neighbors_of(self.rules_, int(row), k, self.name) for row in rows]

    def save(self, folder: Path) -> None:
        """Write the rules to `folder`/associations.npz."""
        kept = self.rules_
        measure = MEASURES.index(self.measure)
        config = np.array([self.support, self.confidence, measure, self.basket_days, self.neighbors], np.float64)
        write_arrays(folder, self.name, config=config, data=kept.data, indices=kept.indices, indptr=kept.indptr)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ReleaseError when the file is missing or damaged."""
        config, *parts = read_arrays(folder, cls.name, "config", "data", "indices", "indptr")
        support, confidence, measure, basket_days, neighbors = config.tolist()
        model = cls(
            support=int(support),
            confidence=confidence,
            measure=MEASURES[int(measure)],
            basket_days=basket_days,
            neighbors=int(neighbors),
        )
        n_items = len(parts[-1]) - 1
        model.rules_ = sparse.csr_matrix(tuple(parts), shape=(n_items, n_items))
        return model

    def _rules(self, start: int, together: Any, n_with: NDArray[np.int64], n_baskets: int) -> Any:
        """The rules of the items from `start`, out of how many baskets they share with all items."""
        together.sort_indices()
        items = entry_rows(together) + start
        confidence = together.data / n_with[items]
        lift = confidence * n_baskets / n_with[together.indices]
        kept = (together.data >= self.support) & (confidence >= self.confidence) & (lift > 1)
        kept &= items != together.indices
        together.data = np.where(kept, confidence if self.measure == "confidence" else lift, 0).astype(np.float32)
        return highest(together, self.neighbors)


def _baskets(interactions: Interactions, basket_days: float) -> Any:
    """(n_baskets, n_items) sparse float32 of ones."""
    taken = interactions.weights > 0
    if interactions.kinds is not None:
        bought = interactions.kinds == KIND_CODES["purchase"]
        taken = taken & bought if bought.any() else taken
    users, rows = interactions.users[taken], interactions.rows[taken]
    days = np.floor(interactions.times[taken] / (DAY_S * basket_days)).astype(np.int64)
    order = np.lexsort((days, users))
    starts = np.diff(users[order], prepend=-1) != 0
    starts |= np.diff(days[order], prepend=0) != 0
    baskets = np.cumsum(starts) - 1
    shape = (int(starts.sum()), interactions.n_items)
    matrix = sparse.csr_matrix((np.ones(len(baskets), np.float32), (baskets, rows[order])), shape=shape)
    matrix.data[:] = 1
    return matrix
