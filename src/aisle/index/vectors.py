"""The vectors of items by row: in full or in bytes, in a file that all processes share, with what changed since."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError
from aisle.types import Rows, Scores, Vectors

Precision = Literal["float32", "int8", "binary"]
CHUNK = 1_024
"""Rows that are worked on at once: they stay in the processor's cache, which is three times as fast as all at once."""
WRITTEN = 8_192
"""Rows that are copied to a file at once."""
_NO_ROWS = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class StoredVectors:
    """Immutable; `with_rows` gives changed ones, which share all that did not change.

    A vector in bytes is its components by the largest of them, times 127, rounded; as it is read it has length 1
    again. A cosine is then wrong by 0.005 at most, and by 0.001 mostly (384 dimensions).
    """

    codes: NDArray[np.float32] | NDArray[np.int8]
    """(n_stored, dim): of a file, as a rule."""
    lengths: NDArray[np.float32] | None = None
    """(n_stored,) of the codes where they are bytes; None where they are the vectors themselves."""
    changed: Rows = field(default_factory=lambda: _NO_ROWS)
    """(n_changed,) int64, ascending: rows whose vector is another than that of the codes, or beyond them."""
    vectors: Vectors = field(default_factory=lambda: np.empty((0, 0), np.float32))
    """(n_changed, dim) float32: theirs."""

    @classmethod
    def empty(cls, dim: int) -> "StoredVectors":
        """No rows of length `dim`."""
        nothing = np.empty((0, dim), np.float32)
        return cls(nothing, vectors=nothing)

    @classmethod
    def load(cls, folder: Path) -> "StoredVectors":
        """What `write_vectors` wrote; it stays on disk until it is needed. Raises OSError or ValueError."""
        codes = np.asarray(np.load(folder / "vectors.npy", mmap_mode="r"))  # numpy's memmap is slower to index
        nothing = np.empty((0, codes.shape[1]), np.float32)
        if codes.dtype == np.float32:
            return cls(codes, vectors=nothing)
        lengths = np.load(folder / "lengths.npy")
        if codes.dtype != np.int8 or lengths.shape != codes.shape[:1]:
            raise ValueError(f"vectors.npy of {codes.dtype} and {len(codes)} rows came with {lengths.shape} lengths")
        return cls(codes, lengths, vectors=nothing)

    @property
    def shape(self) -> tuple[int, int]:
        """(n_rows, dim)."""
        last = int(self.changed[-1]) + 1 if len(self.changed) else 0
        return max(len(self.codes), last), self.codes.shape[1]

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> Vectors:
        """(dim,) float32 of one row; (n, dim) of an array or slice of rows. Zeros for a row that never had a vector."""
        if isinstance(rows, slice):
            rows = np.arange(*rows.indices(len(self)))
        if isinstance(rows, int | np.integer):
            return np.asarray(self[np.array([rows], np.int64)][0])
        wanted = np.asarray(rows, np.int64)
        found = self._stored(wanted)
        if len(self.changed):
            places = np.minimum(np.searchsorted(self.changed, wanted), len(self.changed) - 1)
            new = self.changed[places] == wanted
            found[new] = self.vectors[places[new]]
        return found

    def dot(self, other: NDArray[np.float32]) -> NDArray[np.float32]:
        """Products of every row with `other`, (dim,) or (dim, m) float32: (n_rows,) or (n_rows, m)."""
        products = np.zeros((len(self), *other.shape[1:]), np.float32)
        for start in range(0, len(self.codes), CHUNK):
            part = self.part(start, start + CHUNK)
            products[start : start + len(part)] = part @ other
        products[self.changed] = self.vectors @ other
        return products

    def cosines(self, vector: Vectors) -> Scores:
        """(n_rows,) float32: the cosine of `vector`, (dim,), with each row."""
        if self.lengths is None and not len(self.changed):
            return cosines(np.asarray(self.codes, np.float32), vector)
        found = np.zeros(len(self), np.float32)
        for start in range(0, len(self.codes), CHUNK):
            part = self.part(start, start + CHUNK)
            found[start : start + len(part)] = cosines(part, vector)
        found[self.changed] = cosines(self.vectors, vector)
        return found

    def cosines_of(self, rows: Rows, vector: Vectors) -> Scores:
        """(len(rows),) float32: the cosine of `vector`, (dim,), with each of `rows`."""
        parts = [cosines(self[rows[start : start + CHUNK]], vector) for start in range(0, len(rows), CHUNK)]
        return np.concatenate(parts) if parts else np.empty(0, np.float32)

    def part(self, start: int, end: int) -> Vectors:
        """The stored vectors of the rows from `start` to `end`, without what changed."""
        codes = self.codes[start:end]
        if self.lengths is None:
            return np.asarray(codes)
        return np.asarray(codes / np.maximum(self.lengths[start:end, None], 1e-12), np.float32)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """All of them at once: for few."""
        return np.asarray(self[np.arange(len(self))], dtype)

    def with_rows(self, rows: Rows, vectors: Vectors) -> "StoredVectors":
        """These with `vectors`, (len(rows), dim) float32, in place of what stood in `rows`, each given once."""
        kept = ~np.isin(self.changed, rows)
        changed = np.concatenate([self.changed[kept], rows])
        order = np.argsort(changed)
        values = np.concatenate([self.vectors[kept], np.asarray(vectors, np.float32)])[order]
        return StoredVectors(self.codes, self.lengths, changed[order], values)

    def parts(self) -> Iterable[Vectors]:
        """All vectors in the order of their rows, some thousands at a time."""
        for start in range(0, len(self), WRITTEN):
            yield self[np.arange(start, min(start + WRITTEN, len(self)))]

    def _stored(self, rows: Rows) -> Vectors:
        if self.lengths is None and len(self.codes) == len(self):
            return np.asarray(self.codes[rows], np.float32)
        found = np.zeros((len(rows), self.shape[1]), np.float32)
        inside = rows < len(self.codes)
        known = rows[inside]
        if self.lengths is None:
            found[inside] = self.codes[known]
        else:
            found[inside] = self.codes[known] / np.maximum(self.lengths[known, None], np.float32(1e-12))
        return found


def write_vectors(folder: Path, precision: Precision, shape: tuple[int, int], parts: Iterable[Vectors]) -> None:
    """Write vectors.npy of `shape`, (n, dim), and for bytes lengths.npy; `parts` are the rows in their order.

    Never more than one part is in memory. A loaded index reads vectors.npy while it lives: it is never written into,
    another file is put in its place. Raises InputError for a vector with a number that is none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    bytewise = precision != "float32"
    fresh, place = folder / "vectors.new.npy", 0
    kind = np.dtype(np.int8 if bytewise else np.float32)
    lengths = np.zeros(shape[0], np.float32)
    with fresh.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": kind.str, "fortran_order": False, "shape": shape})
        for part in parts:
            if not np.isfinite(part).all():
                row = place + int(np.flatnonzero(~np.isfinite(part).all(axis=1))[0])
                raise InputError(f"the encoder gave row {row} a vector that is not finite; use 0 for unknown")
            codes, lengths[place : place + len(part)] = in_bytes(part) if bytewise else (part, 1.0)
            file.write(np.ascontiguousarray(codes, kind).data)
            place += len(part)
    if place != shape[0]:
        raise ValueError(f"{place} vectors came, and {shape[0]} were announced")
    fresh.replace(folder / "vectors.npy")
    if bytewise:
        np.save(folder / "lengths.npy", lengths)
    else:
        (folder / "lengths.npy").unlink(missing_ok=True)


def in_bytes(vectors: Vectors) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Codes, (n, dim) int8, and their lengths, (n,) float32, of `vectors`, (n, dim); zeros stay zeros.

    >>> codes, lengths = in_bytes(np.array([[0.6, -0.8]], np.float32))
    >>> codes.tolist(), lengths.round().tolist()
    ([[95, -127]], [159.0])
    """
    largest = np.abs(vectors).max(axis=1, initial=0.0, keepdims=True)
    codes = np.rint(vectors * (127 / np.maximum(largest, 1e-12))).astype(np.int8)
    plain = codes.astype(np.float32)
    return codes, np.sqrt(np.vecdot(plain, plain)).astype(np.float32)


def cosines(vectors: Vectors, vector: Vectors) -> Scores:
    """(n,) float32: the cosine of `vector`, (dim,), with each of `vectors`, (n, dim), all of length 1.

    Row by row, which is as fast as the matrix product and runs on one core: the product's threads go on spinning
    for milliseconds after it, on the core that the next request needs.
    """
    return np.asarray(np.vecdot(vectors, vector), np.float32)
