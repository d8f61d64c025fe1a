"""Who clicks on what: the position-based model (Craswell et al. 2008), with propensities that are known."""

import numpy as np
from numpy.typing import NDArray

from aisle.sample_shop.slates import SLATE_SIZE, Slates
from aisle.sample_shop.users import Floats, Ints
from aisle.sample_shop.world import World

PROPENSITIES: Floats = np.arange(1.0, SLATE_SIZE + 1).astype(np.float64) ** -0.7
"""(8,) chance that a shopper looks at all at what stands at each rank, from the first."""
_GRADE_PULL = np.array([-4.6, -3.4, -2.0, -0.9])
_SHELF_PULL = -2.9


def attraction(world: World, users: Ints, slates: Slates, is_search: NDArray[np.bool_], day: Floats) -> Floats:
    """(n, 8) chance that each user clicks on what stands at each rank of a page, once it is looked at.

    A logistic function of the user's liking and, after a search, of the grade.
    """
    pull = np.where(is_search[:, None], _GRADE_PULL[slates.grades], _SHELF_PULL)
    return sigmoid(pull + 0.9 * world.liking(users, np.maximum(slates.rows, 0), day))


def draw_clicks(attractions: Floats, slates: Slates, rng: np.random.Generator) -> NDArray[np.bool_]:
    """(n, 8) which places are clicked: looked at (by the propensity of the rank) and attractive."""
    return (rng.random(attractions.shape) < PROPENSITIES * attractions) & (slates.rows >= 0)


def sigmoid(value: Floats) -> Floats:
    """The logistic function."""
    return 1 / (1 + np.exp(-value))
