"""What others went on to in visits like this one: the nearest past sessions, mindful of order and age."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from aisle.errors import InputError
from aisle.recommenders.files import read_arrays, write_arrays
from aisle.recommenders.matrices import answers
from aisle.recommenders.past_sessions import NO_SESSIONS, Sessions, cut_sessions
from aisle.recommenders.protocol import History, Interactions
from aisle.recommenders.sparse_rows import EMPTY, entry_rows, highest
from aisle.recommenders.stack import Stack, stack
from aisle.types import Candidates, Rows, Scores

BATCH = 64
"""Histories answered together: with 50,000 items their places and scores take 20 MB."""
SAMPLE = 2_000
"""Newest sessions of an item that are looked at."""
LATEST = 30
"""Events of a history that are looked at."""
LONGEST = 100
"""Events of a past session; what is longer is cut."""
_SETTINGS = (
    "neighbors", "recency", "half_life", "length_power", "nearness", "backward", "repeat", "rarity", "pause_h",
)  # fmt: skip


class SessionKnn:
    """Past sessions that share items with this one; their items, near the newest shared one.

    A session is what one user did with no pause longer than `pause_h` hours, in pieces of at most 100 events,
    of weight > 0. Let a be the number of newer events in the history, whose latest 30 count; of an item that
    comes twice the newer place counts.
    idf(i) = log(1 + n_sessions / sessions with i), over its mean over all events.
    sim(s, n) = 2 ** (-age(n) / half_life) / |n| ** length_power * sum over common items i of
    weight(i) * recency ** a * idf(i),
    where |n| is the length of n, and age(n) the share of all sessions that ended after n did, 0 to 1: so nothing
    depends on how busy the shop is. Of each item the newest 2,000 sessions with it are looked at; the
    `neighbors` nearest are kept.
    score(i) = sum over neighbours n and the places of i in n of sim(s, n) * nearness ** (d - 1) * idf(i) ** rarity,
    where d >= 1 is the distance of that place from the newest common item, and `backward` times that where it lies
    before; a place of the newest common item itself counts `repeat`. The sum is divided by that of sim(s, n).
    Dislikes are passed over. An empty history, or one of unknown rows or dislikes alone, gets no candidates.

    Source: Garg et al., Sequence and time aware neighborhood for session-based recommendations (STAN), SIGIR 2019;
    Ludewig et al., Empirical analysis of session-based recommendation algorithms (VSTAN), UMUAI 2021.
    """

    name = "session_knn"

    def __init__(  # noqa: PLR0913  each is worth its own setting: the best differ between kinds of shops
        self,
        *,
        neighbors: int = 400,
        recency: float = 0.6,
        half_life: float = 0.5,
        length_power: float = 0.1,
        nearness: float = 0.7,
        backward: float = 0.5,
        repeat: float = 0.7,
        rarity: float = 0.5,
        pause_h: float = math.inf,
    ) -> None:
        """Raises InputError when a parameter is out of range."""
        if neighbors < 1 or not half_life > 0 or not pause_h > 0:
            raise InputError(
                f"neighbors={neighbors}, half_life={half_life}, pause_h={pause_h}; expected at least 1, and more than 0"
            )
        if not (0 < recency <= 1 and 0 < nearness <= 1 and min(length_power, backward, repeat, rarity) >= 0):
            raise InputError(
                f"recency={recency}, nearness={nearness}, length_power={length_power}, backward={backward}, "
                f"repeat={repeat}, rarity={rarity}; expected the first two above 0 up to 1, the others at least 0"
            )
        self.neighbors = neighbors
        self.recency = recency
        self.half_life = half_life
        self.length_power = length_power
        self.nearness = nearness
        self.backward = backward
        self.repeat = repeat
        self.rarity = rarity
        self.pause_h = pause_h
        self.sessions_: Sessions = NO_SESSIONS
        """The past sessions, oldest first."""
        self.postings_: Any = EMPTY
        """(n_items, n_sessions) sparse float32: what each item adds to sim with each session."""
        self.rarities_: Scores = np.empty(0, np.float32)
        """(n_items,) float32: idf ** rarity."""

    def fit(self, interactions: Interactions) -> Self:
        """Keep the past sessions, and for each item those with it."""
        return self._learned(cut_sessions(interactions, self.pause_h, LONGEST))

    def score(self, histories: Sequence[History]) -> Scores:
        """(len(histories), n_items) float32: the votes of the nearest past sessions, as shares."""
        scores = np.zeros((len(histories), self.sessions_.n_items), np.float32)
        for start in range(0, len(histories), BATCH):
            asked = stack(histories[start : start + BATCH], self.sessions_.n_items)
            asked = asked.where(asked.weights > 0)
            scores[start : start + BATCH] = self._votes(asked.where(asked.ages < LATEST)).toarray()
        return scores

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        """The `k` items with most votes."""
        return answers(self.score, histories, k, self.name, exclude)

    def save(self, folder: Path) -> None:
        """Write the past sessions to `folder`/session_knn.npz."""
        config = np.array([getattr(self, setting) for setting in _SETTINGS], np.float64)
        kept = self.sessions_
        write_arrays(folder, self.name, config=config, rows=kept.rows, indptr=kept.indptr, n_items=kept.n_items)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ReleaseError when the file is missing or damaged."""
        config, rows, indptr, n_items = read_arrays(folder, cls.name, "config", "rows", "indptr", "n_items")
        values = dict(zip(_SETTINGS, config.tolist(), strict=True))
        model = cls(neighbors=int(values.pop("neighbors")), **values)
        return model._learned(Sessions(rows, indptr, int(n_items)))

    def _learned(self, sessions: Sessions) -> Self:
        with_item = sessions.by_item()
        n_with = np.diff(with_item.indptr)
        idf = np.log1p(len(sessions) / np.maximum(n_with, 1))
        idf /= idf[sessions.rows].mean() if len(sessions.rows) else 1
        newer = np.repeat(with_item.indptr[1:], n_with) - 1 - np.arange(with_item.nnz)
        with_item.data[newer >= SAMPLE] = 0
        with_item.eliminate_zeros()
        ages = 1 - (with_item.indices + 1) / max(1, len(sessions))
        lengths = np.diff(sessions.indptr)[with_item.indices]
        values = idf[entry_rows(with_item)] * np.exp2(-ages / self.half_life) / lengths**self.length_power
        with_item.data = values.astype(np.float32)
        self.sessions_ = sessions
        self.postings_ = with_item
        self.rarities_ = (idf**self.rarity).astype(np.float32)
        return self

    def _votes(self, asked: Stack) -> Any:
        """(n_histories, n_items) sparse float32."""
        places = np.zeros((len(asked), asked.n_items), np.int16)
        """Where in the history each item comes last, counted from 1; 0 where it does not."""
        order = (LATEST - asked.ages).astype(np.int16)
        places[asked.owners, asked.rows] = order
        newest = places[asked.owners, asked.rows] == order
        asked_once = Stack(asked.rows, asked.weights * self.recency**asked.ages * newest, asked.indptr, asked.n_items)
        nearest = highest(asked_once.matrix() @ self.postings_, self.neighbors)
        totals = np.asarray(nearest.sum(axis=1)).ravel()
        owners = entry_rows(nearest)
        rows, distances, lengths = self.sessions_.around(nearest.indices, owners, places)
        values = np.repeat(nearest.data / totals[owners], lengths) * self._nearnesses(distances) * self.rarities_[rows]
        return sparse.csr_matrix((values, (np.repeat(owners, lengths), rows)), shape=places.shape)

    def _nearnesses(self, distances: NDArray[np.int64]) -> NDArray[np.float32]:
        values = self.nearness ** (np.maximum(np.abs(distances), 1) - 1.0)
        values[distances < 0] *= self.backward
        values[distances == 0] = self.repeat
        return values.astype(np.float32)
