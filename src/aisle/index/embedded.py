"""The index that lives in the process: tantivy for words, vectors for meaning, columns for fields."""

import shutil
import tempfile
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np

from aisle.errors import InputError, ReleaseError
from aisle.index.columns import Columns, no_columns
from aisle.index.dense import DenseIndex
from aisle.index.disjunctive import EVERYTHING
from aisle.index.facet_search import Order, category_levels, find_values, known_field, numbers_of
from aisle.index.facets import count_facets, pool
from aisle.index.filters import Filter
from aisle.index.histograms import Histogram, Spacing, histogram
from aisle.index.lexical import LexicalIndex
from aisle.index.select import Mask, passing
from aisle.index.vectors import StoredVectors
from aisle.settings import IndexSettings
from aisle.text.language import Word
from aisle.types import Candidates, Facet, FacetValue, Item, Rows, Scores, Sort, Vectors

_COLUMN_OF_SORT: dict[Sort, tuple[str, int]] = {
    "price_asc": ("price", 1),
    "price_desc": ("price", -1),
    "rating": ("rating", -1),
    "newest": ("released_at", -1),
}


@dataclass(frozen=True, slots=True)
class _State:
    """The index at one moment. Each search reads one state; a change puts the next in its place."""

    words: LexicalIndex
    meanings: DenseIndex
    columns: Columns

    def allowed(self, within: Filter | None) -> Mask | None:
        return None if within is None or within == EVERYTHING else passing(self.columns, within)


class EmbeddedIndex:
    """Implements `Index`. A loaded one leaves its folder as it is: changes go to a copy that ends with the process."""

    def __init__(self, state: _State, settings: IndexSettings, *, loaded: bool) -> None:
        self._state = state
        self._settings = settings
        self._loaded = loaded
        self._writing = Lock()

    @classmethod
    def create(cls, folder: Path, dim: int, settings: IndexSettings) -> "EmbeddedIndex":
        """An empty index for vectors of length `dim`; its words are kept in `folder`, the rest by `save`.

        Raises ReleaseError when the folder holds an index already.
        """
        meanings = DenseIndex.empty(dim, settings.exact_below, settings.vectors)
        words = LexicalIndex.create(folder / "lexical", settings.fields)
        return cls(_State(words, meanings, no_columns()), settings, loaded=False)

    @classmethod
    def build(cls, folder: Path, items: Sequence[Item], settings: IndexSettings) -> "EmbeddedIndex":
        """The index of `items`, rows in their order, whose vectors `write_vectors` wrote to `folder`: written there.

        `items` are read one after the other, twice, and are not kept: a sequence that reads them from a file will do.
        Raises ReleaseError when the folder holds an index already.
        """
        rows = np.arange(len(items))
        LexicalIndex.create(folder / "lexical", settings.fields).with_rows(rows, items)
        no_columns().with_rows(rows, items).save(folder)
        DenseIndex.build(folder, settings.exact_below, settings.vectors)
        return cls.load(folder, settings)

    @classmethod
    def load(cls, folder: Path, settings: IndexSettings) -> "EmbeddedIndex":
        """Read what `create`, `add` and `save` wrote to `folder`. Raises ReleaseError when it cannot be read."""
        words = LexicalIndex.load(folder / "lexical", settings.fields)
        try:
            meanings = DenseIndex.load(folder, settings.exact_below, settings.vectors)
            state = _State(words, meanings, Columns.load(folder).prepared())
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise ReleaseError(f"the index in {folder} cannot be read: {error}; run aisle build") from error
        return cls(state, settings, loaded=True)

    @property
    def n_items(self) -> int:
        """How many items can be found."""
        return int(self._state.columns.alive.sum())

    @property
    def vectors(self) -> StoredVectors:
        """(n_rows, dim) by row, float32 as they are read; a deleted item's is still there."""
        return self._state.meanings.vectors

    @property
    def columns(self) -> Columns:
        """The fields of the items as they are now; another object after each change."""
        return self._state.columns

    @property
    def degraded(self) -> tuple[str, ...]:
        """What is done without now: nothing, all is in the process."""
        return ()

    @property
    def alone(self) -> "EmbeddedIndex":
        """What answers without any other machine: itself."""
        return self

    def n_with(self, field: str, term: str) -> int:
        """How many items have `term`, one of `aisle.text.terms`, in `field` of their texts."""
        return self._state.words.n_with(field, term)

    def holds(self, row: int) -> bool:
        """Whether there is an item in `row` that can be found."""
        alive = self._state.columns.alive
        return 0 <= row < len(alive) and bool(alive[row])

    def add(self, rows: Rows, items: Sequence[Item], vectors: Vectors) -> None:
        """Make `items` findable under `rows`, in place of what was there."""
        shape = (len(items), self._state.meanings.vectors.shape[1])
        if vectors.shape != shape or len(rows) != len(items) or len(np.unique(rows)) != len(rows):
            raise InputError(
                f"{len(items)} items came with vectors of shape {vectors.shape} and {len(np.unique(rows))} rows; "
                f"expected vectors of shape {shape} and a row of its own for each item"
            )
        if not len(rows):
            return
        with self._writing:
            old = self._state
            meanings, columns = old.meanings.with_rows(rows, vectors), old.columns.with_rows(rows, items).prepared()
            self._state = _State(self._writable().with_rows(rows, items), meanings, columns)

    def delete(self, rows: Rows) -> None:
        """Make `rows` unfindable; unknown rows are passed over."""
        with self._writing:
            old = self._state
            known = np.array([row for row in rows.tolist() if self.holds(row)], np.int64)
            if not len(known):
                return
            meanings = old.meanings.without(known)
            columns = old.columns.with_rows(known, [None] * len(known)).prepared()
            self._state = _State(self._writable().without(known), meanings, columns)

    def lexical(self, query: str | Sequence[Word], k: int, within: Filter | None = None) -> Candidates:
        """At most `k` items with a word of `query`, by BM25."""
        state = self._state
        return state.words.search(_words(query), k, state.allowed(within))

    def count(self, query: str | Sequence[Word], within: Filter | None = None) -> int:
        """How many items have all words of `query`, at most 1,000."""
        state = self._state
        return state.words.count(_words(query), state.allowed(within))

    def dense(self, vector: Vectors, k: int, within: Filter | None = None) -> Candidates:
        """At most `k` items nearest to `vector`, (dim,) float32, by cosine."""
        state = self._state
        return state.meanings.search(vector, k, state.allowed(within))

    def cosines(self, vector: Vectors, rows: Rows) -> Scores:
        """Cosine of `vector`, (dim,) float32, with the item of each row."""
        return self._state.meanings.vectors.cosines_of(rows, vector)

    def browse(self, within: Filter | None = None) -> Rows:
        """All rows that pass the filter, in ascending order."""
        state = self._state
        allowed = state.allowed(within)
        return np.flatnonzero(state.columns.alive if allowed is None else allowed)

    def order(self, rows: Rows, sort: Sort) -> Rows:
        """`rows` by price, rating or release; items without a value last, ties as they were."""
        if sort not in _COLUMN_OF_SORT:
            raise InputError(f"sort={sort!r} is no order by a field; known orders: {', '.join(_COLUMN_OF_SORT)}")
        name, direction = _COLUMN_OF_SORT[sort]
        values = self._state.columns.numbers[name][rows]
        return rows[np.argsort(np.where(np.isnan(values), np.inf, values * direction), kind="stable")]

    def facets(
        self, rows: Rows, locale: str = "", within: Filter | None = None, beside: Rows | None = None
    ) -> tuple[Facet, ...]:
        """Exact counts of the field values among `rows`; fields that `within` narrows also among `beside`."""
        return count_facets(self._state.columns, rows, locale, within, beside)

    def facet_rows(self, field: str, rows: Rows, within: Filter | None, beside: Rows | None) -> Rows:
        """The rows that `facets` counts `field` over."""
        columns = self._state.columns
        return pool(columns, known_field(columns, field), rows, within, beside)

    def facet_values(
        self, field: str, typed: str, rows: Rows, k: int = 20, locale: str = "", order: Order = "count"
    ) -> tuple[FacetValue, ...]:
        """At most `k` values of a field among `rows` with a word that begins with `typed`."""
        return find_values(self._state.columns, field, typed, rows, k, locale, order)

    def category_levels(self, path: str, rows: Rows, locale: str = "") -> tuple[tuple[FacetValue, ...], ...]:
        """The widest categories among `rows`, then level by level the children along `path`."""
        return category_levels(self._state.columns, path, rows, locale)

    def histogram(self, field: str, rows: Rows, n_buckets: int = 10, spacing: Spacing = "width") -> Histogram:
        """How the numbers of a field are spread over `rows`."""
        columns = self._state.columns
        return histogram(known_field(columns, field), numbers_of(columns, field, rows), n_buckets, spacing)

    def save(self, folder: Path) -> None:
        """Write vectors and columns to `folder`, and the words too unless they are there already."""
        with self._writing:
            state = self._state
            if state.words.folder != folder / "lexical":
                state.words.copy(folder / "lexical")
            state.meanings.save(folder)
            state.columns.save(folder)

    def _writable(self) -> LexicalIndex:
        words = self._state.words
        if self._loaded:
            folder = Path(tempfile.mkdtemp(prefix="aisle-index-"))
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            words = words.copy(folder)
            self._loaded = False
        return words


def _words(query: str | Sequence[Word]) -> Sequence[Word]:
    return [Word(query)] if isinstance(query, str) else query
