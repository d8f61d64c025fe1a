"""Sizes and colours of one product take one place on the page."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aisle.types import Rows

Codes = NDArray[np.int64]
"""(n_rows,) int64 by row: items with the same number share a value; -1 is no value, which nobody shares."""


@dataclass(frozen=True, slots=True)
class Collapsed:
    """Results with one item of each group of variants."""

    rows: Rows
    """The shown ones, in the order they came."""
    places: NDArray[np.int64]
    """(n,) int64, ascending: where each of `rows` stood before."""
    variants: Mapping[int, tuple[int, ...]]
    """By shown row: the other rows of its group among the results, best first. Rows without any are left out."""


def collapse_variants(rows: Rows, groups: Codes) -> Collapsed:
    """Keep the first of each group of variants, in the order given; the others are named beside it.

    `rows` is (n,) int64, best first by whatever order the shopper chose, so that the cheapest variant
    is shown where prices sort; `groups` numbers the product of each row, -1 for an item of its own.

    >>> found = collapse_variants(np.array([4, 2, 0, 3]), np.array([7, -1, -1, 7, 7]))
    >>> found.rows.tolist(), found.variants
    ([4, 2], {4: (0, 3)})
    """
    of = groups[rows]
    grouped = np.flatnonzero(of >= 0)
    _, first, member = np.unique(of[grouped], return_index=True, return_inverse=True)
    shown = np.ones(len(rows), bool)
    shown[grouped] = False
    shown[grouped[first]] = True
    variants: dict[int, list[int]] = {}
    for place, group in zip(grouped.tolist(), member.tolist(), strict=True):
        if not shown[place]:
            variants.setdefault(int(rows[grouped[first[group]]]), []).append(int(rows[place]))
    places = np.flatnonzero(shown)
    return Collapsed(rows[places], places, {row: tuple(others) for row, others in variants.items()})
