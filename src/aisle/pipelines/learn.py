"""From a shop's events to the recommenders of a release: models, the weights of their blend, trees over it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from aisle.evaluation.tuning import fit
from aisle.ranking.blend_features import ItemFacts
from aisle.ranking.blend_fitting import fit_blend
from aisle.ranking.blend_learning import learn_blend
from aisle.ranking.pool import make_pool
from aisle.ranking.ranked_blend import AnyBlend, RankedBlend
from aisle.recommenders import (
    Associations,
    CategoryPopularity,
    History,
    Interactions,
    ItemKnn,
    Popularity,
    Recommender,
    Rising,
    histories_of,
)
from aisle.recommenders.interactions import KIND_CODES
from aisle.recommenders.models import MODELS, model_kind
from aisle.recommenders.next_kind import next_kinds_of
from aisle.recommenders.protocol import NOTHING, Holdout
from aisle.releases import Recommenders, ShelfModels
from aisle.settings import RecommendSettings
from aisle.types import Vectors

MIN_USERS = 100
"""Users with a next choice that weights are fitted on at least; with fewer they are the usual ones."""
MAX_USERS = 2_000
"""Users that weights are fitted on: more make them hardly better, and builds slower."""
Progress = Callable[[int, int], None]
Params = Mapping[str, Mapping[str, Any]]
"""Hyper-parameters by model."""


def learn_recommenders(
    log: Interactions,
    by_text: Sequence[Recommender],
    settings: RecommendSettings,
    tuned: Params | None = None,
    features: Vectors | None = None,
    progress: Progress = lambda done, total: None,
) -> Recommenders:
    """The models of `settings.models`, and those that tuning chose, fitted on `log` and blended.

    Weights are measured: models learn without the last choice of each user and foresee it. Those
    that do not help are not kept. `by_text` are models that an encoder makes and not the log (content, user_text),
    `features` what networks read of items beside behaviour: see `item_features`.
    Raises InputError for an unknown model.
    """
    whole = _Shop(log, by_text, features, _params(settings, tuned or {}), settings.learned)
    names = _names(settings, tuned or {})
    train, holdout = last_choices(log, settings)
    blend = _measured(train, holdout, whole, names, progress) if len(holdout) >= MIN_USERS else None
    own = [member.model for member in blend.members] if blend else []
    popularity = next((model for model in own if isinstance(model, Popularity)), None)
    item_knn = next((model for model in own if isinstance(model, ItemKnn)), None)
    popularity = popularity or Popularity(**whole.params["popularity"]).fit(log)
    item_knn = item_knn or ItemKnn(**whole.params["item_knn"]).fit(log)
    return Recommenders(popularity, item_knn, blend)


def learn_shelves(
    log: Interactions, categories: NDArray[np.int64], products: NDArray[np.int64], settings: RecommendSettings
) -> ShelfModels:
    """The models behind single shelves, fitted on the whole `log`.

    `categories` and `products` are (n_items,) int64, see `category_numbers` and `product_rows`. Rules are those of
    purchases alone: what is looked at together is not bought together. They hold between products, since a single
    size or colour is seldom bought twice. Raises InputError unless there is a category for each item.
    """
    return ShelfModels(
        rising=Rising().fit(log),
        associations=_rules(_kept(log, _is_purchase(log)), products),
        category_popularity=CategoryPopularity(categories, half_life_days=settings.half_life_days).fit(log),
        next_kind=next_kinds_of(log) if log.kinds is not None and len(log) else None,
    )


def _rules(bought: Interactions, products: NDArray[np.int64]) -> Associations:
    """What products go together, told of all their variants."""
    learned = Associations().fit(replace(bought, rows=products[bought.rows]))
    shape = len(products), len(products)
    if learned.rules_.shape == shape:
        variants = sparse.csr_matrix((np.ones(len(products), np.float32), (np.arange(len(products)), products)), shape)
        learned.rules_ = (variants @ learned.rules_ @ variants.T).tocsr()
        learned.rules_.sort_indices()  # of variants alike the first comes first
    return learned


def last_choices(log: Interactions, settings: RecommendSettings) -> tuple[Interactions, Holdout]:
    """The log without the last choice of each user and all that came with it or after, and those choices to foresee.

    A choice is the item that somebody liked for the first time last: to view, take and buy it is one
    choice, and to come back to it is none. Users who liked one item alone are only learned from.
    """
    liked = np.flatnonzero(log.weights > 0)
    pairs = log.users[liked] * np.int64(max(1, log.n_items)) + log.rows[liked]
    first = np.sort(liked[np.unique(pairs, return_index=True)[1]])
    last, n_chosen = np.full(log.n_users, len(log)), np.bincount(log.users[first], minlength=log.n_users)
    last[log.users[first]] = first  # in the order of time: the last one stays
    last[n_chosen < 2] = len(log)
    kept = np.arange(len(log)) < last[log.users]
    train = _kept(log, kept)
    asked = np.flatnonzero(last < len(log))
    known = histories_of(train, settings)
    histories = [known[user] for user in asked]
    return train, Holdout(histories, [log.rows[last[user] : last[user] + 1] for user in asked], _seen(histories))


def _kept(log: Interactions, kept: NDArray[np.bool_]) -> Interactions:
    return replace(
        log,
        users=log.users[kept],
        rows=log.rows[kept],
        weights=log.weights[kept],
        times=log.times[kept],
        kinds=None if log.kinds is None else log.kinds[kept],
    )


def _is_purchase(log: Interactions) -> NDArray[np.bool_]:
    """(len(log),) bool; of a log without kinds nobody knows, so nothing is."""
    return np.zeros(len(log), bool) if log.kinds is None else log.kinds == KIND_CODES["purchase"]


def _measured(
    train: Interactions, holdout: Holdout, whole: "_Shop", names: Sequence[str], progress: Progress
) -> AnyBlend:
    models: list[Recommender] = []
    for place, name in enumerate(names):
        progress(place, len(names) + 1)
        models.append(replace(whole, log=train).fitted(name, holdout))
    epochs = {model.name: getattr(getattr(model, "learned_", None), "best", 0) for model in models}
    progress(len(names), len(names) + 1)
    pool = make_pool(models, holdout, max_users=MAX_USERS)
    blend = fit_blend(models, pool)
    own = pool.of([models.index(member.model) for member in blend.members])
    trees = learn_blend(blend, own, ItemFacts.of(train), holdout).ranker if whole.learned else None
    served = [whole.fitted(name, None, epochs[name]) for name in (member.model.name for member in blend.members)]
    blend = blend.using(*served)
    return blend if trees is None else RankedBlend(blend, trees.trees, ItemFacts.of(whole.log), trees.share)


@dataclass(frozen=True, slots=True)
class _Shop:
    """What models are made of."""

    log: Interactions
    by_text: Sequence[Recommender]
    features: Vectors | None
    params: Params
    learned: bool
    """Whether trees may order what the blend finds."""

    def fitted(self, name: str, holdout: Holdout | None = None, epochs: int = 0) -> Recommender:
        """One model; with a `holdout` it learns until that gets no better, else `epochs` long where it is said."""
        for model in self.by_text:
            if model.name == name:
                return model.fit(self.log)
        params = dict(self.params.get(name, {})) | ({"epochs": epochs} if epochs else {})
        return fit(model_kind(name), params, self.log, holdout=holdout, features=self.features)


def _names(settings: RecommendSettings, tuned: Params) -> list[str]:
    """Those of the settings, and networks that tuning has looked at: they cost too much to be tried unasked."""
    chosen = [kind.name for kind in map(model_kind, tuned) if kind.in_epochs]
    return list(dict.fromkeys([*settings.models, *chosen]))


def _params(settings: RecommendSettings, tuned: Params) -> dict[str, dict[str, Any]]:
    """What tuning found goes before what is set."""
    found = {name: dict(of) for name, of in tuned.items()}
    for kind in MODELS:
        if settings.processes > 1 and "processes" in kind.defaults:
            found.setdefault(kind.name, {})["processes"] = settings.processes
    knn = {"neighbors": settings.neighbors, "shrinkage": settings.shrinkage}
    return found | {
        "item_knn": knn | found.get("item_knn", {}),
        "popularity": {"half_life_days": settings.half_life_days} | found.get("popularity", {}),
    }


def _seen(histories: Sequence[History]) -> list[Any]:
    return [np.unique(history.rows) if len(history.rows) else NOTHING for history in histories]
