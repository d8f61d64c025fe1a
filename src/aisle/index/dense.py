"""Items by meaning: cosine of vectors, compared one by one in small shops and by an HNSW graph in large ones."""

import math
from pathlib import Path

import numpy as np
import onnxruntime  # noqa: F401  loaded after usearch's library it crashes the process, before it it does not
from numpy.typing import NDArray
from usearch.index import Index as Graph

from aisle.types import Candidates, Rows, Scores, Vectors, best_first, no_candidates

CONNECTIVITY = 16
EXPANSION_ADD = 128
EXPANSION_SEARCH = 128
HOP_COST = 16
"""One neighbour found in the graph takes about as long as this many vectors compared one by one."""
LEAST = 256
"""Neighbours that are asked of the graph at least: recall@10 is 0.96 with 64, 0.98 with 128, 0.99 with 256."""
BEST = 10
REACH = 4
"""The first `BEST` of what passes are found surely where so many times the neighbours they lie among are asked for."""
SPARE = 1.5
"""And `k` in all, where this many times the neighbours that hold `k` on average are."""
CHUNK = 1_024
"""Rows are picked out in parts that stay in the processor's cache: three times as fast as all at once."""


class DenseIndex:
    """Immutable; `with_rows` and `without` give changed ones.

    Vectors by row and, above `exact_below` rows, an HNSW graph of vectors in bytes that names the rows
    worth comparing (Malkov and Yashunin 2018): as good as one in half precision and twice as fast.
    `vectors` is (n_rows, dim) float32, `alive` (n_rows,) bool.
    """

    def __init__(
        self, vectors: Vectors, alive: NDArray[np.bool_], exact_below: int, graph: Graph | None = None
    ) -> None:
        self.vectors = vectors
        self.alive = alive
        self.exact_below = exact_below
        self._graph = graph
        if graph is None and len(vectors) > exact_below:
            self._graph = _new_graph(vectors.shape[1])
            self._graph.add(np.flatnonzero(alive).astype(np.uint64), vectors[alive])

    @classmethod
    def load(cls, folder: Path, exact_below: int) -> "DenseIndex":
        """Read what `save` wrote; vectors stay on disk until they are needed."""
        vectors = np.asarray(np.load(folder / "vectors.npy", mmap_mode="r"))  # numpy's memmap is slower to index
        graph = Graph.restore(str(folder / "graph.usearch")) if (folder / "graph.usearch").exists() else None
        if graph is not None:
            graph.expansion_search = EXPANSION_SEARCH
        return cls(vectors, np.load(folder / "alive.npy"), exact_below, graph)

    def save(self, folder: Path) -> None:
        """Write vectors.npy, alive.npy and, where there is a graph, graph.usearch."""
        folder.mkdir(parents=True, exist_ok=True)
        # A loaded index reads vectors.npy while it lives: never write into that file, put another in its place.
        np.save(folder / "vectors.new.npy", self.vectors)
        (folder / "vectors.new.npy").replace(folder / "vectors.npy")
        np.save(folder / "alive.npy", self.alive)
        if self._graph is None:
            (folder / "graph.usearch").unlink(missing_ok=True)
        else:
            self._graph.save(str(folder / "graph.usearch"))

    def with_rows(self, rows: Rows, vectors: Vectors) -> "DenseIndex":
        """This index with `vectors`, (len(rows), dim), in place of what stood in `rows`."""
        n_rows = max(len(self.vectors), int(rows.max(initial=-1)) + 1)
        grown = np.zeros((n_rows, self.vectors.shape[1]), np.float32)
        grown[: len(self.vectors)] = self.vectors
        grown[rows] = vectors
        alive = np.zeros(n_rows, bool)
        alive[: len(self.alive)] = self.alive
        filled = vectors.any(axis=1)
        alive[rows] = filled
        graph = self._graph_without(rows)
        if graph is not None:
            graph.add(rows[filled].astype(np.uint64), vectors[filled])
        return DenseIndex(grown, alive, self.exact_below, graph)

    def without(self, rows: Rows) -> "DenseIndex":
        """This index without `rows`."""
        alive = self.alive.copy()
        alive[rows] = False
        return DenseIndex(self.vectors, alive, self.exact_below, self._graph_without(rows))

    def search(self, vector: Vectors, k: int, allowed: NDArray[np.bool_] | None = None) -> Candidates:
        """The `k` nearest of the allowed rows, by cosine; none for a zero vector."""
        passing = self.alive if allowed is None else self.alive & allowed
        n_passing = int(np.count_nonzero(passing))
        if n_passing == 0 or not vector.any():
            return no_candidates("dense")
        if self._graph is not None and n_passing > self.exact_below:
            found = self._approximate(self._graph, vector, min(k, n_passing), passing, n_passing)
            if found is not None:
                return found
        return self._exact(vector, k, passing, n_passing)

    def _exact(self, vector: Vectors, k: int, passing: NDArray[np.bool_], n_passing: int) -> Candidates:
        if n_passing * 3 > len(self.vectors):  # picking rows out copies them, which costs more than comparing
            return best_first(np.where(passing, cosines(self.vectors, vector), -np.inf), k, "dense")
        rows = np.flatnonzero(passing)
        parts = [cosines(self.vectors[rows[start : start + CHUNK]], vector) for start in range(0, len(rows), CHUNK)]
        return best_first(np.concatenate(parts), k, "dense", rows)

    def _approximate(
        self, graph: Graph, vector: Vectors, k: int, passing: NDArray[np.bool_], n_passing: int
    ) -> Candidates | None:
        """The `k` nearest that the graph finds, or None when it finds fewer or would take longer than comparing all.

        More neighbours are asked for than needed, in proportion to how few pass, and those that do not pass
        are left out. Where what passes lies far from `vector`, too few remain: then all are compared.
        """
        share = n_passing / len(graph)
        wanted = k if n_passing == len(graph) else max(SPARE * k, REACH * min(k, BEST)) / share
        limit = max(min(LEAST, n_passing // HOP_COST), math.ceil(wanted))
        if limit * HOP_COST > n_passing:
            return None
        rows = np.sort(graph.search(vector, limit).keys.astype(np.int64))
        rows = rows[passing[rows]]
        return best_first(cosines(self.vectors[rows], vector), k, "dense", rows) if len(rows) >= k else None

    def _graph_without(self, rows: Rows) -> Graph | None:
        """A copy of the graph without `rows`: searches that run meanwhile keep the old one."""
        if self._graph is None:
            return None
        graph = self._graph.copy()
        graph.expansion_search = EXPANSION_SEARCH
        for row in rows.tolist():
            if row in graph:
                graph.remove(row)
        return graph


def cosines(vectors: Vectors, vector: Vectors) -> Scores:
    """(n,) float32: the cosine of `vector`, (dim,), with each of `vectors`, (n, dim), all of length 1.

    Row by row, which is as fast as the matrix product and runs on one core: the product's threads go on spinning
    for milliseconds after it, on the core that the next request needs.
    """
    return np.asarray(np.vecdot(vectors, vector), np.float32)


def _new_graph(dim: int) -> Graph:
    return Graph(
        ndim=dim,
        metric="cos",
        dtype="i8",
        connectivity=CONNECTIVITY,
        expansion_add=EXPANSION_ADD,
        expansion_search=EXPANSION_SEARCH,
    )
