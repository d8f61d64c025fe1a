"""Every model there is, in one table: what it is for, how it learns, where to look for better hyper-parameters."""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from aisle.errors import InputError, nearest
from aisle.recommenders import spaces
from aisle.recommenders.als import Als
from aisle.recommenders.associations import Associations
from aisle.recommenders.bert4rec import Bert4Rec
from aisle.recommenders.ease import MAX_ITEMS as EASE_MAX_ITEMS
from aisle.recommenders.ease import Ease
from aisle.recommenders.generative import Generative
from aisle.recommenders.graph_filter import GraphFilter
from aisle.recommenders.hstu import Hstu
from aisle.recommenders.item_knn import ItemKnn
from aisle.recommenders.lightgcn import LightGcn
from aisle.recommenders.markov import Markov
from aisle.recommenders.popularity import Popularity, Trending
from aisle.recommenders.protocol import Interactions, Recommender
from aisle.recommenders.random import Random
from aisle.recommenders.rising import Rising
from aisle.recommenders.sasrec import SasRec
from aisle.recommenders.session_knn import SessionKnn
from aisle.recommenders.simplex import SimpleX
from aisle.recommenders.slim import Slim
from aisle.recommenders.svd import Svd
from aisle.recommenders.two_tower import TwoTower
from aisle.recommenders.user_knn import UserKnn

Task = Literal["next", "rest"]
"""What is asked: what somebody does next, in the order of time, or what else they like, in no order."""
BLEND = "blend"
"""The name of all models together, in options and reports."""


@dataclass(frozen=True, slots=True)
class ModelKind:
    """A model as a choice: everything but what it learned."""

    name: str
    make: Callable[..., Recommender]
    """Its class. Called with keywords only."""
    purpose: str
    """What it is for, in a sentence."""
    space: Callable[[spaces.Trial], spaces.Params] = spaces.nothing
    """Draws hyper-parameters from where the good ones are."""
    fit_to: Callable[[Interactions], spaces.Params] = spaces.no_fit
    """What must be set for a log such as this one, whatever is drawn."""
    starts: tuple[Mapping[str, Any], ...] = ()
    """Settings that were good elsewhere, tried right after the defaults."""
    in_epochs: bool = False
    """Whether it learns in epochs: slow, with `budget_s`, a holdout to stop on, and progress."""
    max_items: int | None = None
    """Largest catalogue that it can learn."""
    dear_from: int | None = None
    """From so many items on it takes minutes to learn, and is not among the usual ones."""
    usual: frozenset[Task] = frozenset()
    """The tasks for which it is evaluated unless models are named."""

    @property
    def defaults(self) -> dict[str, Any]:
        """What `make` takes where nothing is said, by name."""
        parameters = inspect.signature(self.make).parameters.values()
        return {one.name: one.default for one in parameters if one.default is not inspect.Parameter.empty}


_NEXT: frozenset[Task] = frozenset({"next"})
_REST: frozenset[Task] = frozenset({"rest"})
MODELS: tuple[ModelKind, ...] = (
    ModelKind("random", Random, "Any item: the floor below every other model."),
    ModelKind(
        "popularity",
        Popularity,
        "What most people choose: for shoppers whom nobody knows, and the least that a model must beat.",
        spaces.popularity,
    ),
    ModelKind(
        "trending", Trending, "Popularity with a short memory: what most people choose these days.", spaces.popularity
    ),
    ModelKind("rising", Rising, "What is chosen more often than before: for a shelf of trends."),
    ModelKind(
        "item_knn",
        ItemKnn,
        "What goes together: quick to learn, easy to explain, right for most shops.",
        spaces.item_knn,
        starts=({"neighbors": 400, "recency": 0.7}, {"neighbors": 400, "shrinkage": 50.0, "recency": 0.85}),
        usual=_NEXT | _REST,
    ),
    ModelKind(
        "user_knn",
        UserKnn,
        "What people like you chose: strong where histories are long and many.",
        spaces.user_knn,
        starts=({"neighbors": 50, "shrinkage": 15.0, "recency": 0.6},),
        usual=_NEXT | _REST,
    ),
    ModelKind(
        "markov",
        Markov,
        "What people do next: strong where the order of acts tells something, such as accessories after a phone.",
        spaces.markov,
        starts=(
            {"order": 1, "recency": 0.35, "symmetry": 0.1},
            {"order": 1, "recency": 0.35, "decay": 0.85, "shrinkage": 10.0, "symmetry": 0.4},
            {"order": 1, "recency": 0.35, "window": 10, "decay": 0.5, "shrinkage": 10.0},
            {"order": 3, "recency": 0.65, "symmetry": 0.4},
        ),
        usual=_NEXT,
    ),
    ModelKind(
        "associations",
        Associations,
        "What is bought together: rules of single baskets that a merchandiser can read.",
        spaces.associations,
    ),
    ModelKind(
        "session_knn",
        SessionKnn,
        "What visits like this one led to: for anonymous visitors and short visits.",
        spaces.session_knn,
        starts=(
            {"neighbors": 200, "recency": 0.7, "nearness": 0.7, "backward": 0.6, "repeat": 1.0, "length_power": 0.2},
            {"neighbors": 1_500, "recency": 0.4, "backward": 0.45, "repeat": 0.3},
        ),
        usual=_NEXT,
    ),
    ModelKind(
        "ease",
        Ease,
        "What else belongs to a history, all items weighed at once: the strongest simple model up to 20,000 items.",
        spaces.ease,
        max_items=EASE_MAX_ITEMS,
        dear_from=8_000,
        usual=_NEXT | _REST,
    ),
    ModelKind(
        "slim",
        Slim,
        "The same with few weights an item: for catalogues that EASE cannot hold.",
        spaces.slim,
        usual=_REST,
    ),
    ModelKind(
        "als",
        Als,
        "Taste as a vector, learned from what was chosen and what was not: for large, sparse logs.",
        spaces.als,
    ),
    ModelKind("svd", Svd, "Taste as the main directions of the log: fast, smooth, little memory.", spaces.svd),
    ModelKind(
        "graph_filter",
        GraphFilter,
        "What the graph of people and items says: the strongest quick model for large sparse catalogues.",
        spaces.graph_filter,
        usual=_NEXT | _REST,
    ),
    ModelKind(
        "simplex",
        SimpleX,
        "Vectors of items learned against many negatives at once: for what else belongs, where there is time to learn.",
        spaces.simplex,
        in_epochs=True,
        usual=_REST,
    ),
    ModelKind(
        "lightgcn",
        LightGcn,
        "Vectors of items learned through the graph of people and items: for sparse logs and time to learn.",
        spaces.lightgcn,
        in_epochs=True,
    ),
    ModelKind(
        "two_tower",
        TwoTower,
        "People and items as vectors that meet in one product: learns faster than a Transformer, knows new items.",
        spaces.two_tower,
        spaces.window_fit,
        in_epochs=True,
    ),
    ModelKind(
        "sasrec",
        SasRec,
        "What comes next, by a Transformer: the strongest single model where histories have an order.",
        spaces.transformer,
        spaces.transformer_fit,
        in_epochs=True,
        usual=_NEXT,
    ),
    ModelKind(
        "bert4rec",
        Bert4Rec,
        "A Transformer that reads both ways: an alternative to SASRec that learns more slowly.",
        spaces.transformer,
        spaces.transformer_fit,
        in_epochs=True,
    ),
    ModelKind(
        "hstu",
        Hstu,
        "A Transformer without softmax in its attention: an alternative to SASRec for long histories.",
        spaces.transformer,
        spaces.transformer_fit,
        in_epochs=True,
    ),
    ModelKind(
        "generative",
        Generative,
        "A Transformer that spells the next item code by code: few weights an item, knows new items by their codes.",
        spaces.generative,
        spaces.window_fit,
        in_epochs=True,
    ),
)
"""Every model, the cheapest first within its family."""
ALWAYS = ("random", "popularity")
"""Stand in every table, to compare with."""


def model_kind(name: str) -> ModelKind:
    """The row of that name. Raises InputError, naming the nearest, when there is none."""
    for kind in MODELS:
        if kind.name == name:
            return kind
    raise InputError(f"there is no model {name!r}; {nearest(name, [BLEND, *(kind.name for kind in MODELS)])}")


def usual_models(task: Task, n_items: int) -> tuple[str, ...]:
    """The names of the models to look at where nobody names any: those that are good at `task`, and their blend."""
    fit = [kind.name for kind in MODELS if task in kind.usual and (kind.dear_from is None or n_items < kind.dear_from)]
    return (*fit, BLEND)


def chosen_kinds(names: Iterable[str]) -> tuple[ModelKind, ...]:
    """The rows of these names and of `ALWAYS`, in the order of the table; "blend" is passed over.

    Raises InputError for an unknown name.
    """
    wanted = {model_kind(name).name for name in names if name != BLEND}.union(ALWAYS)
    return tuple(kind for kind in MODELS if kind.name in wanted)


def classes(kinds: Sequence[ModelKind] = MODELS) -> dict[str, Any]:
    """The class of each model by its name: what reads the files that a release holds."""
    return {kind.name: kind.make for kind in kinds}
