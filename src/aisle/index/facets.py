"""How many of some items carry each value of each field."""

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from aisle.index.columns import RESERVED, Columns, Pair
from aisle.index.filters import quote, spell
from aisle.types import Facet, FacetValue, Rows

MAX_VALUES = 20
MAX_ATTRIBUTES = 6
MIN_COVERAGE = 0.2
"""Attributes that fewer of the results carry make no facet."""
MAX_ATTRIBUTE_VALUES = 40
"""Attributes with more values than this are descriptions, not choices."""
N_PRICE_RANGES = 5
STARS = (4, 3, 2)


def count_facets(columns: Columns, rows: Rows, locale: str) -> tuple[Facet, ...]:
    """Category, brand, price ranges, rating, stock, then the attributes that most of `rows` carry.

    Counts are exact over `rows`. Every value has the filter expression that keeps its items, and
    a label where the language of `locale` calls it otherwise.
    """
    if len(rows) == 0:
        return ()
    counts = np.bincount(columns.codes_of(rows), minlength=len(columns.pairs))
    present = np.flatnonzero(counts)
    fields = columns.fields[present]
    labels = columns.labels.get(locale, {})

    def facet(name: str) -> Facet:
        codes = present[fields == columns.field_ids.get(name, -1)]
        best = sorted(codes.tolist(), key=lambda code: (-counts[code], columns.pairs[code][1]))[:MAX_VALUES]
        return Facet(name, tuple(_value(columns.pairs[code], int(counts[code]), labels.get(code, "")) for code in best))

    found = [facet("category"), facet("brand")]
    found += [Facet("price", _price_ranges(columns.numbers["price"][rows]))]
    found += [Facet("rating", _stars(columns.numbers["rating"][rows]))]
    found += [facet(name) for name in ("in_stock", *_attributes(columns, fields, counts[present], len(rows)))]
    return tuple(facet for facet in found if facet.values)


def _value(pair: Pair, count: int, label: str) -> FacetValue:
    field, text = pair
    return FacetValue(text, count, _equals(field, text), label)


@lru_cache(maxsize=50_000)
def _equals(field: str, text: str) -> str:
    return f"{spell(field)} = {quote(text)}"


def _attributes(columns: Columns, fields: NDArray[np.int64], counts: NDArray[np.int64], n_rows: int) -> list[str]:
    """The attributes that most of the rows carry, of those that offer a choice."""
    n_values = np.bincount(fields, minlength=len(columns.field_ids))
    coverage = np.bincount(fields, counts, minlength=len(columns.field_ids))
    choice = (n_values >= 2) & (n_values <= MAX_ATTRIBUTE_VALUES) & (coverage >= MIN_COVERAGE * n_rows)
    names = list(columns.field_ids)
    common = [names[field] for field in np.flatnonzero(choice) if names[field] not in RESERVED]
    return sorted(common, key=lambda name: (-coverage[columns.field_ids[name]], name))[:MAX_ATTRIBUTES]


def _price_ranges(prices: NDArray[np.float64]) -> tuple[FacetValue, ...]:
    prices = prices[np.isfinite(prices)]
    if not len(prices):
        return ()
    quantiles = np.quantile(prices, np.arange(1, N_PRICE_RANGES) / N_PRICE_RANGES)
    edges = sorted({_round(float(edge)) for edge in quantiles} - {0.0})
    return tuple(_ranges(prices, edges))


def _ranges(prices: NDArray[np.float64], edges: list[float]) -> Iterator[FacetValue]:
    lows, highs = [0.0, *edges], [*edges, math.inf]
    for low, high in zip(lows, highs, strict=True):
        count = int(((prices >= low) & (prices < high)).sum())
        if not count:
            continue
        if math.isinf(high):
            yield FacetValue(f"{low:g}-", count, f"price >= {low:g}")
        else:
            condition = f"price < {high:g}" if low == 0 else f"price >= {low:g} AND price < {high:g}"
            yield FacetValue(f"{low:g}-{high:g}", count, condition)


def _round(price: float) -> float:
    """To a number people would choose: 1, 2 or 5 times a power of ten, or two digits where that is closer.

    >>> [_round(price) for price in (0.0, 7.3, 23.0, 187.0)]
    [0.0, 7.5, 25.0, 200.0]
    """
    if price <= 0:
        return 0.0
    unit = 10.0 ** math.floor(math.log10(price))
    steps = (1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10)
    edge = min((step * unit for step in steps), key=lambda edge: abs(edge - price))
    return float(f"{edge:g}")  # 3 * 0.1 is not 0.3, but the filter of the range says 0.3


def _stars(ratings: NDArray[np.float64]) -> tuple[FacetValue, ...]:
    counts = [(stars, int((ratings >= stars).sum())) for stars in STARS]
    return tuple(FacetValue(f"{stars}+", count, f"rating >= {stars}") for stars, count in counts if count)
