"""From what users of a holdout chose to trees over a blend, or to the finding that the blend is better."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from aisle.ranking.blend import Blend
from aisle.ranking.blend_features import ItemFacts, features_of
from aisle.ranking.blend_fitting import NDCG
from aisle.ranking.gain import surely_better
from aisle.ranking.pool import Measure, Pool
from aisle.ranking.ranked_blend import DEPTH, RankedBlend, mixed, predicted
from aisle.recommenders.protocol import Holdout
from aisle.types import Rows, Scores

MIN_USERS = 500
"""Users with a relevant candidate that training takes at least."""
MAX_USERS = 6_000
"""Users trained on."""
SHARES = (0.2, 0.4, 0.6, 0.8, 1.0)
"""Weights of the trees against the blend that are compared."""
_TREES: dict[str, Any] = {
    "objective": "lambdarank",
    "lambdarank_truncation_level": 30,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
    "num_leaves": 15,
    "min_data_in_leaf": 100,
    "learning_rate": 0.08,
    "num_iterations": 80,
    "max_bin": 63,
    "num_threads": 1,
    "verbose": -1,
    "deterministic": True,
    "force_col_wise": True,
}


@dataclass(frozen=True, slots=True, eq=False)
class LearnedBlend:
    """What training gave."""

    ranker: RankedBlend | None
    """None where the blend stays."""
    reason: str
    """Why, for people."""
    before: float
    """The measure of the blend over the users."""
    after: float
    """The same of the trees, each user ranked by trees that never saw them."""


@dataclass(frozen=True, slots=True, eq=False)
class _Example:
    """The best candidates of one user."""

    table: NDArray[np.float32]
    blended: Scores
    places: Rows
    """Where the candidates stand in the pool."""
    labels: NDArray[np.int64]


def learn_blend(
    blend: Blend, pool: Pool, facts: ItemFacts, holdout: Holdout, *, measure: Measure = NDCG, seed: int = 0
) -> LearnedBlend:
    """Trees over `blend`, when they beat it on users they have not seen by more than one standard error.

    `pool` is that of the members on `holdout`, in the order of the members. Half of the users train the trees
    that the other half is ranked by, both ways; what is kept is trained on all. `facts` are of the log
    that the members learned from. The same input gives the same trees.
    """
    pool = pool.part(0, min(len(pool.rows), MAX_USERS))
    if len(pool.rows) < MIN_USERS:
        reason = f"{len(pool.rows)} users with a relevant candidate; learning takes {MIN_USERS}, so the blend stays"
        return LearnedBlend(None, reason, 0.0, 0.0)
    blended = np.zeros(pool.rows.shape, np.float32)
    for place, member in enumerate(blend.members):
        blended += np.float32(member.weight) * pool.table(place, member.norm)
    examples = [_example(pool, user, blended[user], holdout, facts) for user in range(len(pool.rows))]
    before = pool.gains(blended, measure)
    share, after = _cross_fitted(pool, examples, blended, measure, seed)
    scale = len(pool.rows) / max(1, pool.n_asked)
    values = float(before.mean()) * scale, float(after.mean()) * scale
    figures = f"{measure} {values[1]:.4f} against {values[0]:.4f} of the blend, {pool.n_asked} users"
    if not surely_better(after - before):
        return LearnedBlend(None, f"{figures}: not surely better, so the blend stays", *values)
    return LearnedBlend(RankedBlend(blend, _train(examples, seed), facts, share), figures, *values)


def _cross_fitted(
    pool: Pool, examples: Sequence[_Example], blended: Scores, measure: Measure, seed: int
) -> tuple[float, NDArray[np.float64]]:
    """The share that is best, and the measure of each user ranked by trees of the other half."""
    half = len(examples) // 2
    learned = [
        *predicted(_train(examples[half:], seed), [one.table for one in examples[:half]]),
        *predicted(_train(examples[:half], seed), [one.table for one in examples[half:]]),
    ]
    found = {}
    for share in SHARES:
        scores = blended.copy()
        for user, (example, told) in enumerate(zip(examples, learned, strict=True)):
            order = np.argsort(-mixed(told, example.blended, share), kind="stable")
            scores[user, example.places[order]] = example.blended
        found[share] = pool.gains(scores, measure)
    best = max(SHARES, key=lambda share: float(found[share].sum()))
    return best, found[best]


def _example(pool: Pool, user: int, blended: Scores, holdout: Holdout, facts: ItemFacts) -> _Example:
    """The best DEPTH candidates, the best first."""
    places = np.argsort(-blended, kind="stable")[:DEPTH]
    places = places[blended[places] > 0]
    raw, scales = pool.raw[:, user, places], [scale.of(slice(user, user + 1)) for scale in pool.scales]
    history = holdout.histories[pool.users[user]]
    table = features_of(raw, scales, blended[places], pool.rows[user, places], history, facts)
    first, last = np.searchsorted(pool.relevant_users, [user, user + 1])
    labels = np.isin(places, pool.relevant_places[first:last]).astype(np.int64)
    return _Example(table, blended[places], places, labels)


def _train(examples: Sequence[_Example], seed: int) -> lightgbm.Booster:
    taught = [one for one in examples if one.labels.any()]
    rows = lightgbm.Dataset(
        np.concatenate([one.table for one in taught]),
        np.concatenate([one.labels for one in taught]),
        group=[len(one.table) for one in taught],
    )
    return lightgbm.train(_TREES | {"seed": seed}, rows)
