"""Items by meaning: cosine of vectors, compared one by one in small shops and by an HNSW graph in large ones."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime  # noqa: F401  loaded after usearch's library it crashes the process, before it it does not
from numpy.typing import NDArray
from usearch.index import Index as Graph

from aisle.index.binary import BinaryVectors, binarised_parts
from aisle.index.vectors import WRITTEN, Precision, StoredVectors, write_vectors
from aisle.types import Candidates, Rows, Vectors, best_first, no_candidates

CONNECTIVITY = 16
EXPANSION_ADD = 128
EXPANSION_SEARCH = 128
HOP_COST = 16
"""One neighbour found in the graph takes about as long as this many vectors compared one by one."""
LEAST = 256
"""Neighbours that are asked of the graph at least: recall@10 is 0.96 with 64, 0.98 with 128, 0.99 with 256."""
WIDE, WIDE_ABOVE = 1_024, 50_000
"""And in a graph of more items: of 100,000 recall@10 is 0.90 with 256, 0.94 with 512, 0.96 with 1,024."""
BEST = 10
REACH = 4
"""The first `BEST` of what passes are found surely where so many times the neighbours they lie among are asked for."""
SPARE = 1.5
"""And `k` in all, where this many times the neighbours that hold `k` on average are."""
RESCORED = 4_000
"""Candidates by bits that are compared in bytes: of 10,000 vectors of 256 dimensions, recall@10 is 0.92 with 1,000 of
them, 0.97 with 2,000, 0.99 with 4,000."""
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Near:
    """What names the rows that are worth comparing: an HNSW graph, or bits."""

    known: Mask
    """(n_rows,) bool: rows that it knows with the vector that they have now; the others are compared one by one."""
    graph: Graph | None = None
    """Of vectors in bytes (Malkov and Yashunin 2018): as good as one in half precision and twice as fast."""
    bits: BinaryVectors | None = None

    def without(self, rows: Rows, n_rows: int) -> "Near":
        """The same, with nothing known of `rows`, of `n_rows` in all."""
        known = _grown(self.known, n_rows)
        known[rows] = False
        return Near(known, self.graph, self.bits)


class DenseIndex:
    """Immutable; `with_rows` and `without` give changed ones, which share all that did not change.

    Up to `exact_below` rows all vectors are compared. Above, a graph (or bits, with the precision "binary") names
    rows that are, and so are up to `exact_below` rows that changed since it was made: a change to a million items
    costs no more than one to a thousand.
    """

    def __init__(
        self,
        vectors: StoredVectors,
        alive: Mask,
        exact_below: int,
        precision: Precision = "float32",
        near: Near | None = None,
    ) -> None:
        """`alive` is (n_rows,) bool: the rows that can be found."""
        self.vectors = vectors
        self.alive = alive
        self.exact_below = exact_below
        self.precision = precision
        self._near = near
        self._fresh = np.flatnonzero(alive if near is None else alive & ~near.known)
        if len(alive) > exact_below and len(self._fresh) > exact_below:
            self._near, self._fresh = self._made(), np.empty(0, np.int64)

    @classmethod
    def empty(cls, dim: int, exact_below: int, precision: Precision = "float32") -> "DenseIndex":
        """An index without a row."""
        return cls(StoredVectors.empty(dim), np.empty(0, bool), exact_below, precision)

    @classmethod
    def build(cls, folder: Path, exact_below: int, precision: Precision = "float32") -> "DenseIndex":
        """The index of the vectors that `write_vectors` wrote to `folder`, written to it: some thousands at a time."""
        vectors = StoredVectors.load(folder)
        alive = np.concatenate([part.any(axis=1) for part in vectors.parts()]) if len(vectors) else np.empty(0, bool)
        cls(vectors, alive, exact_below, precision).save_near(folder)
        return cls.load(folder, exact_below, precision)

    @classmethod
    def load(cls, folder: Path, exact_below: int, precision: Precision = "float32") -> "DenseIndex":
        """Read what `save` wrote. Vectors, graph and bits stay in their files, which all processes share."""
        vectors, alive = StoredVectors.load(folder), np.load(folder / "alive.npy")
        near = None
        if (folder / "graph.usearch").exists():
            graph = Graph.restore(str(folder / "graph.usearch"), view=True)
            graph.expansion_search = EXPANSION_SEARCH
            near = Near(alive.copy(), graph=graph)
        elif (folder / "bits.npy").exists():
            near = Near(alive.copy(), bits=BinaryVectors.load(folder))
        return cls(vectors, alive, exact_below, precision, near)

    def save(self, folder: Path) -> None:
        """Write the vectors, alive.npy and, above `exact_below` rows, graph.usearch or bits.npy."""
        write_vectors(folder, self.precision, self.vectors.shape, self.vectors.parts())
        self.save_near(folder)

    def save_near(self, folder: Path) -> None:
        """Write alive.npy and what names the rows worth comparing; nothing that there was before stays."""
        np.save(folder / "alive.npy", self.alive)
        near = self._near
        if len(self.alive) > self.exact_below and len(self._fresh):
            near = self._made()
        for name in ("graph.usearch", "bits.npy", "means.npy"):
            (folder / name).unlink(missing_ok=True)  # a loaded index goes on reading the file that it had
        if near is not None and near.graph is not None:
            near.graph.save(str(folder / "graph.usearch"))
        elif near is not None and near.bits is not None:
            near.bits.save(folder)

    def with_rows(self, rows: Rows, vectors: Vectors) -> "DenseIndex":
        """This index with `vectors`, (len(rows), dim), in place of what stood in `rows`."""
        changed = self.vectors.with_rows(rows, vectors)
        alive = _grown(self.alive, len(changed))
        alive[rows] = vectors.any(axis=1)
        near = None if self._near is None else self._near.without(rows, len(changed))
        return DenseIndex(changed, alive, self.exact_below, self.precision, near)

    def without(self, rows: Rows) -> "DenseIndex":
        """This index without `rows`."""
        alive = self.alive.copy()
        alive[rows] = False
        near = None if self._near is None else self._near.without(rows, len(alive))
        return DenseIndex(self.vectors, alive, self.exact_below, self.precision, near)

    def search(self, vector: Vectors, k: int, allowed: Mask | None = None) -> Candidates:
        """The `k` nearest of the allowed rows, by cosine; none for a zero vector."""
        passing = self.alive if allowed is None else self.alive & allowed
        n_passing = int(np.count_nonzero(passing))
        if n_passing == 0 or not vector.any():
            return no_candidates("dense")
        if self._near is not None and n_passing > self.exact_below:
            rows = self._worth_comparing(self._near, vector, min(k, n_passing), passing)
            if rows is not None:
                return best_first(self.vectors.cosines_of(rows, vector), k, "dense", rows)
        return self._exact(vector, k, passing, n_passing)

    def _exact(self, vector: Vectors, k: int, passing: Mask, n_passing: int) -> Candidates:
        if n_passing * 3 > len(self.vectors):  # picking rows out copies them, which costs more than comparing
            return best_first(np.where(passing, self.vectors.cosines(vector), -np.inf), k, "dense")
        rows = np.flatnonzero(passing)
        return best_first(self.vectors.cosines_of(rows, vector), k, "dense", rows)

    def _worth_comparing(self, near: Near, vector: Vectors, k: int, passing: Mask) -> Rows | None:
        """Rows that surely hold the `k` nearest, ascending; None when to find them takes longer than to compare all."""
        known = passing & near.known
        n_known = int(np.count_nonzero(known))
        found = None
        if near.graph is not None and n_known:
            found = self._by_graph(near.graph, vector, min(k, n_known), known, n_known)
        elif near.bits is not None:
            among = None if n_known == len(near.bits.codes) else np.flatnonzero(known)
            found = near.bits.nearest(vector, max(RESCORED, k), among)
        if found is None:
            return None
        return np.sort(np.concatenate([found, self._fresh[passing[self._fresh]]]))

    def _by_graph(self, graph: Graph, vector: Vectors, k: int, known: Mask, n_known: int) -> Rows | None:
        """At least `k` of the `known` rows, or None when the graph finds fewer or would take longer than comparing all.

        More neighbours are asked for than needed, in proportion to how few pass, and those that do not pass
        are left out. Where what passes lies far from `vector`, too few remain: then all are compared.
        """
        share = n_known / len(graph)
        wanted = k if n_known == len(graph) else max(SPARE * k, REACH * min(k, BEST)) / share
        least = WIDE if len(graph) > WIDE_ABOVE else LEAST
        limit = max(min(least, n_known // HOP_COST), math.ceil(wanted))
        if limit * HOP_COST > n_known:
            return None
        rows = graph.search(vector, limit).keys.astype(np.int64)
        rows = rows[known[rows]]
        return rows if len(rows) >= k else None

    def _made(self) -> Near:
        """What names the rows worth comparing, of all rows that are alive now."""
        if self.precision == "binary":
            return Near(self.alive.copy(), bits=binarised_parts(self.vectors.parts))
        old = self._near
        if old is None or old.graph is None:
            graph, missing = _new_graph(self.vectors.shape[1]), np.flatnonzero(self.alive)
        else:
            graph, missing = old.graph.copy(), self._fresh
            graph.expansion_search = EXPANSION_SEARCH
            for row in np.flatnonzero(~old.known).tolist():
                if row in graph:
                    graph.remove(row)
        for start in range(0, len(missing), WRITTEN):
            rows = missing[start : start + WRITTEN]
            graph.add(rows.astype(np.uint64), self.vectors[rows])
        return Near(self.alive.copy(), graph=graph)


def _new_graph(dim: int) -> Graph:
    return Graph(
        ndim=dim,
        metric="cos",
        dtype="i8",
        connectivity=CONNECTIVITY,
        expansion_add=EXPANSION_ADD,
        expansion_search=EXPANSION_SEARCH,
    )


def _grown(mask: Mask, n_rows: int) -> Mask:
    grown = np.zeros(n_rows, bool)
    grown[: len(mask)] = mask
    return grown
