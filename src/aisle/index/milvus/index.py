"""The index of a shop that outgrew one machine: candidates come from Milvus, all else is in the process."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from aisle.errors import ReleaseError
from aisle.index.columns import Columns
from aisle.index.embedded import EmbeddedIndex
from aisle.index.filters import Filter
from aisle.index.milvus.collection import Collection, Hits
from aisle.index.milvus.expressions import FILLED, every, expression, numbers_in, partitions, without
from aisle.index.milvus.server import Server
from aisle.index.milvus.weights import Lengths, Sparse, SparseQuery, Weigher, sparse_query
from aisle.index.select import passing
from aisle.settings import IndexSettings
from aisle.text.language import Word
from aisle.types import Candidates, Item, Rows, Vectors, best_first, no_candidates

FILE = "milvus.json"
"""In the index's folder: which collection it is, and by which lengths its words were weighed."""
SPARE = 2
"""So many times `k` are scored again where a word may be said in several ways."""


@dataclass(frozen=True)
class Changes:
    """What changed beside the collection: the words of rows that hold something else now, None where nothing."""

    words: Mapping[int, Sparse | None] = field(default_factory=dict)

    @cached_property
    def rows(self) -> Rows:
        """Every row that is not as the collection says."""
        return np.array(sorted(self.words), np.int64)

    @cached_property
    def filled(self) -> Rows:
        """Those that hold an item."""
        return np.array(sorted(row for row, words in self.words.items() if words is not None), np.int64)

    def using(self, rows: Rows, words: Sequence[Sparse | None]) -> "Changes":
        """These, and what is in `rows` now."""
        return Changes({**self.words, **dict(zip(rows.tolist(), words, strict=True))})


class MilvusIndex(EmbeddedIndex):
    """Implements `Index` with a collection of Milvus, which finds by words, by meaning, and within filters.

    Columns are kept in the process, for browsing, orders, facets and histograms; vectors and words lie in the
    release's folder, mapped into memory: cosines of what was found are exact, and words alone can answer while
    Milvus is away. `lexical` and `dense` raise AwayError then; `alone` is what answers.

    A loaded index leaves its collection as it is, for it is shared: what changes is kept beside it, in the process.
    """

    def __init__(self, local: EmbeddedIndex, collection: Collection, lengths: Lengths, *, loaded: bool) -> None:
        super().__init__(local._state, local._settings, loaded=loaded)
        self.collection = collection
        self._lengths = lengths
        self._beside = Changes() if loaded else None

    @classmethod
    def create(cls, folder: Path, dim: int, settings: IndexSettings, name: str = "draft") -> "MilvusIndex":
        """An empty index whose collection is called PREFIX_`name`, in place of any of that name.

        Raises AwayError when Milvus does not answer, MissingExtraError without pymilvus.
        """
        local = EmbeddedIndex.create(folder, dim, without_graph(settings))
        server = Server(settings.milvus)
        return cls(local, Collection.create(f"{settings.milvus.prefix}_{name}", dim, server), Lengths(), loaded=False)

    @classmethod
    def load(cls, folder: Path, settings: IndexSettings) -> "MilvusIndex":
        """Read what `save` or `upload` wrote to `folder`. Milvus is asked at the first search only.

        Raises ReleaseError when the folder cannot be read, MissingExtraError without pymilvus.
        """
        local = EmbeddedIndex.load(folder, without_graph(settings))
        try:
            known = json.loads((folder / FILE).read_text("utf-8"))
            lengths, name = Lengths(**known["lengths"]), str(known["collection"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ReleaseError(f"the index in {folder} cannot be read: {error}; run aisle build") from error
        return cls(local, Collection(name, Server(settings.milvus)), lengths, loaded=True)

    @property
    def degraded(self) -> tuple[str, ...]:
        """What is done without now."""
        return (f"index: {self.collection.server.name} is away; words alone answer",) if self.away else ()

    @property
    def away(self) -> bool:
        """Whether Milvus is known to be away."""
        return self.collection.server.away

    @property
    def alone(self) -> EmbeddedIndex:
        """What answers while Milvus is away."""
        return WordsAlone(self._state, self._settings, loaded=True)

    def add(self, rows: Rows, items: Sequence[Item], vectors: Vectors) -> None:
        """Make `items` findable under `rows`, in place of what was there."""
        super().add(rows, items, vectors)
        if not len(rows):
            return
        if self._beside is None:
            self._lengths = self._lengths.with_items(items)
            self.collection.write(self.columns, rows, vectors, self._weighed(items))
        else:
            weighed = self._weighed(items)
            with self._writing:
                self._beside = self._beside.using(rows, weighed)

    def delete(self, rows: Rows) -> None:
        """Make `rows` unfindable; unknown rows are passed over."""
        known = np.array([row for row in rows.tolist() if self.holds(row)], np.int64)
        super().delete(known)
        if self._beside is None and len(known):
            self.collection.remove(known)
        elif self._beside is not None:
            with self._writing:
                self._beside = self._beside.using(known, [None] * len(known))

    def lexical(self, query: str | Sequence[Word], k: int, within: Filter | None = None) -> Candidates:
        """At most `k` items with a word of `query`, by BM25; at most 16,384. Raises AwayError."""
        asked = sparse_query([Word(query)] if isinstance(query, str) else query)
        columns, beside = self.columns, self._beside or Changes()
        expressed = self._expressed(columns, within, beside)
        if not asked.words:
            return no_candidates("lexical")
        hits = self._found(asked, k, expressed)
        changed = self._changed(beside, columns, within)
        own = [asked.score(beside.words[row] or {}) for row in changed.tolist()]
        rows = np.concatenate([hits.rows, changed])
        scores = np.concatenate([hits.scores, np.array(own, np.float32)])
        scores[scores <= 0] = -np.inf
        order = np.argsort(rows)  # ties go to the lower row, whatever Milvus's order
        return best_first(scores[order], k, "lexical", rows[order])

    def dense(self, vector: Vectors, k: int, within: Filter | None = None) -> Candidates:
        """At most `k` items nearest to `vector`, (dim,) float32, by cosine; at most 16,384. Raises AwayError."""
        state, beside = self._state, self._beside or Changes()
        expressed = self._expressed(state.columns, within, beside)
        if not vector.any() or not state.columns.alive.any():
            return no_candidates("dense")
        all_filled = np.array_equal(state.meanings.alive, state.columns.alive)
        hits = self.collection.nearest(vector, k, expressed if all_filled else every(FILLED, expressed))
        changed = self._changed(beside, state.columns, within)
        rows = np.sort(np.concatenate([hits.rows, changed[state.meanings.alive[changed]]]))
        if len(rows) < k:  # few pass, and a graph loses its way among few: they are compared one by one
            return state.meanings.search(vector, k, state.allowed(within))
        return best_first(self.vectors.cosines_of(rows, vector), k, "dense", rows)

    def save(self, folder: Path) -> None:
        """Write the process's part to `folder`, and to the collection what changed beside it."""
        super().save(folder)
        if self._beside is not None:
            state, beside = self._state, self._beside
            gone = np.setdiff1d(beside.rows, beside.filled)
            filled = [beside.words[row] or {} for row in beside.filled.tolist()]
            self.collection.write(state.columns, beside.filled, self.vectors[beside.filled], filled)
            if len(gone):
                self.collection.remove(gone)
            self._beside = Changes()
        self.collection.settle()
        write_name(folder, self.collection, self._lengths)

    def _weighed(self, items: Sequence[Item]) -> list[dict[int, float]]:
        weigh = Weigher(self._settings.fields, self._lengths, self.n_with)
        return [weigh(item) for item in items]

    def _expressed(self, columns: Columns, within: Filter | None, beside: Changes) -> str:
        """The filter in Milvus's words, without what changed beside the collection."""
        key = self._settings.milvus.partition_key
        parts = partitions(columns, key, within) if key and within is not None else None
        asked = "" if within is None else expression(columns, within)
        apart = "" if parts is None else numbers_in("part", parts or [-2])
        return every(asked, apart, without(beside.rows))

    def _changed(self, beside: Changes, columns: Columns, within: Filter | None) -> Rows:
        """The rows with an item that the collection does not hold, and that pass."""
        rows = beside.filled[beside.filled < len(columns.alive)]
        allowed = columns.alive if within is None or not len(rows) else passing(columns, within)
        return rows[allowed[rows]]

    def _found(self, asked: SparseQuery, k: int, expressed: str) -> Hits:
        if asked.exact:
            return self.collection.wordiest(asked.weights, k, expressed, words=False)
        hits = self.collection.wordiest(asked.weights, SPARE * k, expressed, words=True)
        return Hits(hits.rows, np.array([asked.score(words) for words in hits.words], np.float32))


class WordsAlone(EmbeddedIndex):
    """A release's words without Milvus: nothing is found by meaning, since comparing all vectors takes too long."""

    def dense(self, vector: Vectors, k: int, within: Filter | None = None) -> Candidates:
        """Nothing."""
        return no_candidates("dense")


def write_name(folder: Path, collection: Collection, lengths: Lengths) -> None:
    """Write down which collection the index in `folder` is."""
    told = {"collection": collection.name, "lengths": asdict(lengths)}
    (folder / FILE).write_text(json.dumps(told), "utf-8")


def without_graph(settings: IndexSettings) -> IndexSettings:
    """The settings with vectors compared by Milvus alone: no graph of them is kept in the process."""
    return settings.model_copy(update={"exact_below": sys.maxsize})
