"""What every index can do: the embedded one here, a cluster elsewhere."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from aisle.index.facet_search import Order
from aisle.index.filters import Filter
from aisle.index.histograms import Histogram, Spacing
from aisle.text.language import Word
from aisle.types import Candidates, Facet, FacetValue, Item, Rows, Sort, Vectors


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

    def lexical(self, query: str | Sequence[Word], k: int, within: Filter | None = None) -> Candidates:
        """At most `k` items with a word of `query`, by BM25. No words, no candidates.

        Words that can be said in several ways count by the best one; a text is taken as it is.
        """
        ...

    def count(self, query: str | Sequence[Word], within: Filter | None = None) -> int:
        """How many items have all words of `query`, each in one of the ways to say it, at most 1,000."""
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

    def facets(
        self, rows: Rows, locale: str = "", within: Filter | None = None, beside: Rows | None = None
    ) -> tuple[Facet, ...]:
        """Counts of the field values among `rows`, each given once, labelled for `locale`.

        With `beside`, the rows that the same search finds within `near_misses(within)`, a field that
        `within` has a condition for is counted as if that condition were absent.
        """
        ...

    def facet_rows(self, field: str, rows: Rows, within: Filter | None, beside: Rows | None) -> Rows:
        """The rows that `facets` counts `field` over: give them to the three methods below."""
        ...

    def facet_values(
        self, field: str, typed: str, rows: Rows, k: int = 20, locale: str = "", order: Order = "count"
    ) -> tuple[FacetValue, ...]:
        """At most `k` values of a field among `rows` with a word that begins with `typed`, in it or in its label.

        Case and accents do not matter. Sorted by "count" or by "name". Raises InputError for an unknown field.
        """
        ...

    def category_levels(self, path: str, rows: Rows, locale: str = "") -> tuple[tuple[FacetValue, ...], ...]:
        """The widest categories among `rows`, then level by level the children along `path`."""
        ...

    def histogram(self, field: str, rows: Rows, n_buckets: int = 10, spacing: Spacing = "width") -> Histogram:
        """The numbers of a field among `rows` in buckets of equal width, or of equal counts ("quantile").

        Raises InputError for an unknown field and for one without numbers.
        """
        ...

    def save(self, folder: Path) -> None:
        """Write everything to `folder`; the class's `load` reads it back."""
        ...
