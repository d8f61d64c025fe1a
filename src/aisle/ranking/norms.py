"""How scores of models that count in different units become comparable for one user."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from aisle.recommenders import History
from aisle.types import Rows, Scores

Norm = Literal["share", "root", "square", "mass", "log", "z", "rank"]
NORMS: tuple[Norm, ...] = get_args(Norm)
FLOOR = 1e-3
"""Share of the best score that the logarithm starts from: less counts as nothing."""
RANKED = 200
"""Places that the rank knows; what stands below is not proposed."""
RANK_OFFSET = 10.0
"""Added to every rank: the smaller, the more the first places stand out."""
Column = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """What scores are measured against: those of the items that the history does not hold. All are (n, x) float32."""

    best: Column
    """(n, 1) the highest; 1 where nothing is proposed."""
    total: Column
    """(n, 1) sum of all above 0; 1 where nothing is proposed."""
    mean: Column
    """(n, 1) over all items."""
    spread: Column
    """(n, 1) standard deviation over all items; 1 where nothing is proposed."""
    ranked: Column
    """(n, RANKED) the highest, ascending, after zeros where fewer are proposed; (n, 0) where nobody asked for ranks."""

    def of(self, places: NDArray[np.int64] | slice) -> "Scale":
        """The scale of some of the histories."""
        parts = (self.best, self.total, self.mean, self.spread, self.ranked)
        return Scale(*(part[places] for part in parts))


def read_scale(scores: Scores, histories: Sequence[History], *, ranked: bool = True) -> Scale:
    """What to measure the scores of each history against: (n, n_items) float32, at least 0.

    Items of the history are left out: a model that puts what was just seen first would otherwise look unsure of
    everything else. So the scale does not depend on what is excluded.
    """
    new = scores.copy()
    for row, history in enumerate(histories):
        new[row, history.known(scores.shape[1]).rows] = 0
    best, total = new.max(axis=1, initial=0, keepdims=True), new.sum(axis=1, keepdims=True)
    n_items = max(1, new.shape[1])
    variance = np.einsum("ui,ui->u", new, new)[:, np.newaxis] / n_items - (total / n_items) ** 2
    spread = np.sqrt(np.maximum(variance, 1e-12 * best**2))
    top = np.zeros((len(new), RANKED if ranked else 0), np.float32)
    for row, values in enumerate(new if ranked else ()):
        chosen = best_places(values, RANKED)
        top[row, RANKED - len(chosen) :] = np.sort(values[chosen])
    none = best == 0
    return Scale(best + none, total + none, total / n_items, spread + none, top)


def best_places(scores: Scores, n: int) -> Rows:
    """Where the `n` highest of the scores above 0 stand, in no order; all of them where there are fewer."""
    places = np.flatnonzero(scores > 0)
    if len(places) <= n:
        return places
    return np.asarray(places[np.argpartition(-scores[places], n)[:n]])


def normalised(norm: Norm, scores: Scores, scale: Scale) -> Scores:
    """`scores`, (n, m) float32 at least 0, in the unit `norm`; what was 0 stays 0.

    share: s / best; root and square: its powers 1/2 and 2, as a softmax of twice and half the temperature;
    mass: 100 s / total, the probability of a softmax in percent; log: 1 - log(s / best) / log(FLOOR), so that a sum
    of them is a product of probabilities; z: standard deviations above the mean; rank: (1 + RANK_OFFSET) / (rank +
    RANK_OFFSET), as in Cormack et al. 2009, "Reciprocal rank fusion".
    """
    if norm == "mass":
        return np.asarray(scores * (100 / scale.total), np.float32)
    if norm == "z":
        return np.asarray(np.maximum(scores - scale.mean, 0) / scale.spread, np.float32)
    if norm == "rank":
        return _by_rank(scores, scale.ranked)
    shares = scores / scale.best
    if norm == "root":
        shares = np.sqrt(shares)
    elif norm == "square":
        shares = shares * shares
    elif norm == "log":
        shares = 1 - np.log(np.maximum(shares, FLOOR)) / np.float32(np.log(FLOOR))
    return np.asarray(shares, np.float32)


def _by_rank(scores: Scores, ranked: Column) -> Scores:
    found = np.zeros(scores.shape, np.float32)
    if not ranked.shape[1]:
        return found
    for row, (values, known) in enumerate(zip(scores, ranked, strict=True)):
        places = np.flatnonzero((values > 0) & (values >= known[0]))
        ranks = 1 + len(known) - np.searchsorted(known, values[places], side="right")
        found[row, places] = (1 + RANK_OFFSET) / (np.maximum(ranks, 1) + RANK_OFFSET)
    return found
