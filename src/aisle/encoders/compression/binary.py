"""Vectors of one bit a dimension: found by Hamming distance, rescored with the query as it is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError
from aisle.types import Rows, Scores, Vectors

CANDIDATES = 10
"""Times as many candidates are rescored as are wanted."""


@dataclass(frozen=True, slots=True)
class BinaryVectors:
    """Item vectors in 1/32 of the memory. Made by `binarised`."""

    codes: NDArray[np.uint64]
    """(n, dim / 64): bit 1 where the vector is above the mean of its dimension."""
    means: NDArray[np.float32]
    """(dim,)."""

    @property
    def n_bytes(self) -> int:
        """Of the codes."""
        return self.codes.nbytes

    def search(self, query: NDArray[np.float32], k: int, n_candidates: int = 0) -> tuple[Rows, Scores]:
        """The `k` rows that fit the vector `query`, (dim,), best first, and their scores.

        Candidates (0: 10 k) by Hamming distance to the query's own bits; then the product of the query in
        full and the bits as -1 and 1: Yamada, Asai and Hajishirzi 2021, "Efficient Passage Retrieval with Hashing".
        """
        n_candidates = min(len(self.codes), max(k, n_candidates or CANDIDATES * k))
        distances = np.bitwise_count(self.codes ^ _packed((query > self.means)[None])).sum(axis=1, dtype=np.int64)
        nearest = np.argpartition(distances, n_candidates - 1)[:n_candidates] if n_candidates else distances[:0]
        signs = np.unpackbits(self.codes[nearest].view(np.uint8), axis=1)[:, : len(query)].astype(np.float32) * 2 - 1
        scores = signs @ query
        best = np.lexsort((nearest, -scores))[:k]
        return nearest[best].astype(np.int64), scores[best]


def binarised(vectors: Vectors) -> BinaryVectors:
    """One bit a dimension of `vectors`, (n, dim). Raises InputError without any: there is no mean."""
    if not len(vectors):
        raise InputError("no vectors to make binary; expected at least one item")
    means = vectors.mean(axis=0)
    return BinaryVectors(_packed(vectors > means), means)


def _packed(bits: NDArray[np.bool_]) -> NDArray[np.uint64]:
    packed = np.packbits(bits, axis=1)
    room = -packed.shape[1] % 8
    return np.ascontiguousarray(np.pad(packed, ((0, 0), (0, room)))).view(np.uint64)
