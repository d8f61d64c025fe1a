"""What comes next: items that others went on to, from where this user is."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from aisle.errors import InputError
from aisle.recommenders.contexts import NO_CONTEXTS, Contexts, contexts_of
from aisle.recommenders.files import read_arrays, write_arrays
from aisle.recommenders.matrices import answers
from aisle.recommenders.next_kind import NOTHING_KNOWN, NextKind, next_kinds_of
from aisle.recommenders.protocol import History, Interactions, check_k
from aisle.recommenders.sparse_rows import EMPTY, entry_rows, highest, neighbors_of
from aisle.recommenders.stack import stack
from aisle.types import Candidates, Rows, Scores

MAX_ORDER = 3
MAX_TRANSITIONS = 500
"""Most items kept that may follow an item."""
_SETTINGS = ("order", "window", "decay", "shrinkage", "symmetry", "recency", "last", "backoff")


class Markov:
    """Transitions between items within a window, decayed by distance, of orders 1 to 3, backed off.

    c(i, j) = sum over the users' sequences, and over all places where j follows i at distance d <= window,
    of sqrt(weight of i * weight of j) * decay ** (d - 1); then c(i, j) + symmetry * c(j, i), since a log
    does not always tell which came first (reviews written in a row). Of events with weight > 0.
    P(j | i) = c(i, j) / (c(i) + shrinkage), the 500 highest of each item kept.
    S1(u, j) = sum over the latest `last` events i of u's history, a events before the newest, of
    weight(i) * recency ** a * P(j | i).
    For order o = 2, 3: let j have come n(j) + 1 times right after the newest o items of u in this order, and n be the
    sum of n(j): So(u, j) = (n(j) * weight of the newest + backoff * So-1(u, j)) / (n + backoff). What came once is
    taken for chance: counting it costs more hits on Beauty, Diginetica and Yoochoose than the longer memory brings.
    Only scores above 0 are proposed: an empty history, or one of unknown rows or dislikes alone, gets no candidates.

    Source: Rendle et al., Factorizing personalized Markov chains, WWW 2010 (the chain); Ludewig and Jannach,
    Evaluation of session-based recommendation algorithms, UMUAI 2018 (decay by distance, "sequential rules");
    MacKay and Peto, A hierarchical Dirichlet language model, 1995 (the back-off); Ney et al., On structuring
    probabilistic dependences in stochastic language modelling, 1994 (less one).
    """

    name = "markov"

    def __init__(
        self,
        *,
        order: int = 3,
        window: int = 5,
        decay: float = 0.7,
        shrinkage: float = 20.0,
        symmetry: float = 0.2,
        recency: float = 0.5,
        last: int = 10,
        backoff: float = 10.0,
    ) -> None:
        """Raises InputError when a parameter is out of range."""
        if not 1 <= order <= MAX_ORDER or min(window, last) < 1:
            raise InputError(
                f"order={order}, window={window}, last={last}; "
                f"expected an order of 1 to {MAX_ORDER} and the others at least 1"
            )
        if not (0 < decay <= 1 and 0 < recency <= 1 and 0 <= symmetry <= 1 and shrinkage >= 0 and backoff > 0):
            raise InputError(
                f"decay={decay}, recency={recency}, symmetry={symmetry}, shrinkage={shrinkage}, backoff={backoff}; "
                "expected decay and recency above 0 up to 1, symmetry 0 to 1, shrinkage >= 0, backoff > 0"
            )
        self.order = order
        self.window = window
        self.decay = decay
        self.shrinkage = shrinkage
        self.symmetry = symmetry
        self.recency = recency
        self.last = last
        self.backoff = backoff
        self.transitions_: Any = EMPTY
        """(n_items, n_items) sparse float32: row i holds P(j | i)."""
        self.contexts_: Contexts = NO_CONTEXTS
        """What came after two and after three items in a row."""
        self.next_kinds_: NextKind = NOTHING_KNOWN
        """What kind of act follows."""

    def fit(self, interactions: Interactions) -> Self:
        """Count what followed what."""
        order = np.argsort(interactions.users, kind="stable")
        order = order[interactions.weights[order] > 0]
        users, rows, weights = interactions.users[order], interactions.rows[order], interactions.weights[order]
        counts = self._counts(users, rows, np.sqrt(weights), interactions.n_items)
        totals = np.asarray(counts.sum(axis=1)).ravel() + self.shrinkage
        counts.data = (counts.data / totals[entry_rows(counts)]).astype(np.float32)
        self.transitions_ = highest(counts, MAX_TRANSITIONS)
        self.contexts_ = contexts_of(users, rows, interactions.n_items, self.order)
        self.next_kinds_ = next_kinds_of(interactions)
        return self

    def score(self, histories: Sequence[History]) -> Scores:
        """(len(histories), n_items) float32: So of the highest order; below 0 where dislikes outweigh."""
        asked = stack(histories, self.transitions_.shape[0])
        weights = np.where(asked.ages < self.last, asked.weights * self.recency**asked.ages, 0)
        scores = asked.matrix(weights) @ self.transitions_
        taken = asked.where(asked.weights > 0)
        for order in range(2, self.order + 1):
            scores = self.contexts_.refine(scores, taken, order, self.backoff)
        dense: Scores = scores.toarray()
        return dense

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        """The `k` items most likely to come next."""
        return answers(self.score, histories, k, self.name, exclude)

    def next_kind(self, histories: Sequence[History]) -> NDArray[np.float32]:
        """(len(histories), len(EVENT_KINDS)) float32: how likely the next act is a view, a cart...; sums 1."""
        return self.next_kinds_.shares(histories)

    def similar(self, rows: Rows, k: int) -> list[Candidates]:
        """The `k` items that most often follow each item, other than itself; none for an unknown row."""
        check_k(k)
        return [neighbors_of(self.transitions_, int(row), k, self.name) for row in rows]

    def save(self, folder: Path) -> None:
        """Write what followed what to `folder`/markov.npz."""
        kept = self.transitions_
        config = np.array([getattr(self, setting) for setting in _SETTINGS], np.float64)
        write_arrays(
            folder, self.name, config=config, data=kept.data, indices=kept.indices, indptr=kept.indptr,
            **self.contexts_.arrays(), **self.next_kinds_.arrays(),
        )  # fmt: skip

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ReleaseError when the file is missing or damaged."""
        config, data, indices, indptr = read_arrays(folder, cls.name, "config", "data", "indices", "indptr")
        order, window, decay, shrinkage, symmetry, recency, last, backoff = config.tolist()
        model = cls(
            order=int(order), window=int(window), decay=decay, shrinkage=shrinkage, symmetry=symmetry, recency=recency,
            last=int(last), backoff=backoff,
        )  # fmt: skip
        n_items = len(indptr) - 1
        model.transitions_ = sparse.csr_matrix((data, indices, indptr), shape=(n_items, n_items))
        model.contexts_ = Contexts.of_arrays(read_arrays(folder, cls.name, *Contexts.keys_of_arrays()), n_items)
        model.next_kinds_ = NextKind.of_arrays(read_arrays(folder, cls.name, *NextKind.keys_of_arrays()))
        return model

    def _counts(self, users: NDArray[np.int64], rows: Rows, strengths: NDArray[np.float32], n_items: int) -> Any:
        """(n_items, n_items) sparse float32: c(i, j), columns in order."""
        counts = sparse.csr_matrix((n_items, n_items), dtype=np.float32)
        for distance in range(1, min(self.window, len(users) - 1) + 1):
            same = users[:-distance] == users[distance:]
            values = (strengths[:-distance] * strengths[distance:])[same] * np.float32(self.decay ** (distance - 1))
            pairs = (rows[:-distance][same], rows[distance:][same])
            counts = counts + sparse.csr_matrix((values, pairs), shape=counts.shape, dtype=np.float32)
        if self.symmetry:
            counts = counts + np.float32(self.symmetry) * counts.T.tocsr()
        counts.sort_indices()
        return counts
