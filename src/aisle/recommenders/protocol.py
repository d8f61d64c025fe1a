"""What a recommender learns from, what it is asked, and what it promises."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError
from aisle.types import EVENT_KINDS, Candidates, Rows, Scores

NOTHING: Rows = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Interactions:
    """Who did something with what, how much it says and when, in the order of time (equal times: order of the log).

    Raises InputError when lengths differ, a user or row is out of range, or a weight or time is not finite.
    """

    users: NDArray[np.int64]
    """(n,) int64, 0 to n_users-1."""
    rows: Rows
    """(n,) int64, 0 to n_items-1."""
    weights: NDArray[np.float32]
    """(n,) float32, weight of the kind of event, not decayed; negative for a dislike."""
    times: NDArray[np.float64]
    """(n,) float64, seconds since 1970."""
    n_users: int
    n_items: int
    kinds: NDArray[np.int8] | None = None
    """(n,) int8, the position of each event's kind in EVENT_KINDS; None where nobody knows."""

    def __post_init__(self) -> None:
        lengths = {len(self.users), len(self.rows), len(self.weights), len(self.times)}
        if len(lengths) != 1:
            raise InputError(
                f"users, rows, weights and times differ in length: {sorted(lengths)}; give one of each an event"
            )
        _check_kinds(self.kinds, len(self.rows))
        _check_range("users", self.users, self.n_users)
        _check_range("rows", self.rows, self.n_items)
        if not (np.isfinite(self.weights).all() and np.isfinite(self.times).all()):
            raise InputError("a weight or a time of the interactions is NaN or infinite; drop those events")

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class History:
    """What one user did, oldest first. An item may come several times.

    Raises InputError when lengths differ or a weight is not finite.
    """

    rows: Rows
    """(n,) int64; rows that a model does not know are passed over."""
    weights: NDArray[np.float32]
    """(n,) float32, weight of the kind of event, decayed; negative pushes away."""
    kinds: NDArray[np.int8] | None = None
    """(n,) int8, the position of each event's kind in EVENT_KINDS; None where nobody knows."""

    def __post_init__(self) -> None:
        if len(self.rows) != len(self.weights):
            raise InputError(f"a history has {len(self.rows)} rows but {len(self.weights)} weights; give one a row")
        _check_kinds(self.kinds, len(self.rows))
        if not np.isfinite(self.weights).all():
            raise InputError("a weight of the history is NaN or infinite; drop that event")

    def known(self, n_items: int) -> "History":
        """The part of it about rows 0 to n_items-1."""
        kept = (self.rows >= 0) & (self.rows < n_items)
        if kept.all():
            return self
        return History(self.rows[kept], self.weights[kept], None if self.kinds is None else self.kinds[kept])


@dataclass(frozen=True, slots=True)
class Holdout:
    """What some users chose next, kept from a model that learns, to see how well it does.

    Raises InputError when lengths differ.
    """

    histories: Sequence[History]
    relevant: Sequence[Rows]
    """For each history, the rows that were chosen next."""
    excluded: Sequence[Rows]
    """For each history, rows that must not be proposed."""

    def __post_init__(self) -> None:
        lengths = [len(self.histories), len(self.relevant), len(self.excluded)]
        if len(set(lengths)) != 1:
            raise InputError(f"histories, relevant and excluded have lengths {lengths}; give one of each a user")

    def __len__(self) -> int:
        return len(self.histories)


class Recommender(Protocol):
    """Learns from interactions, answers histories with candidates. The kit is aisle.testing.recommenders."""

    name: str
    """The source of its candidates and the stem of its file."""

    def fit(self, interactions: Interactions) -> Self:
        """Learn, and return itself. What is learned is kept in attributes that end in `_`."""
        ...

    def score(self, histories: Sequence[History]) -> Scores:
        """(len(histories), n_items) float32: what the model thinks of every item for each history.

        Above 0 is proposed, higher is better, 0 or less is not proposed. `n_items` is that of what it
        was fitted on. Ask for few histories at a time: the answer is a dense matrix.
        """
        ...

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        """At most `k` candidates for each history.

        `exclude` holds, for each history, rows that must not be proposed: seen, sold out, filtered
        away. Nothing else is left out: a model may propose what is in the history. Rows that the
        model does not know are passed over, in histories and in `exclude` alike.
        Raises InputError when k < 1 or `exclude` has another length than `histories`.
        """
        ...

    def save(self, folder: Path) -> None:
        """Write what was learned to `folder`/`name`.npz."""
        ...

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ReleaseError when the file is missing or damaged."""
        ...


class SimilarItems(Protocol):
    """Answers items with items."""

    def similar(self, rows: Rows, k: int) -> list[Candidates]:
        """At most `k` candidates like each of `rows`, never the item itself; none for an unknown row."""
        ...


def check_k(k: int) -> None:
    """Raise InputError unless k >= 1."""
    if k < 1:
        raise InputError(f"k={k}; expected k >= 1")


def exclusions(histories: Sequence[History], k: int, exclude: Sequence[Rows] | None) -> Sequence[Rows]:
    """The rows to leave out for each history, after a check of the call. Raises InputError as `recommend` says."""
    check_k(k)
    if exclude is None:
        return [NOTHING] * len(histories)
    if len(exclude) != len(histories):
        raise InputError(f"exclude holds {len(exclude)} arrays for {len(histories)} histories; give one a history")
    return exclude


def _check_range(name: str, values: NDArray[np.int64], limit: int) -> None:
    if len(values) and not (values.min() >= 0 and values.max() < limit):
        raise InputError(f"{name} go from {values.min()} to {values.max()}; expected 0 to {limit - 1}")


def _check_kinds(kinds: NDArray[np.int8] | None, n_events: int) -> None:
    if kinds is None:
        return
    if len(kinds) != n_events:
        raise InputError(f"{len(kinds)} kinds for {n_events} events; give one an event, or None")
    if len(kinds) and not (kinds.min() >= 0 and kinds.max() < len(EVENT_KINDS)):
        raise InputError(f"kinds go from {kinds.min()} to {kinds.max()}; expected positions in EVENT_KINDS")
