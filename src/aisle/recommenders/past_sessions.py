"""The log as sessions: what was done in one go, oldest session first."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from aisle.recommenders.protocol import Interactions
from aisle.types import Rows

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Sessions:
    """Past sessions, by the time when they ended, each oldest event first."""

    rows: Rows
    """(n_events,) int64, the items of one session after another."""
    indptr: NDArray[np.int64]
    """(n_sessions + 1,) int64: session s is at indptr[s] to indptr[s + 1]; none is empty."""
    n_items: int

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def by_item(self) -> Any:
        """(n_items, n_sessions) sparse float32 of ones: the sessions with each item, oldest first."""
        sessions = np.repeat(np.arange(len(self)), np.diff(self.indptr))
        ones = np.ones(len(self.rows), np.float32)
        matrix = sparse.csr_matrix((ones, (self.rows, sessions)), shape=(self.n_items, len(self)))
        matrix.data[:] = 1
        return matrix

    def around(
        self, sessions: NDArray[np.int64], owners: NDArray[np.int64], places: NDArray[np.int16]
    ) -> tuple[Rows, NDArray[np.int64], NDArray[np.int64]]:
        """The items of each of `sessions`, how far each stands from the newest common item, and how many there are.

        `owners` is (len(sessions),), the history that asks for each session, and `places` is (n_histories,
        n_items): the higher, the newer the item in that history; 0 where it is not in it. The newest
        common item is the one with the highest place, where it stands last in the session.
        """
        lengths = np.diff(self.indptr)[sessions]
        starts = np.concatenate([[0], np.cumsum(lengths)])[:-1]
        positions = np.arange(lengths.sum()) - np.repeat(starts, lengths)
        rows = self.rows[np.repeat(self.indptr[sessions], lengths) + positions]
        if len(sessions) == 0:
            return rows, positions, lengths
        common = places[np.repeat(owners, lengths), rows]
        is_newest = common == np.repeat(np.maximum.reduceat(common, starts), lengths)
        anchors = np.maximum.reduceat(np.where(is_newest, positions, -1), starts)
        return rows, positions - np.repeat(anchors, lengths), lengths


NO_SESSIONS = Sessions(np.empty(0, np.int64), np.zeros(1, np.int64), 0)


def cut_sessions(interactions: Interactions, pause_h: float, longest: int) -> Sessions:
    """Events of weight > 0, a new session after each pause longer than `pause_h` hours or after `longest` events."""
    told = np.flatnonzero(interactions.weights > 0)
    order = told[np.argsort(interactions.users[told], kind="stable")]
    users, rows, times = interactions.users[order], interactions.rows[order], interactions.times[order]
    is_start = np.diff(users, prepend=-1) != 0
    is_start |= np.diff(times, prepend=0) > pause_h * HOUR_S
    starts = np.flatnonzero(is_start)
    lengths = np.diff(starts, append=len(rows))
    since_start = np.arange(len(rows)) - np.repeat(starts, lengths)
    starts = np.flatnonzero(since_start % longest == 0)
    lengths = np.diff(starts, append=len(rows))
    ends = times[starts + lengths - 1]
    return _in_order(rows, starts, lengths, np.argsort(ends, kind="stable"), interactions.n_items)


def _in_order(
    rows: Rows, starts: NDArray[np.int64], lengths: NDArray[np.int64], order: NDArray[np.int64], n_items: int
) -> Sessions:
    starts, lengths = starts[order], lengths[order]
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    positions = np.arange(len(rows)) - np.repeat(indptr[:-1], lengths)
    return Sessions(rows[np.repeat(starts, lengths) + positions], indptr, n_items)
