"""What a shopper took before moves up what is like it: the same brand, and about as dear for its kind."""

import numpy as np
from numpy.typing import NDArray

from aisle.ranking.traits import Traits
from aisle.recommenders import History
from aisle.types import Candidates, Rows, Scores

SHRINKAGE = 8.0
"""Added to the weight of a history, so that one view says little and a purchase (8 by default) about half."""


def prefer(found: Candidates, history: History, traits: Traits, weight: float) -> Candidates:
    """The candidates in the order of one shopper: `weight` times the best score times the affinity is added.

    The words decide what is relevant, so the default weight only reorders what is about as good.
    On the sample shop, whose shoppers' tastes are known, brand and price gained where the cosine with
    the mean vector of the history did not: results of one query are all of one kind, and so are their vectors.
    A history that says nothing leaves `found` as it is.
    """
    history = history.known(len(traits.brands))
    if not len(found) or not (history.weights > 0).any():
        return found
    scores = found.scores + np.float32(weight * found.scores[0]) * affinity(found.rows, history, traits)
    order = np.argsort(-scores, kind="stable")
    return Candidates(found.rows[order], scores[order], found.source)


def affinity(rows: Rows, history: History, traits: Traits) -> Scores:
    """(n,) float32: how well `rows` fit `history`, from -2 to 1.

    The share of the history's weight in the item's own brand (below 0 where the brand was disliked), less the
    squared distance between the item's place among the prices of its category (0 the cheapest, 1 the dearest)
    and the mean place of what is liked. Both are drawn to what a stranger has: no brand, the middle.
    """
    liked = np.maximum(history.weights, 0)
    whole = liked.sum() + SHRINKAGE
    usual = (liked @ traits.price_places[history.rows] + SHRINKAGE / 2) / whole
    return np.asarray(
        brand_shares(rows, history, traits) - (traits.price_places[rows] - usual) ** 2,
        np.float32,
    )


def brand_shares(rows: Rows, history: History, traits: Traits) -> NDArray[np.float64]:
    """(n,) the share of the history's weight in the brand of each of `rows`; 0 for items without a brand."""
    whole = np.maximum(history.weights, 0).sum() + SHRINKAGE
    brands, place = np.unique(traits.brands[history.rows], return_inverse=True)
    shares = np.maximum(np.bincount(place, history.weights) / whole, -1)
    own = traits.brands[rows]
    at = np.minimum(np.searchsorted(brands, own), len(brands) - 1)
    return np.where((brands[at] == own) & (own >= 0), shares[at], 0.0)
