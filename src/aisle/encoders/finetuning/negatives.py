"""Hard negatives: items that the encoder finds near a query though nobody says that they answer it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aisle.types import Rows, Vectors

DEPTH = 50
"""Nearest items of a query that negatives are drawn from."""
SHARE = 0.95
"""Items nearer than this share of the positive's cosine are taken for answers that nobody judged."""
_BLOCK = 256
"""Queries compared with the catalogue at once: at 50,000 items 51 MB."""


def nearest_items(queries: Vectors, items: Vectors, k: int) -> Rows:
    """(n_queries, k) rows of the items with the highest cosines, best first; k is cut to the number of items."""
    k = min(k, len(items))
    found = np.empty((len(queries), k), np.int64)
    for start in range(0, len(queries), _BLOCK):
        cosines = queries[start : start + _BLOCK] @ items.T
        top = np.argpartition(-cosines, k - 1, axis=1)[:, :k]
        order = np.argsort(-np.take_along_axis(cosines, top, axis=1), axis=1, kind="stable")
        found[start : start + _BLOCK] = np.take_along_axis(top, order, axis=1)
    return found


def mine_negatives(
    queries: Vectors,
    items: Vectors,
    relevant: Sequence[Rows],
    groups: Rows,
    *,
    depth: int = DEPTH,
    share: float = SHARE,
) -> list[Rows]:
    """Rows of the hard negatives of each query, nearest first.

    `relevant` are the rows of each query's relevant items, `groups` (n_items,) the number of each item's variant
    group or text. Of the `depth` nearest items those are dropped that are relevant, that are of a relevant
    item's group, and that are nearer than `share` of the mean cosine of the relevant ones: most such are
    answers that nobody judged (Moreira et al. 2024, "NV-Retriever", positive-aware mining, TopK-PercPos).
    """
    near = nearest_items(queries, items, depth + max((len(rows) for rows in relevant), default=0))
    mined = []
    for vector, rows, known in zip(queries, near, relevant, strict=True):
        kept = rows[~np.isin(groups[rows], groups[known])]
        if len(known):
            kept = kept[items[kept] @ vector <= share * float((items[known] @ vector).mean())]
        mined.append(kept[:depth])
    return mined


def draw_negatives(
    mined: Sequence[Rows], query: Rows, n: int, n_items: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """(n_pairs, n) rows: for each pair `n` of its query's negatives, any item where it has none."""
    drawn = rng.integers(0, n_items, (len(query), n))
    for pair, one in enumerate(query.tolist()):
        if len(mined[one]):
            drawn[pair] = rng.choice(mined[one], n)
    return drawn
