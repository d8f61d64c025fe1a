"""What every index can do: the embedded one here, a cluster elsewhere."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from aisle.index.filters import Filter
from aisle.types import Candidates, Facet, Item, Rows, Sort, Vectors


class Index(Protocol):
    """Finds items by words, by meaning and by their fields. Its kit is aisle.testing.index.

    Rows are given by the caller (the id map's positions). Changes are seen by the searches that
    begin after the call; a search that runs meanwhile sees the old or the new, never half.
    """

    @property
    def n_items(self) -> int:
        """How many items can be found."""
        ...

    def holds(self, row: int) -> bool:
        """Whether there is an item in `row` that can be found."""
        ...

    def add(self, rows: Rows, items: Sequence[Item], vectors: Vectors) -> None:
        """Make `items` findable under `rows`, in place of what was there. `vectors` is (len(rows), dim) float32."""
        ...

    def delete(self, rows: Rows) -> None:
        """Make `rows` unfindable; unknown rows are passed over."""
        ...

    def lexical(self, query: str, k: int, within: Filter | None = None) -> Candidates:
        """At most `k` items with a word of `query`, by BM25. No words, no candidates."""
        ...

    def dense(self, vector: Vectors, k: int, within: Filter | None = None) -> Candidates:
        """At most `k` items nearest to `vector`, (dim,) float32, by cosine. A zero vector has no neighbours."""
        ...

    def cosines(self, vector: Vectors, rows: Rows) -> Vectors:
        """Cosine of `vector`, (dim,) float32, with the item of each row: (n,) float32."""
        ...

    def browse(self, within: Filter | None = None) -> Rows:
        """All rows that pass the filter, in ascending order."""
        ...

    def order(self, rows: Rows, sort: Sort) -> Rows:
        """`rows` sorted by a field; items without a value come last, ties keep their order."""
        ...

    def facets(self, rows: Rows, locale: str = "") -> tuple[Facet, ...]:
        """Counts of the field values among `rows`, labelled for `locale`."""
        ...

    def save(self, folder: Path) -> None:
        """Write everything to `folder`; the class's `load` reads it back."""
        ...
