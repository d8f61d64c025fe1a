"""Items by meaning: cosine of vectors, compared one by one in small shops and by an HNSW graph in large ones."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from usearch.index import Index as Graph

from aisle.types import Candidates, Rows, Vectors, best_first, no_candidates

CONNECTIVITY = 16
EXPANSION_ADD = 128
EXPANSION_SEARCH = 128


class DenseIndex:
    """Vectors by row, and above `exact_below` rows an HNSW graph over them in half precision.

    HNSW: Malkov and Yashunin 2018. `vectors` is (n_rows, dim) float32, `alive` (n_rows,) bool.
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
        vectors = np.load(folder / "vectors.npy", mmap_mode="r")
        graph = Graph.restore(str(folder / "graph.usearch")) if (folder / "graph.usearch").exists() else None
        if graph is not None:
            graph.expansion_search = EXPANSION_SEARCH
        return cls(vectors, np.load(folder / "alive.npy"), exact_below, graph)

    def save(self, folder: Path) -> None:
        """Write vectors.npy, alive.npy and, where there is a graph, graph.usearch."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "vectors.npy", self.vectors)
        np.save(folder / "alive.npy", self.alive)
        if self._graph is not None:
            self._graph.save(str(folder / "graph.usearch"))

    def with_rows(self, rows: Rows, vectors: Vectors) -> "DenseIndex":
        """This index with `vectors`, (len(rows), dim), in place of what stood in `rows`."""
        n_rows = max(len(self.vectors), int(rows.max(initial=-1)) + 1)
        grown = np.zeros((n_rows, vectors.shape[1]), np.float32)
        grown[: len(self.vectors)] = self.vectors
        grown[rows] = vectors
        alive = np.zeros(n_rows, bool)
        alive[: len(self.alive)] = self.alive
        alive[rows] = vectors.any(axis=1)
        if self._graph is not None:
            self._forget(rows)
            filled = vectors.any(axis=1)
            self._graph.add(rows[filled].astype(np.uint64), vectors[filled])
        return DenseIndex(grown, alive, self.exact_below, self._graph)

    def without(self, rows: Rows) -> "DenseIndex":
        """This index without `rows`."""
        alive = self.alive.copy()
        alive[rows] = False
        if self._graph is not None:
            self._forget(rows)
        return DenseIndex(self.vectors, alive, self.exact_below, self._graph)

    def search(self, vector: Vectors, k: int, allowed: NDArray[np.bool_] | None = None) -> Candidates:
        """The `k` nearest of the allowed rows, by cosine; none for a zero vector."""
        if not vector.any() or not len(self.vectors):
            return no_candidates("dense")
        if self._graph is not None and allowed is None:
            return self._approximate(vector, k)
        passing = self.alive if allowed is None else self.alive & allowed
        n_passing = int(passing.sum())
        if self._graph is not None and n_passing > self.exact_below:
            return self._sifted(vector, k, passing, n_passing)
        if n_passing == len(self.vectors):
            return best_first(self.vectors @ vector, k, "dense")
        rows = np.flatnonzero(passing)
        return best_first(self.vectors[rows] @ vector, k, "dense", rows)

    def _approximate(self, vector: Vectors, k: int) -> Candidates:
        assert self._graph is not None  # noqa: S101  both callers have looked
        found = self._graph.search(vector, min(k, len(self._graph)))
        rows = found.keys.astype(np.int64)
        return best_first((1 - found.distances).astype(np.float32), k, "dense", rows)

    def _sifted(self, vector: Vectors, k: int, passing: NDArray[np.bool_], n_passing: int) -> Candidates:
        found = self._approximate(vector, int(2 * k * len(passing) / n_passing))
        kept = passing[found.rows]
        return Candidates(found.rows[kept][:k], found.scores[kept][:k], "dense")

    def _forget(self, rows: Rows) -> None:
        assert self._graph is not None  # noqa: S101  both callers have looked
        for row in rows.tolist():
            if row in self._graph:
                self._graph.remove(row)


def _new_graph(dim: int) -> Graph:
    return Graph(
        ndim=dim,
        metric="cos",
        dtype="f16",
        connectivity=CONNECTIVITY,
        expansion_add=EXPANSION_ADD,
        expansion_search=EXPANSION_SEARCH,
    )
