"""Numbers in ranges: the few round ones that a shopper picks from, and the many even ones under a slider."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError
from aisle.index.filters import spell
from aisle.types import FacetValue

Numbers = NDArray[np.float64]
Spacing = Literal["width", "quantile"]
N_RANGES = 5
MAX_BUCKETS = 100
TINY = 1e-9
SHORT = 2_000
_STEPS = (1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10)
_MIDDLES = [(low + high) / 2 for low, high in pairwise(_STEPS)]


@dataclass(frozen=True, slots=True)
class Histogram:
    """How the numbers of a field are spread over a result."""

    field: str
    low: float
    """The smallest number; NaN when there is none."""
    high: float
    buckets: tuple[FacetValue, ...]
    """From low to high, empty ones too. All but the last leave out their upper end."""


def histogram(field: str, numbers: Numbers, n_buckets: int = 10, spacing: Spacing = "width") -> Histogram:
    """`numbers`, (n,) float64, in at most `n_buckets` buckets of equal width, or of about as many items each.

    NaN is passed over. Raises InputError for another spacing, or unless 1 <= n_buckets <= 100.

    >>> [bucket.count for bucket in histogram("price", np.array([1.0, 2, 3, 9]), 2).buckets]
    [3, 1]
    """
    if not 1 <= n_buckets <= MAX_BUCKETS:
        raise InputError(f"n_buckets={n_buckets}; expected 1 <= n_buckets <= {MAX_BUCKETS}")
    if spacing not in ("width", "quantile"):
        raise InputError(f'spacing={spacing!r}; expected "width" or "quantile"')
    numbers = np.sort(numbers[np.isfinite(numbers)])
    if not len(numbers):
        return Histogram(field, math.nan, math.nan, ())
    low, high = float(numbers[0]), float(numbers[-1])
    shares = np.arange(1, n_buckets) / n_buckets
    inner = _quantiles(numbers, shares) if spacing == "quantile" else low + shares * (high - low)
    edges = sorted({_written(float(edge)) for edge in inner if low < _written(float(edge)) <= high})
    return Histogram(field, low, high, tuple(_buckets(field, numbers, [low, *edges, high])))


def _buckets(field: str, numbers: Numbers, edges: Sequence[float]) -> list[FacetValue]:
    places = np.searchsorted(numbers, edges[1:-1])
    counts = np.diff([0, *places.tolist(), len(numbers)]).tolist()
    name, found = spell(field), []
    for place, (low, high, count) in enumerate(zip(edges, edges[1:], counts, strict=False)):
        upper = "<" if place < len(counts) - 1 else "<="
        condition = f"{name} >= {_text(low)} AND {name} {upper} {_text(high)}"
        found.append(FacetValue(f"{_text(low)}-{_text(high)}", count, condition))
    return found


def ranges(field: str, numbers: Numbers) -> tuple[FacetValue, ...]:
    """At most five ranges of `numbers`, (n,) float64, with round ends and about as many items in each, no empty one."""
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return ()
    edges = {rounded(edge) for edge in _quantiles(numbers, np.arange(1, N_RANGES) / N_RANGES).tolist()}
    positive = bool(numbers.min() >= 0)
    ends = sorted(edges - {0.0} if positive else edges)
    below = [0, *(int(np.count_nonzero(numbers < end)) for end in ends), len(numbers)]
    bounds = zip([None, *ends], [*ends, None], pairwise(below), strict=True)
    return tuple(_range(field, low, high, end - start, positive) for low, high, (start, end) in bounds if end > start)


def _range(field: str, low: float | None, high: float | None, count: int, positive: bool) -> FacetValue:
    name = spell(field)
    start = "0" if low is None and positive else "" if low is None else f"{low:g}"
    text = f"{start}-{'' if high is None else f'{high:g}'}"
    if high is None:
        return FacetValue(text, count, f"{name} >= {low or 0:g}")
    condition = f"{name} < {high:g}"
    return FacetValue(text, count, condition if low is None else f"{name} >= {low:g} AND {condition}")


def _quantiles(numbers: Numbers, shares: Numbers) -> Numbers:
    """Linear between neighbours, as numpy's, whose call takes longer than the work here."""
    places = shares * (len(numbers) - 1)
    lower = np.floor(places).astype(np.int64)
    upper = np.minimum(lower + 1, len(numbers) - 1)
    sorted_enough = np.partition(numbers, np.union1d(lower, upper)) if len(numbers) > SHORT else np.sort(numbers)
    return np.asarray(sorted_enough[lower] + (places - lower) * (sorted_enough[upper] - sorted_enough[lower]))


def rounded(number: float) -> float:
    """To a number people would choose: 1, 2 or 5 times a power of ten, or two digits where that is closer.

    >>> [rounded(number) for number in (0.0, 7.3, 23.0, 187.0, -41.0)]
    [0.0, 7.5, 25.0, 200.0, -40.0]
    """
    if number < 0:
        return -rounded(-number)
    if number < TINY:
        return 0.0
    unit = 10.0 ** math.floor(math.log10(number))
    edge = _STEPS[bisect_left(_MIDDLES, number / unit)] * unit
    return float(f"{edge:g}")  # 3 * 0.1 is not 0.3, but the filter of the range says 0.3


def _written(number: float) -> float:
    """The number with 15 digits: without the last ones, which are noise of the calculation."""
    return float(f"{number:.15g}")


def _text(number: float) -> str:
    return f"{number:.15g}" if _written(number) == number else repr(number)
