"""From one item to others like it."""

from time import perf_counter

import numpy as np

from aisle.pipelines.slate import DEPTH, for_sale, make_shelf
from aisle.recommenders.protocol import NOTHING
from aisle.releases import Release
from aisle.types import Candidates, Reason, Rows, Shelf, best_first

BEHAVIOUR, MEANING = 0.3, 0.7
"""Weights of what shoppers took together and of what is described alike: a cable may go with shoes."""


def similar(release: Release, item_id: str, k: int, name: str = "similar", excluded: Rows = NOTHING) -> Shelf:
    """Items like `item_id`: taken by the same shoppers (item-kNN) or described alike (content).

    Sold-out items, further variants of one product and the rows `excluded` are left out. Raises NotFoundError for
    an unknown item.
    """
    started = perf_counter()
    row = release.row(item_id)
    depth = k * DEPTH + len(excluded)
    together = release.item_knn.similar(np.array([row]), depth)[0]
    alike = release.content.similar(np.array([row]), depth)[0]
    merged = _without(blend(together, alike, BEHAVIOUR, MEANING), excluded)
    found = for_sale(release, without_variants(release, merged, row), k)
    taken = set(together.rows.tolist())

    def explain(row: int) -> tuple[Reason, ...]:
        if name == "because_viewed":
            return (Reason("because_viewed", item_id),)
        return (Reason("chosen_together" if row in taken else "similar", item_id),)

    return make_shelf(release, name, found, explain, started)


def blend(first: Candidates, second: Candidates, a1: float, a2: float) -> Candidates:
    """All candidates of both, by `a1` and `a2` times their scores as shares of the best: a1 * H + a2 * C."""
    rows = np.union1d(first.rows, second.rows)
    scores = np.zeros(len(rows), np.float32)
    for part, weight in ((first, a1), (second, a2)):
        if len(part) and part.scores[0] > 0:
            scores[np.searchsorted(rows, part.rows)] += np.float32(weight) * part.scores / part.scores[0]
    return best_first(scores, len(rows), "blend", rows)


def without_variants(release: Release, candidates: Candidates, row: int) -> Candidates:
    """The candidates that are no other variant of the product in `row`."""
    group = release.catalogue.item(row).group_id
    if not group:
        return candidates
    kept = [place for place, other in enumerate(candidates.rows) if release.catalogue.item(other).group_id != group]
    return Candidates(candidates.rows[kept], candidates.scores[kept], candidates.source)


def _without(candidates: Candidates, excluded: Rows) -> Candidates:
    kept = ~np.isin(candidates.rows, excluded)
    return Candidates(candidates.rows[kept], candidates.scores[kept], candidates.source)
