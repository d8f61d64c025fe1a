"""When shoppers of the sample shop come by: more in the evening, more at the weekend, more every week."""

from dataclasses import dataclass

import numpy as np

from aisle.sample_shop.users import Floats, Ints
from aisle.sample_shop.world import World

_VISITS_A_DAY = 0.058
_WEEKDAYS = np.array([1.0, 0.95, 0.95, 1.0, 1.05, 1.3, 1.4])
"""Monday to Sunday."""
_HOURS = np.array([6, 3, 2, 1, 1, 2, 5, 12, 20, 24, 26, 28, 34, 30, 27, 27, 29, 33, 40, 50, 58, 52, 34, 16], float)
_GROWTH = 0.3
"""By how much the last day is busier than the first."""
_LONGEST_VISIT = 7


@dataclass(frozen=True, slots=True, eq=False)
class Visits:
    """One row a visit, in the order of time."""

    user: Ints
    day: Floats
    """Days since the start of the window, with the time of day as the fraction."""
    n_pages: Ints
    """How many slates the visitor looks at: 1 to 7."""


def draw_visits(world: World, rng: np.random.Generator) -> Visits:
    """The visits of the window; every user comes at least once where there are enough visits."""
    n_visits = max(1, round(world.n_users * world.days * _VISITS_A_DAY))
    once = rng.permutation(world.n_users)[:n_visits]
    again = rng.choice(world.n_users, n_visits - len(once), p=world.tastes.activity)
    day = np.sort(_days(world, n_visits, rng))
    user = rng.permutation(np.concatenate([once, again]))
    n_pages = np.minimum(1 + rng.poisson(1.1, n_visits), _LONGEST_VISIT)
    return Visits(user.astype(np.int64), day, n_pages.astype(np.int64))


def _days(world: World, n_visits: int, rng: np.random.Generator) -> Floats:
    numbers = np.arange(world.days)
    weights = _WEEKDAYS[(world.start.weekday() + numbers) % 7] * (1 + _GROWTH * numbers / world.days)
    date = rng.choice(world.days, n_visits, p=weights / weights.sum())
    hour = rng.choice(24, n_visits, p=_HOURS / _HOURS.sum())
    return np.asarray(date + (hour + rng.random(n_visits)) / 24, np.float64)
