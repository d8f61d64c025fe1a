"""What a view, a cart or a purchase says about taste, and for how long: measured on the shop's own log."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from aisle.pipelines.learn import MAX_USERS, MIN_USERS, last_choices
from aisle.ranking.blend_fitting import NDCG
from aisle.ranking.gain import surely_better
from aisle.ranking.pool import make_pool
from aisle.recommenders import ItemKnn, build_interactions
from aisle.settings import KindWeights, RecommendSettings

POWERS = (0.25, 0.5, 1.5)
"""Of the weights above 0: near 0 all kinds say as much, above 1 a purchase outweighs even more views."""
FACTORS = (0.25, 4.0)
"""Of the weights below 0."""
HALF_LIVES = (3.0, 7.0, 30.0, 90.0, 365.0)
"""In days."""


@dataclass(frozen=True, slots=True)
class FittedKinds:
    """Weights of kinds and a half-life, as settings, and what they are worth."""

    settings: RecommendSettings
    before: float
    """NDCG@10 of item-kNN on the last choices of users, by the weights given."""
    after: float
    """The same by the weights found."""


def fit_kind_weights(
    events: pl.DataFrame, item_rows: Mapping[str, int], settings: RecommendSettings, n_items: int
) -> FittedKinds:
    """`settings` with the weights of kinds and the half-life by which item-kNN foresees last choices best.

    `events` is the store's frame. One thing is changed after another: how far likes of different kinds lie apart,
    how heavy dislikes and returns are, how fast all of it fades. A change is kept when it is better by more than
    one standard error over the users. With few users the settings stay as they are.
    """
    gains = _gains(events, item_rows, settings, n_items)
    before = float(gains.mean()) if len(gains) else 0.0
    if len(gains) < MIN_USERS:
        return FittedKinds(settings, before, before)
    for change in (_apart, _disliked, _fading):
        tried = [(_gains(events, item_rows, one, n_items), one) for one in change(settings)]
        best, chosen = max(tried, key=lambda pair: float(pair[0].mean()))
        if surely_better(best - gains):
            gains, settings = best, chosen
    return FittedKinds(settings, before, float(gains.mean()))


def _apart(settings: RecommendSettings) -> Iterator[RecommendSettings]:
    kinds = settings.kinds.model_dump()
    for power in POWERS:
        yield _with(settings, {name: weight**power if weight > 0 else weight for name, weight in kinds.items()})


def _disliked(settings: RecommendSettings) -> Iterator[RecommendSettings]:
    kinds = settings.kinds.model_dump()
    for factor in FACTORS:
        yield _with(settings, {name: weight * factor if weight < 0 else weight for name, weight in kinds.items()})


def _fading(settings: RecommendSettings) -> Iterator[RecommendSettings]:
    for days in HALF_LIVES:
        yield settings.model_copy(update={"half_life_days": days})


def _with(settings: RecommendSettings, kinds: Mapping[str, float]) -> RecommendSettings:
    rounded = {name: round(weight, 3) for name, weight in kinds.items()}
    return settings.model_copy(update={"kinds": KindWeights.model_validate(rounded)})


def _gains(
    events: pl.DataFrame, item_rows: Mapping[str, int], settings: RecommendSettings, n_items: int
) -> NDArray[np.float64]:
    """NDCG@10 of each user who is asked, the same users in the same order whatever the weights."""
    train, holdout = last_choices(build_interactions(events, item_rows, settings, n_items), settings)
    if len(holdout) < MIN_USERS:
        return np.empty(0)
    model = ItemKnn(neighbors=settings.neighbors, shrinkage=settings.shrinkage).fit(train)
    pool = make_pool([model], holdout, norms=("share",), max_users=MAX_USERS)
    gains = np.zeros(len(holdout))
    gains[pool.users] = pool.gains(pool.raw[0], NDCG)
    return gains
