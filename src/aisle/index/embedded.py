"""The index that lives in the process: tantivy for words, vectors for meaning, columns for fields."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from weakref import finalize

import numpy as np

from aisle.index.columns import Columns, no_columns
from aisle.index.dense import DenseIndex
from aisle.index.facets import count_facets
from aisle.index.filters import Filter
from aisle.index.lexical import LexicalIndex
from aisle.index.select import Mask, passing
from aisle.settings import IndexSettings
from aisle.types import Candidates, Facet, Item, Rows, Scores, Sort, Vectors

_COLUMN_OF_SORT: dict[Sort, tuple[str, int]] = {
    "price_asc": ("price", 1),
    "price_desc": ("price", -1),
    "rating": ("rating", -1),
    "newest": ("released_at", -1),
}


class EmbeddedIndex:
    """Implements `Index`. A loaded one leaves its folder as it is: changes go to a copy that ends with the process."""

    def __init__(self, lexical: LexicalIndex, dense: DenseIndex, columns: Columns, settings: IndexSettings) -> None:
        self._lexical = lexical
        self._dense = dense
        self._columns = columns
        self._settings = settings
        self._writing = Lock()
        self._shares_folder = False

    @classmethod
    def create(cls, folder: Path, dim: int, settings: IndexSettings) -> "EmbeddedIndex":
        """An empty index for vectors of length `dim`; its words are kept in `folder`, the rest by `save`."""
        dense = DenseIndex(np.empty((0, dim), np.float32), np.empty(0, bool), settings.exact_below)
        return cls(LexicalIndex(folder / "lexical", settings.fields), dense, no_columns(), settings)

    @classmethod
    def load(cls, folder: Path, settings: IndexSettings) -> "EmbeddedIndex":
        """Read what `create`, `add` and `save` wrote to `folder`."""
        lexical = LexicalIndex(folder / "lexical", settings.fields)
        index = cls(lexical, DenseIndex.load(folder, settings.exact_below), Columns.load(folder), settings)
        index._shares_folder = True
        return index

    @property
    def n_items(self) -> int:
        """How many items can be found."""
        return int(self._columns.alive.sum())

    @property
    def vectors(self) -> Vectors:
        """(n_rows, dim) float32 by row; zero where there is no item."""
        return self._dense.vectors

    def holds(self, row: int) -> bool:
        """Whether there is an item in `row` that can be found."""
        return 0 <= row < len(self._columns.alive) and bool(self._columns.alive[row])

    def add(self, rows: Rows, items: Sequence[Item], vectors: Vectors) -> None:
        """Make `items` findable under `rows`, in place of what was there."""
        with self._writing:
            self._writable().put(rows, items)
            self._dense = self._dense.with_rows(rows, vectors)
            self._columns = self._columns.with_rows(rows, items)

    def delete(self, rows: Rows) -> None:
        """Make `rows` unfindable; unknown rows are passed over."""
        known = rows[(rows >= 0) & (rows < len(self._columns.alive))]
        with self._writing:
            self._columns = self._columns.with_rows(known, [None] * len(known))
            self._dense = self._dense.without(known)
            self._writable().delete(known)

    def lexical(self, query: str, k: int, within: Filter | None = None) -> Candidates:
        """At most `k` items with a word of `query`, by BM25."""
        return self._lexical.search(query, k, self._allowed(within))

    def dense(self, vector: Vectors, k: int, within: Filter | None = None) -> Candidates:
        """At most `k` items nearest to `vector`, (dim,) float32, by cosine."""
        return self._dense.search(vector, k, self._allowed(within))

    def cosines(self, vector: Vectors, rows: Rows) -> Scores:
        """Cosine of `vector`, (dim,) float32, with the item of each row."""
        return np.asarray(self._dense.vectors[rows] @ vector, np.float32)

    def browse(self, within: Filter | None = None) -> Rows:
        """All rows that pass the filter, in ascending order."""
        allowed = self._allowed(within)
        return np.flatnonzero(self._columns.alive if allowed is None else allowed)

    def order(self, rows: Rows, sort: Sort) -> Rows:
        """`rows` by price, rating or release; items without a value last, ties as they were."""
        name, direction = _COLUMN_OF_SORT[sort]
        values = self._columns.numbers[name][rows]
        return rows[np.argsort(np.where(np.isnan(values), np.inf, values * direction), kind="stable")]

    def facets(self, rows: Rows, locale: str = "") -> tuple[Facet, ...]:
        """Exact counts of the field values among `rows`, labelled for `locale`."""
        return count_facets(self._columns, rows, locale)

    def save(self, folder: Path) -> None:
        """Write vectors and columns to `folder`, and the words too unless they are there already."""
        if self._lexical.folder != folder / "lexical":
            self._lexical.copy(folder / "lexical", self._settings.fields)
        self._dense.save(folder)
        self._columns.save(folder)

    def _allowed(self, within: Filter | None) -> Mask | None:
        return None if within is None else passing(self._columns, within)

    def _writable(self) -> LexicalIndex:
        if self._shares_folder:
            own_folder = Path(tempfile.mkdtemp(prefix="aisle-index-"))
            finalize(self, shutil.rmtree, own_folder, ignore_errors=True)
            self._lexical = self._lexical.copy(own_folder, self._settings.fields)
            self._shares_folder = False
        return self._lexical
