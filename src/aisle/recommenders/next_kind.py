"""What kind of act comes next: another view, the cart, the purchase."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from aisle.recommenders.files import read_arrays, write_arrays
from aisle.recommenders.protocol import History, Interactions
from aisle.types import EVENT_KINDS, Rows

N_KINDS = len(EVENT_KINDS)
SMOOTHING = 5.0
"""How many acts the shorter context counts as."""
_ITEM, _ONE, _TWO, _THREE, _BOTH = range(5)
"""Contexts: the newest item; the newest one, two, three kinds; the newest item with its kind."""
_N_CONTEXTS = 5


@dataclass(frozen=True, slots=True)
class NextKind:
    """How often each kind of act followed each context, a context being the latest kinds and the latest item."""

    name: ClassVar[str] = "next_kind"
    keys: NDArray[np.int64]
    """(n_contexts,) int64, in order."""
    counts: NDArray[np.float32]
    """(n_contexts, n_kinds) float32."""
    overall: NDArray[np.float32]
    """(n_kinds,) float32, the share of each kind among all acts; the same for each when there were none."""

    def shares(self, histories: Sequence[History]) -> NDArray[np.float32]:
        """(len(histories), n_kinds) float32, how likely each kind is next; each row adds up to 1.

        From all acts over the newest one, two and three kinds to the newest item with its kind, each
        share is (count + 5 * shorter context's share) / (total + 5); contexts never seen change nothing.
        A history without kinds is told by its newest item, an empty one by the shares overall.
        """
        answers = np.tile(self.overall, (len(histories), 1))
        for position, history in enumerate(histories):
            for key in _contexts(history):
                answers[position] = self._refined(answers[position], key)
        return answers

    def _refined(self, shares: NDArray[np.float32], key: int) -> NDArray[np.float32]:
        place = int(np.searchsorted(self.keys, key))
        if place == len(self.keys) or self.keys[place] != key:
            return shares
        counts = self.counts[place]
        refined: NDArray[np.float32] = (counts + SMOOTHING * shares) / (counts.sum() + SMOOTHING)
        return refined

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What `of_arrays` reads, by name."""
        return dict(zip(self.keys_of_arrays(), (self.keys, self.counts, self.overall), strict=True))

    @staticmethod
    def keys_of_arrays() -> list[str]:
        """The names of `arrays`."""
        return ["kind_keys", "kind_counts", "kind_overall"]

    @classmethod
    def of_arrays(cls, arrays: list[NDArray[Any]]) -> Self:
        """What `arrays` gave."""
        return cls(*arrays)

    def save(self, folder: Path) -> None:
        """Write the counts to `folder`/next_kind.npz."""
        write_arrays(folder, self.name, **self.arrays())

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ReleaseError when the file is missing or damaged."""
        return cls.of_arrays(read_arrays(folder, cls.name, *cls.keys_of_arrays()))


NOTHING_KNOWN = NextKind(
    np.empty(0, np.int64), np.empty((0, N_KINDS), np.float32), np.full(N_KINDS, 1 / N_KINDS, np.float32)
)


def next_kinds_of(interactions: Interactions) -> NextKind:
    """Count which kind followed which context, user by user; nothing is known where `interactions` has no kinds."""
    if interactions.kinds is None or len(interactions) == 0:
        return NOTHING_KNOWN
    order = np.argsort(interactions.users, kind="stable")
    users, rows = interactions.users[order], interactions.rows[order]
    kinds = interactions.kinds[order].astype(np.int64)
    contexts, after = _followed(users, rows, kinds)
    keys, places = np.unique(contexts, return_inverse=True)
    counts = np.bincount(places * N_KINDS + after, minlength=len(keys) * N_KINDS).reshape(-1, N_KINDS)
    overall = np.bincount(kinds, minlength=N_KINDS) / len(kinds)
    return NextKind(keys, counts.astype(np.float32), overall.astype(np.float32))


def _followed(
    users: NDArray[np.int64], rows: Rows, kinds: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All contexts of all acts but each user's first, and the kind of the act that followed."""
    contexts, after = [], []
    for length in range(1, 4):
        same = np.flatnonzero(users[length:] == users[:-length]) if len(users) > length else np.empty(0, np.int64)
        runs = np.zeros(len(same), np.int64)
        for back in range(length):
            runs = runs * N_KINDS + kinds[same + back]
        newest, following = same + length - 1, kinds[same + length]
        contexts.append(_key(_ITEM + length, runs))
        after.append(following)
        if length == 1:
            contexts += [_key(_ITEM, rows[newest]), _key(_BOTH, rows[newest] * N_KINDS + kinds[newest])]
            after += [following, following]
    return np.concatenate(contexts), np.concatenate(after)


def _contexts(history: History) -> list[int]:
    """The keys of the contexts of a history, the shortest first."""
    if len(history.rows) == 0:
        return []
    item = int(history.rows[-1])
    if history.kinds is None:
        return [int(_key(_ITEM, item))]
    kinds = history.kinds.tolist()
    runs, found = 0, []
    for length in range(1, min(3, len(kinds)) + 1):
        runs = sum(kind * N_KINDS**back for back, kind in enumerate(reversed(kinds[-length:])))
        found.append(int(_key(_ITEM + length, runs)))
    return [*found, int(_key(_BOTH, item * N_KINDS + kinds[-1]))]


def _key(context: int, code: Any) -> Any:
    return code * _N_CONTEXTS + context
