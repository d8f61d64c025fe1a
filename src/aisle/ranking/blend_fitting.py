"""From what users of a holdout chose to the weights of a blend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aisle.ranking.blend import Blend, Member
from aisle.ranking.norms import Norm
from aisle.ranking.pool import Measure, Pool, Table
from aisle.recommenders import Recommender
from aisle.types import Scores

FIRST_STEPS = (0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 4.0)
"""Weights tried for a model that joins, beside 1 of the best model."""
STEPS = (0.5, 0.7, 0.85, 0.95, 1.05, 1.2, 1.4, 2.0)
"""Factors tried on a weight."""
ROUNDS = 3
SURE = 2.0
"""Standard errors by which a model must help to join: with one, noise joins now and then."""
CHOICE: tuple[Norm, ...] = ("share", "root", "log", "mass", "z")
"""Norms that are compared; the others never won where we measured."""
NDCG = Measure()
Weights = dict[int, float]
"""Weight by the place of the model."""
Norms = tuple[Norm, ...]
"""Norm of each model."""


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """A pool with its halves: what joins must help in both."""

    pool: Pool
    halves: tuple[Pool, Pool]
    measure: Measure
    models: Sequence[int]
    """Places of the models, the best one first."""

    def table(self, model: int, norms: Norms) -> Table:
        return self.pool.table(model, norms[model])

    def mixed(self, weights: Mapping[int, float], norms: Norms) -> Scores:
        total = np.zeros(self.pool.rows.shape, np.float32)
        for model, weight in weights.items():
            total += np.float32(weight) * self.table(model, norms)
        return total

    def value(self, weights: Mapping[int, float], norms: Norms) -> float:
        return self.pool.mean(self.mixed(weights, norms), self.measure)


def fit_blend(
    models: Sequence[Recommender], pool: Pool, *, measure: Measure = NDCG, norms: Sequence[Norm] = CHOICE
) -> Blend:
    """The blend of `models` that foresees best what the users of `pool` chose, a pool of these models in this order.

    The models were fitted on other events. It starts at the best model alone, so that on the pool it is never
    worse. Each other model joins with the weight that is best on one half of the users only when that helps on
    the other half, both ways. Then weights and norms climb one after another, and models are dropped that
    nobody misses. `Blend.quality` holds the measure of every model and of the blend over the users drawn.
    """
    alone = [pool.mean(raw, measure) for raw in pool.raw]
    order = sorted(range(len(models)), key=lambda model: -alone[model])
    half = len(pool.rows) // 2
    task = _Task(pool, (pool.part(0, half), pool.part(half, len(pool.rows))), measure, order)
    found = [_selected(task, (norm,) * len(models)) for norm in norms]
    value, weights, chosen = max(found, key=lambda one: one[0])
    value, weights, chosen = _renormed(task, value, weights, chosen, norms)
    value, weights = _pruned(task, value, weights, chosen)
    if value < alone[order[0]]:
        value, weights = alone[order[0]], {order[0]: 1.0}
    total = sum(weights.values())
    shares = [float(f"{weights.get(place, 0.0) / total:.4g}") for place in range(len(models))]
    members = [Member(*of) for of in zip(models, shares, chosen, strict=True)]
    quality = {f"{measure}, {model.name}": alone[place] for place, model in enumerate(models)}
    return Blend(members, quality=quality | {f"{measure}, blend": value})


def _selected(task: _Task, norms: Norms) -> tuple[float, Weights, Norms]:
    """Models join one after another, the most helpful first, until none helps in both halves."""
    weights: Weights = {task.models[0]: 1.0}
    value = task.value(weights, norms)
    left = list(task.models[1:])
    while left:
        base = task.mixed(weights, norms)
        gains = {model: _cross_gain(task, base, task.table(model, norms)) for model in left}
        best = max(left, key=lambda model: gains[model])
        if gains[best] <= 0:
            break
        left.remove(best)
        value, weight = _best_step(task.pool, task.measure, base, task.table(best, norms), FIRST_STEPS)
        weights[best] = weight
        value, weights = _climbed(task, value, weights, norms)
        mean = sum(weights.values()) / len(weights)
        weights = {model: weight / mean for model, weight in weights.items()}
    return value, weights, norms


def _cross_gain(task: _Task, base: Scores, table: Table) -> float:
    """What a model brings on one half of the users with the weight that is best on the other, both ways.

    0 unless it helps in both halves and surely: by more than SURE standard errors over all users.
    """
    middle = len(task.halves[0].rows)
    parts = [(slice(0, middle), task.halves[0]), (slice(middle, None), task.halves[1])]
    gains = []
    for (own, pool), (other, judge) in (parts, parts[::-1]):
        _, weight = _best_step(pool, task.measure, base[own], table[own], FIRST_STEPS)
        after = judge.gains(base[other] + np.float32(weight) * table[other], task.measure)
        gains.append(after - judge.gains(base[other], task.measure))
    both = np.concatenate(gains)
    surely = both.sum() > SURE * np.sqrt(len(both)) * both.std() if len(both) else False
    return float(both.sum()) if surely and all(gain.sum() > 0 for gain in gains) else 0.0


def _best_step(pool: Pool, measure: Measure, base: Scores, table: Table, steps: Sequence[float]) -> tuple[float, float]:
    """The best value, and the weight of `table` that gives it."""
    return max((pool.mean(base + np.float32(step) * table, measure), step) for step in steps)


def _climbed(task: _Task, value: float, weights: Weights, norms: Norms) -> tuple[float, Weights]:
    """Coordinate ascent: one weight after another, until nothing gets better."""
    weights = dict(weights)
    for _ in range(ROUNDS):
        before = value
        for model in weights:
            rest = task.mixed({other: weight for other, weight in weights.items() if other != model}, norms)
            steps = [weights[model] * step for step in STEPS]
            best, weight = _best_step(task.pool, task.measure, rest, task.table(model, norms), steps)
            if best > value:
                value, weights[model] = best, weight
        if value <= before:
            break
    return value, weights


def _renormed(
    task: _Task, value: float, weights: Weights, norms: Norms, choice: Sequence[Norm]
) -> tuple[float, Weights, Norms]:
    """Each model in turn takes another norm where that helps in both halves."""
    for model in list(weights) if len(weights) > 1 else []:
        rest = task.mixed({other: weight for other, weight in weights.items() if other != model}, norms)
        before = _half_values(task, rest + np.float32(weights[model]) * task.table(model, norms))
        for norm in choice:
            table = task.pool.table(model, norm)
            steps = [weights[model] * step for step in (0.25, *FIRST_STEPS)]
            best, weight = _best_step(task.pool, task.measure, rest, table, steps)
            after = _half_values(task, rest + np.float32(weight) * table)
            if best > value and (after > before).all():
                value, weights = best, weights | {model: weight}
                norms, before = (*norms[:model], norm, *norms[model + 1 :]), after
    return (*_climbed(task, value, weights, norms), norms)


def _half_values(task: _Task, scores: Scores) -> NDArray[np.float64]:
    middle = len(task.halves[0].rows)
    return np.array(
        [task.halves[0].mean(scores[:middle], task.measure), task.halves[1].mean(scores[middle:], task.measure)]
    )


def _pruned(task: _Task, value: float, weights: Weights, norms: Norms) -> tuple[float, Weights]:
    """Without the models that nobody misses, the weakest first."""
    for model in reversed(task.models):
        if model in weights and len(weights) > 1:
            rest = {other: weight for other, weight in weights.items() if other != model}
            found = _climbed(task, task.value(rest, norms), rest, norms)
            if found[0] >= value:
                value, weights = found
    return value, weights
