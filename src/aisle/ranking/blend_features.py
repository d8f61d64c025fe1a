"""What trees look at when they order the candidates of a blend."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aisle.ranking.norms import FLOOR, Scale
from aisle.recommenders import History, Interactions
from aisle.recommenders.files import read_arrays, write_arrays
from aisle.types import Rows, Scores

FILE = "item_facts"
AGREED = 20
"""A model proposes an item for real when it stands among so many."""
_DAY_S = 86_400.0
_OF_MEMBER = ("share", "log_share", "rank", "sure")
_OF_ITEM = ("blended", "blend_rank", "popularity", "age_days", "agreed")
_OF_HISTORY = ("times_seen", "acts_since_seen", "history_length", "different_items", "last_popularity")


@dataclass(frozen=True, slots=True, eq=False)
class ItemFacts:
    """What is known of items beside the models."""

    popularity: NDArray[np.float32]
    """(n_items,) log(1 + positive events)."""
    age_days: NDArray[np.float32]
    """(n_items,) days since the item was last touched, at the newest event of all; NaN without any."""

    @classmethod
    def of(cls, interactions: Interactions) -> "ItemFacts":
        """Counted from a log."""
        liked = interactions.weights > 0
        rows, times = interactions.rows[liked], interactions.times[liked]
        latest = np.full(interactions.n_items, np.nan)
        latest[rows] = times  # in the order of time: the last one stays
        counts = np.bincount(rows, minlength=interactions.n_items)
        ages = (times.max(initial=0.0 if not len(times) else times[0]) - latest) / _DAY_S
        return cls(np.log1p(counts).astype(np.float32), ages.astype(np.float32))

    def save(self, folder: Path) -> None:
        """Write item_facts.npz."""
        write_arrays(folder, FILE, popularity=self.popularity, age_days=self.age_days)

    @classmethod
    def load(cls, folder: Path) -> "ItemFacts":
        """Read what `save` wrote. Raises ReleaseError when it is missing or damaged."""
        return cls(*read_arrays(folder, FILE, "popularity", "age_days"))


def feature_names(members: Sequence[str]) -> list[str]:
    """The names of the columns that `features_of` gives for a blend of these models."""
    return [*(f"{name}_{part}" for name in members for part in _OF_MEMBER), *_OF_ITEM, *_OF_HISTORY]


def features_of(
    raw: NDArray[np.float32], scales: Sequence[Scale], blended: Scores, rows: Rows, history: History, facts: ItemFacts
) -> NDArray[np.float32]:
    """(n, n_features) float32: the candidates `rows` of one history, in the order of `feature_names`.

    `raw` is (n_members, n) float32, each member's scores, `scales` (one history each) what they are
    measured by, `blended` (n,) those of the blend.
    """
    columns: list[NDArray[np.float32] | float] = []
    agreed = np.zeros(len(rows), np.float32)
    for scores, scale in zip(raw, scales, strict=True):
        shares = scores / scale.best[0, 0]
        ranks = _ranks(scores)
        agreed += (ranks <= AGREED) & (scores > 0)
        columns += [shares, np.log(np.maximum(shares, FLOOR)), ranks, float(scale.best[0, 0] / scale.total[0, 0])]
    popularity, ages = _known(facts.popularity, rows), _known(facts.age_days, rows)
    columns += [blended, _ranks(blended), popularity, ages, agreed]
    times, since = _seen(rows, history.rows)
    last = _known(facts.popularity, history.rows[-1:])
    different = float(len(np.unique(history.rows)))
    columns += [times, since, float(len(history.rows)), different, float(last[0]) if len(last) else np.nan]
    return np.stack([np.broadcast_to(np.asarray(column, np.float32), len(rows)) for column in columns], axis=1)


def _ranks(scores: Scores) -> NDArray[np.float32]:
    places = np.empty(len(scores), np.float32)
    places[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return places


def _known(values: NDArray[np.float32], rows: Rows) -> NDArray[np.float32]:
    """The values of `rows`; NaN for a row that is newer than they are."""
    found = np.full(len(rows), np.nan, np.float32)
    inside = (rows >= 0) & (rows < len(values))
    found[inside] = values[rows[inside]]
    return found


def _seen(rows: Rows, history: Rows) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How often each of `rows` stands in the history, and how many acts ago it last did; NaN where it does not."""
    same = rows[:, np.newaxis] == history[::-1]
    times = same.sum(axis=1, dtype=np.float32)
    if not len(history):
        return times, np.full(len(rows), np.nan, np.float32)
    return times, np.where(times > 0, same.argmax(axis=1), np.nan).astype(np.float32)
