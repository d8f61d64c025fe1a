"""Vectors of one bit a dimension: those near a query are found by Hamming distance."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError
from aisle.types import Rows, Vectors

CHUNK = 8_192
"""Codes that are compared at once: they stay in the processor's cache."""


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

    def nearest(self, query: NDArray[np.float32], n: int, among: Rows | None = None) -> Rows:
        """The `n` rows at the smallest Hamming distance to the bits of `query`, (dim,), in no order.

        They are candidates, to be compared by better vectors: Yamada, Asai and Hajishirzi 2021, "Efficient Passage
        Retrieval with Hashing". Only rows of `among`, (m,) int64, where it is given; of rows at the same distance
        those that come first.
        """
        distances = self._distances(_packed((query > self.means)[None]), among)
        if n >= len(distances):
            near = np.arange(len(distances))
        else:
            upto = np.cumsum(np.bincount(distances))
            last = int(np.searchsorted(upto, n))  # a distance has few values: counting them costs less than a sort
            inside = np.flatnonzero(distances < last)
            near = np.concatenate([inside, np.flatnonzero(distances == last)[: n - len(inside)]])
        return near if among is None else among[near]

    def _distances(self, bits: NDArray[np.uint64], among: Rows | None) -> NDArray[np.uint16]:
        n = len(self.codes) if among is None else len(among)
        distances = np.zeros(n, np.uint16)
        for start in range(0, n, CHUNK):
            part = slice(start, start + CHUNK)
            codes = self.codes[part] if among is None else self.codes[among[part]]
            for word in range(codes.shape[1]):  # numpy's sum over so short an axis takes several times as long
                distances[part] += np.bitwise_count(codes[:, word] ^ bits[0, word])
        return distances

    def save(self, folder: Path) -> None:
        """Write bits.npy and means.npy."""
        np.save(folder / "bits.npy", self.codes)
        np.save(folder / "means.npy", self.means)

    @classmethod
    def load(cls, folder: Path) -> "BinaryVectors":
        """Read what `save` wrote: one copy in memory, which all processes share. Raises OSError or ValueError."""
        codes = np.asarray(np.load(folder / "bits.npy", mmap_mode="r"))
        means = np.load(folder / "means.npy")
        if codes.dtype != np.uint64 or codes.shape[1:] != (-(-len(means) // 64),):
            raise ValueError(f"bits.npy of shape {codes.shape} came with {len(means)} means")
        return cls(codes, means)


def binarised(vectors: Vectors) -> BinaryVectors:
    """One bit a dimension of `vectors`, (n, dim). Raises InputError without any: there is no mean."""
    return binarised_parts(lambda: [vectors])


def binarised_parts(parts: Callable[[], Iterable[Vectors]]) -> BinaryVectors:
    """As `binarised`, of vectors that come in parts, twice: never more than one part is in memory."""
    n, total = 0, np.float64(0.0)
    for part in parts():
        n, total = n + len(part), total + part.sum(axis=0, dtype=np.float64)
    if not n:
        raise InputError("no vectors to make binary; expected at least one item")
    means = np.asarray(total / n, np.float32)
    return BinaryVectors(np.concatenate([_packed(part > means) for part in parts()]), means)


def _packed(bits: NDArray[np.bool_]) -> NDArray[np.uint64]:
    packed = np.packbits(bits, axis=1)
    room = -packed.shape[1] % 8
    return np.ascontiguousarray(np.pad(packed, ((0, 0), (0, room)))).view(np.uint64)
