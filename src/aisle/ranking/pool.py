"""What several models propose to the users of a holdout, laid out so that trying weights takes milliseconds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError
from aisle.ranking.blend import BLOCK, positive, taken
from aisle.ranking.norms import NORMS, Column, Norm, Scale, best_places, normalised, read_scale
from aisle.recommenders import Recommender
from aisle.recommenders.protocol import Holdout
from aisle.types import Rows, Scores

DEPTH = 100
"""Candidates asked of each model."""
Table = NDArray[np.float32]
Kind = Literal["NDCG", "HR", "MRR", "Recall"]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Measure:
    """What weights are chosen by: one of NDCG, HR, MRR, Recall over the first `k`."""

    kind: Kind = "NDCG"
    k: int = 10

    def __str__(self) -> str:
        return f"{self.kind}@{self.k}"


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Candidates of users: all that any model puts among its first DEPTH. Users without a relevant one are left out.

    They count as 0 in every measure: `n_asked` is the number of users with them.
    """

    rows: Rows
    """(n_users, n_places) int64; -1 where a user has fewer candidates."""
    raw: Table
    """(n_models, n_users, n_places) float32: scores, at least 0."""
    scales: Sequence[Scale]
    """Of each model."""
    relevant_users: NDArray[np.int64]
    """(n_relevant,) the user of each relevant candidate, ascending."""
    relevant_places: NDArray[np.int64]
    """(n_relevant,) its place in `rows`."""
    n_relevant: NDArray[np.int64]
    """(n_users,) relevant items of each user, candidates or not."""
    users: NDArray[np.int64]
    """(n_users,) places in the holdout."""
    n_asked: int

    def table(self, model: int, norm: Norm) -> Table:
        """(n_users, n_places) float32: the scores of one model in the unit `norm`."""
        return normalised(norm, self.raw[model], self.scales[model])

    def gains(self, scores: Scores, measure: Measure) -> NDArray[np.float64]:
        """(n_users,) the measure of each user whose candidates are ordered by `scores`, (n_users, n_places).

        Among ties the middle place counts; a score of 0 is not found.
        """
        own = scores[self.relevant_users, self.relevant_places]
        rivals = scores if len(own) == len(scores) else scores[self.relevant_users]
        above, equal = own[:, np.newaxis] < rivals, own[:, np.newaxis] == rivals
        ranks = np.count_nonzero(above, axis=1) + (np.count_nonzero(equal, axis=1) + 1) / 2
        return self._gains(np.where(own > 0, ranks, measure.k + 1), measure)

    def mean(self, scores: Scores, measure: Measure) -> float:
        """The measure over all users that were asked."""
        return float(self.gains(scores, measure).sum()) / max(1, self.n_asked)

    def _gains(self, ranks: NDArray[np.float64], measure: Measure) -> NDArray[np.float64]:
        found = ranks <= measure.k
        n_users = len(self.rows)
        if measure.kind == "NDCG":
            summed = np.bincount(self.relevant_users, found / np.log2(1 + ranks), minlength=n_users)
            ideal = np.cumsum(1 / np.log2(np.arange(2, measure.k + 2)))
            return np.asarray(summed / ideal[np.minimum(self.n_relevant, measure.k) - 1])
        if measure.kind == "Recall":
            return np.asarray(np.bincount(self.relevant_users, found, minlength=n_users) / self.n_relevant)
        best = np.zeros(n_users)
        np.maximum.at(best, self.relevant_users, found / ranks if measure.kind == "MRR" else found)
        return best

    def of(self, models: Sequence[int]) -> "Pool":
        """The same candidates with the scores of some of the models alone, given by place."""
        return replace(self, raw=self.raw[list(models)], scales=[self.scales[model] for model in models])

    def part(self, start: int, end: int) -> "Pool":
        """The users `start` to `end`; those left out before count in proportion."""
        first, last = np.searchsorted(self.relevant_users, [start, end])
        users = slice(start, end)
        return Pool(
            rows=self.rows[users],
            raw=self.raw[:, users],
            scales=[scale.of(users) for scale in self.scales],
            relevant_users=self.relevant_users[first:last] - start,
            relevant_places=self.relevant_places[first:last],
            n_relevant=self.n_relevant[users],
            users=self.users[users],
            n_asked=round(self.n_asked * (end - start) / max(1, len(self.rows))),
        )


def make_pool(
    models: Sequence[Recommender],
    holdout: Holdout,
    *,
    norms: Sequence[Norm] = NORMS,
    depth: int = DEPTH,
    max_users: int = 20_000,
    seed: int = 0,
    progress: Progress | None = None,
) -> Pool:
    """Ask every model for its scores of at most `max_users` users drawn by chance, in an order drawn by chance.

    `norms` are those that tables will be asked for.

    Raises InputError without models.
    """
    if not models:
        raise InputError("no models to blend; give at least one")
    drawn = np.random.default_rng(seed).permutation(len(holdout))[:max_users]
    parts = []
    for start in range(0, len(drawn), BLOCK):
        places = drawn[start : start + BLOCK]
        parts.append(_ask(models, holdout, places, depth, ranked="rank" in norms))
        if progress:
            progress(min(start + BLOCK, len(drawn)), len(drawn))
    return _joined(parts, len(models), len(drawn))


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    rows: Sequence[Rows]
    raw: Sequence[Table]
    scales: Sequence[Scale]
    hits: Sequence[NDArray[np.int64]]
    n_relevant: NDArray[np.int64]
    users: NDArray[np.int64]


def _ask(
    models: Sequence[Recommender], holdout: Holdout, places: NDArray[np.int64], depth: int, *, ranked: bool
) -> _Part:
    histories = [holdout.histories[place] for place in places]
    scored = [positive(model, histories) for model in models]
    scales = [read_scale(scores, histories, ranked=ranked) for scores in scored]
    n_items = max(scores.shape[1] for scores in scored)
    proposed = np.zeros((len(histories), n_items), bool)
    for scores in scored:
        proposed[:, : scores.shape[1]] |= _best(scores, [holdout.excluded[place] for place in places], depth)
    rows, raw, hits, kept = [], [], [], []
    for position, place in enumerate(places):
        own = np.flatnonzero(proposed[position])
        wanted = np.unique(holdout.relevant[place])
        hit = np.flatnonzero(np.isin(own, wanted))
        if not len(hit):
            continue
        kept.append(position)
        rows.append(own)
        hits.append(hit)
        raw.append(np.stack([taken(scores[position], own) for scores in scored]))
    asked = np.array(kept, np.int64)
    n_relevant = np.array([len(np.unique(holdout.relevant[place])) for place in places[asked]], np.int64)
    return _Part(rows, raw, [scale.of(asked) for scale in scales], hits, n_relevant, places[asked])


def _best(scores: Scores, excluded: Sequence[Rows], depth: int) -> NDArray[np.bool_]:
    """(n, n_items) whether an item is among the first `depth` that may be proposed."""
    found = np.zeros(scores.shape, bool)
    for position, (values, out) in enumerate(zip(scores, excluded, strict=True)):
        free = values.copy()
        free[out[(out >= 0) & (out < len(values))]] = 0
        found[position, best_places(free, depth)] = True
    return found


def _joined(parts: Sequence[_Part], n_models: int, n_asked: int) -> Pool:
    rows = [one for part in parts for one in part.rows]
    raw = [one for part in parts for one in part.raw]
    hits = [one for part in parts for one in part.hits]
    n_places = max(map(len, rows), default=0)
    laid, scores = np.full((len(rows), n_places), -1, np.int64), np.zeros((n_models, len(rows), n_places), np.float32)
    for user, (own, values) in enumerate(zip(rows, raw, strict=True)):
        laid[user, : len(own)] = own
        scores[:, user, : len(own)] = values
    return Pool(
        rows=laid,
        raw=scores,
        scales=[_stacked([part.scales[model] for part in parts]) for model in range(n_models)],
        relevant_users=np.repeat(np.arange(len(hits)), [len(hit) for hit in hits]),
        relevant_places=np.concatenate([np.empty(0, np.int64), *hits]),
        n_relevant=np.concatenate([np.empty(0, np.int64), *(part.n_relevant for part in parts)]),
        users=np.concatenate([np.empty(0, np.int64), *(part.users for part in parts)]),
        n_asked=n_asked,
    )


def _stacked(scales: Sequence[Scale]) -> Scale:
    def column(name: str) -> Column:
        return np.concatenate([getattr(scale, name) for scale in scales]) if scales else np.empty((0, 1), np.float32)

    return Scale(column("best"), column("total"), column("mean"), column("spread"), column("ranked"))
