"""How many of some items carry each value of each field."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from aisle.index.categories import shown_paths
from aisle.index.columns import RESERVED, Columns
from aisle.index.counting import Counts, count_values
from aisle.index.disjunctive import Conditions, chosen_values, conditions, missed_by
from aisle.index.filters import Filter, quote, spell
from aisle.index.histograms import ranges
from aisle.index.pairs import value_key
from aisle.types import Facet, FacetValue, Rows

MAX_VALUES = 20
MAX_ATTRIBUTES = 6
MIN_COVERAGE = 0.2
"""Attributes that fewer of the results carry make no facet."""
MAX_ATTRIBUTE_VALUES = 40
"""Attributes with more values than this are descriptions, not choices; numbers become ranges."""
MAX_NUMBERS = 12
"""Attributes with more different numbers than this are shown as ranges."""
STARS = (4, 3, 2)
_NO_ROWS = np.empty(0, np.int64)


def count_facets(
    columns: Columns, rows: Rows, locale: str, within: Filter | None = None, beside: Rows | None = None
) -> tuple[Facet, ...]:
    """Category, brand, price ranges, rating, stock, then the attributes that most of `rows` carry.

    `rows` are the items found, each once, and pass `within`. `beside` was found by the same search with
    `near_misses(within)` in place of the filter: with it, a field that `within` has a condition for is
    counted as if that condition were absent, and chosen values are always named. Counts are exact; the
    spellings of one value count together, under the most used one. Every value has the filter
    expression that keeps its items, and a label where the language of `locale` calls it otherwise.
    """
    asked = conditions(within)
    missed = {} if beside is None else missed_by(columns, beside, asked)
    if len(rows) == 0 and not any(map(len, missed.values())):
        return ()
    return tuple(facet for facet in _Counter(columns, rows, locale, asked, missed).facets() if facet.values)


def pool(columns: Columns, field: str, rows: Rows, within: Filter | None, beside: Rows | None) -> Rows:
    """The rows that `field` is counted over: `rows`, and those of `beside` that miss only the field's own condition."""
    if within is None or beside is None:
        return rows
    return np.concatenate([rows, missed_by(columns, beside, conditions(within)).get(field, _NO_ROWS)])


class _Counter:
    """Counts over one result."""

    def __init__(
        self, columns: Columns, rows: Rows, locale: str, asked: Conditions, missed: Mapping[str, Rows]
    ) -> None:
        self.columns, self.known, self.rows = columns, columns.known, rows
        self.labels = columns.labels.get(locale, {})
        self.asked, self.missed = asked, missed
        self.frequent = columns.field_totals >= MIN_COVERAGE * max(len(rows), 1)
        self.counts, self.sums = self._counts()

    def facets(self) -> Iterator[Facet]:
        yield Facet("category", self._categories())
        yield Facet("brand", self._values("brand"))
        yield Facet("price", ranges("price", self._numbers("price")))
        yield Facet("rating", _stars(self._numbers("rating")))
        yield Facet("in_stock", self._values("in_stock"))
        yield from self._attributes()

    def _counts(self) -> tuple[Counts, Counts]:
        """By slot, and by field."""
        always = [self.known.field_ids[name] for name in ("category", "brand", "in_stock") if self._known(name)]
        always += [self.known.field_ids[name] for name in self.asked.by_field if self._known(name)]
        fields = {*np.flatnonzero(self.frequent).tolist(), *always}
        fields -= {self.known.field_ids.get(name, -1) for name in ("gtin", "group_id")} - set(always)
        counts, sums = count_values(self.columns, self.rows, fields)
        missed = {self.known.field_ids[name]: rows for name, rows in self.missed.items() if self._known(name)}
        if missed:
            counts, sums = counts.copy(), sums.copy()
        for number, rows in missed.items():
            more, more_sums = count_values(self.columns, rows, [number])
            span = self.known.span(self.known.field_names[number])
            counts[span] += more[span]
            sums[number] += more_sums[number]
        return counts, sums

    def _known(self, field: str) -> bool:
        return field in self.known.field_ids

    def _numbers(self, field: str) -> NDArray[np.float64]:
        rows = np.concatenate([self.rows, self.missed[field]]) if field in self.missed else self.rows
        return np.asarray(self.columns.numbers[field][rows])

    def _values(self, field: str) -> tuple[FacetValue, ...]:
        """The most frequent values of a field, and the chosen ones."""
        span = self.known.span(field)
        counts = self.counts[span]
        present = counts.nonzero()[0]
        if not len(present) and not self._chosen(field):
            return ()
        if len(present) > MAX_VALUES:
            least = np.partition(counts[present], len(present) - MAX_VALUES)[len(present) - MAX_VALUES]
            present = present[counts[present] >= least]
        best = present[(-counts[present]).argsort(kind="stable")][:MAX_VALUES]
        return self._named([*(best + span.start).tolist(), *self._chosen(field)])

    def _chosen(self, field: str) -> list[int]:
        condition = self.asked.by_field.get(field)
        keys = [(field, value_key(field, value)) for value in chosen_values(condition)]
        return [self.known.slot_of[key] for key in keys if key in self.known.slot_of]

    def _named(self, slots: Sequence[int]) -> tuple[FacetValue, ...]:
        chosen = np.array(list(dict.fromkeys(slots)), np.int64)
        codes, counts = self.columns.spellings[chosen].tolist(), self.counts[chosen].tolist()
        pairs, labels = self.known.pairs, self.labels
        return tuple(
            facet_value(*pairs[code], count, labels.get(code, "")) for code, count in zip(codes, counts, strict=True)
        )

    def _categories(self) -> tuple[FacetValue, ...]:
        span = self.known.span("category")
        present = (self.counts[span].nonzero()[0] + span.start).tolist()
        chosen = self._chosen("category")
        if not present and not chosen:
            return ()
        codes = self.columns.spellings[[*present, *chosen]].tolist()
        paths = {self.known.pairs[code][1]: slot for code, slot in zip(codes, [*present, *chosen], strict=True)}
        counts = dict(zip(paths, self.counts[list(paths.values())].tolist(), strict=True))
        named = {path for path, slot in paths.items() if slot in chosen}
        return self._named([paths[path] for path in shown_paths(counts, named, MAX_VALUES)])

    def _attributes(self) -> Iterator[Facet]:
        """The attributes that most of the rows carry, of those that offer a choice, and those with a condition."""
        shown: list[Facet] = []
        for field in self._by_coverage():
            name = self.known.field_names[field]
            asked = name in self.asked.by_field
            if name in RESERVED or (len(shown) >= MAX_ATTRIBUTES and not asked):
                continue
            facet = Facet(name, self._choices(field, asked))
            if asked or (facet.values and not any(_repeats(facet, other) for other in shown)):
                shown.append(facet)
        yield from shown

    def _by_coverage(self) -> list[int]:
        """Field numbers, the one that most rows carry first."""
        coverage = self.sums
        forced = {self.known.field_ids[name] for name in self.asked.by_field if self._known(name)}
        kept = {*np.flatnonzero((coverage > 0) & (coverage >= MIN_COVERAGE * len(self.rows))).tolist(), *forced}
        return sorted(kept, key=lambda field: (-coverage[field], self.known.field_names[field]))

    def _choices(self, field: int, asked: bool) -> tuple[FacetValue, ...]:
        """The values of an attribute, or ranges where it has many numbers; none where it offers no choice."""
        name, span = self.known.field_names[field], slice(*self.known.field_starts[field : field + 2].tolist())
        counts = self.counts[span]
        present = counts.nonzero()[0]
        numbers = self.known.numbers[span][present]
        if len(present) > MAX_NUMBERS and np.isfinite(numbers).all() and not self.columns.several[field]:
            # Of an item with several values two ranges may be true.
            return ranges(name, np.repeat(numbers, counts[present]))
        if 2 <= len(present) <= MAX_ATTRIBUTE_VALUES or asked:
            return self._values(name)
        return ()


def _repeats(one: Facet, other: Facet) -> bool:
    """Whether "product_color" says no more than "color": the same values, and each word of one name in the other."""
    words = set(one.field.split("_")), set(other.field.split("_"))
    same = words[0] <= words[1] or words[1] <= words[0]
    return same and [(v.value, v.count) for v in one.values] == [(v.value, v.count) for v in other.values]


@lru_cache(maxsize=100_000)
def facet_value(field: str, text: str, count: int, label: str) -> FacetValue:
    """A value with the filter expression that keeps its items; equal ones are one object, which saves time."""
    return FacetValue(text, count, equals(field, text), label)


@lru_cache(maxsize=50_000)
def equals(field: str, text: str) -> str:
    """The filter expression that keeps items whose `field` is `text`."""
    return f"{spell(field)} = {quote(text)}"


def _stars(ratings: NDArray[np.float64]) -> tuple[FacetValue, ...]:
    counts = [(stars, int(np.count_nonzero(ratings >= stars))) for stars in STARS]
    return tuple(FacetValue(f"{stars}+", count, f"rating >= {stars}") for stars, count in counts if count)
