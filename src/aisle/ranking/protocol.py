"""What a ranker is asked, and what every ranker promises."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import numpy as np

from aisle.types import Candidates, Item, Rows, Scores, Vectors


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What the retrievers found for one query."""

    query: str
    """In normal form, as it was searched for: mended where its spelling was."""
    lexical: Candidates
    dense: Candidates
    rows: Rows
    """(n,) int64, ascending: the rows of both."""
    cosines: Scores
    """(n,) float32, of the query with each of `rows`; zeros where the query has no vector."""
    vectors: Vectors | None = None
    """(n, dim) float32 of `rows`; without them nothing is said about how items resemble each other."""
    categories: tuple[tuple[str, float], ...] = ()
    """Category paths ("Electronics > Audio") that the query is likely to mean, with their probabilities."""


class Ranker(Protocol):
    """Puts what was found in order. Its kit is aisle.testing.rankers.

    The same `found` gets the same answer. Every row of `found.rows` comes exactly once; scores never
    increase, and lie on the scale of linear fusion whatever the ranker, so that what is added to
    them later (boosts, penalties) weighs the same.
    """

    @property
    def name(self) -> str:
        """What SearchResponse.ranker says."""
        ...

    def rank(self, found: Found) -> Candidates:
        """All of `found.rows`, best first; nothing found, nothing ranked."""
        ...

    def put(self, rows: Rows, items: Sequence[Item]) -> None:
        """Take in items that changed after the build, each in its row."""
        ...

    def save(self, folder: Path) -> None:
        """Write the ranker to `folder`, readable by `load` and nothing else."""
        ...

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ReleaseError when it is missing or damaged."""
        ...


def ranks(candidates: Candidates, rows: Rows, missing: float) -> Scores:
    """(len(rows),) float32: the places of `rows`, ascending, among `candidates`, from 1; `missing` where there is none.

    Every candidate is one of `rows`.
    """
    places = np.full(len(rows), missing, np.float32)
    places[np.searchsorted(rows, candidates.rows)] = np.arange(1, len(candidates) + 1)
    return places


def shares(candidates: Candidates, rows: Rows) -> Scores:
    """(len(rows),) float32: the scores of `rows`, ascending, as shares of the best; 0 where there is none."""
    scores = np.zeros(len(rows), np.float32)
    if len(candidates) and candidates.scores[0] > 0:
        scores[np.searchsorted(rows, candidates.rows)] = candidates.scores / candidates.scores[0]
    return scores
