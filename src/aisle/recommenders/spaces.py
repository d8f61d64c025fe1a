"""Where to look for better hyper-parameters of each model. Every space holds the model's own defaults."""

import math
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from aisle.recommenders.protocol import Interactions

LONG_HISTORIES = 60
"""Mean events of a user above which a network looks further back."""
MANY_ITEMS = 20_000
"""Items above which a network learns against a sample of them."""


class Trial(Protocol):
    """Draws values; what `optuna.trial.Trial` does."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """A number from `low` to `high`."""
        ...

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """A whole number from `low` to `high`."""
        ...

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        """One of `choices`."""
        ...


Params = dict[str, Any]


def nothing(trial: Trial) -> Params:
    """No hyper-parameters."""
    return {}


def popularity(trial: Trial) -> Params:
    """How fast the past is forgotten."""
    return {"half_life_days": trial.suggest_categorical("half_life_days", (1.0, 2.0, 7.0, 14.0, 30.0, 90.0, math.inf))}


def item_knn(trial: Trial) -> Params:
    """Neighbours, and how much the newest of a history counts."""
    return {
        "neighbors": trial.suggest_int("neighbors", 50, 400, log=True),
        "shrinkage": trial.suggest_float("shrinkage", 1.0, 100.0, log=True),
        "recency": trial.suggest_float("recency", 0.3, 1.0),
    }


def user_knn(trial: Trial) -> Params:
    """Neighbours, and how much the newest of a history counts."""
    return {
        "neighbors": trial.suggest_int("neighbors", 50, 500, log=True),
        "shrinkage": trial.suggest_float("shrinkage", 1.0, 50.0, log=True),
        "recency": trial.suggest_float("recency", 0.4, 1.0),
    }


def markov(trial: Trial) -> Params:
    """How far a step reaches, and how far one looks back."""
    return {
        "order": trial.suggest_categorical("order", (1, 3)),
        "window": trial.suggest_int("window", 2, 10, log=True),
        "decay": trial.suggest_float("decay", 0.4, 0.9),
        "shrinkage": trial.suggest_float("shrinkage", 5.0, 50.0, log=True),
        "symmetry": trial.suggest_float("symmetry", 0.0, 0.7),
        "recency": trial.suggest_float("recency", 0.2, 0.8),
    }


def associations(trial: Trial) -> Params:
    """What counts as a rule."""
    return {
        "support": trial.suggest_int("support", 1, 5),
        "measure": trial.suggest_categorical("measure", ("confidence", "lift")),
    }


def session_knn(trial: Trial) -> Params:
    """How many sessions vote, and how place, age, length and repetition count."""
    return {
        "neighbors": trial.suggest_int("neighbors", 100, 1_500, log=True),
        "recency": trial.suggest_float("recency", 0.3, 0.9),
        "half_life": trial.suggest_float("half_life", 0.1, 4.0, log=True),
        "length_power": trial.suggest_float("length_power", 0.0, 0.8),
        "nearness": trial.suggest_float("nearness", 0.4, 1.0),
        "backward": trial.suggest_float("backward", 0.0, 1.0),
        "repeat": trial.suggest_float("repeat", 0.0, 1.0),
    }


def ease(trial: Trial) -> Params:
    """How much is shrunk, and how much users of many choices count."""
    return {
        "l2": trial.suggest_float("l2", 50.0, 5_000.0, log=True),
        "dropout": trial.suggest_float("dropout", 0.0, 0.8),
        "balance": trial.suggest_float("balance", 0.0, 1.0),
    }


def slim(trial: Trial) -> Params:
    """How much is shrunk, how much set to nothing, and how much users of many choices count."""
    return {
        "neighbors": trial.suggest_int("neighbors", 50, 300, log=True),
        "l1": trial.suggest_float("l1", 0.05, 10.0, log=True),
        "l2": trial.suggest_float("l2", 1.0, 200.0, log=True),
        "balance": trial.suggest_float("balance", 0.0, 1.0),
    }


def als(trial: Trial) -> Params:
    """Size of the vectors, trust in what was chosen."""
    return {
        "factors": trial.suggest_categorical("factors", (64, 128, 256)),
        "alpha": trial.suggest_float("alpha", 1.0, 40.0, log=True),
        "l2": trial.suggest_float("l2", 1.0, 300.0, log=True),
    }


def svd(trial: Trial) -> Params:
    """Directions that are kept, and how much the popular are held back."""
    return {
        "factors": trial.suggest_int("factors", 16, 1_024, log=True),
        "discount": trial.suggest_float("discount", 0.0, 1.0),
    }


def graph_filter(trial: Trial) -> Params:
    """Directions that are kept, and how the filter falls off."""
    return {
        "factors": trial.suggest_categorical("factors", (64, 128, 256, 512)),
        "ideal": trial.suggest_float("ideal", 0.02, 1.0, log=True),
        "sharpness": trial.suggest_float("sharpness", 0.0, 1.5),
        "discount": trial.suggest_float("discount", 0.2, 0.6),
    }


def simplex(trial: Trial) -> Params:
    """Size of the vectors, and how sharply they part."""
    return {
        "factors": trial.suggest_categorical("factors", (64, 128, 256)),
        "temperature": trial.suggest_float("temperature", 5.0, 20.0, log=True),
        "learning_rate": trial.suggest_float("learning_rate", 1e-3, 2e-2, log=True),
    }


def lightgcn(trial: Trial) -> Params:
    """Size of the vectors, how far the graph reaches, and how sharply they part."""
    return {
        "factors": trial.suggest_categorical("factors", (64, 128, 256)),
        "layers": trial.suggest_int("layers", 0, 3),
        "temperature": trial.suggest_float("temperature", 5.0, 20.0, log=True),
        "learning_rate": trial.suggest_float("learning_rate", 3e-4, 1e-2, log=True),
    }


def transformer(trial: Trial) -> Params:
    """Size and noise of a network that reads sequences."""
    return {
        "dim": trial.suggest_categorical("dim", (64, 96, 128)),
        "layers": trial.suggest_int("layers", 1, 3),
        "dropout": trial.suggest_float("dropout", 0.1, 0.6),
        "learning_rate": trial.suggest_float("learning_rate", 5e-4, 5e-3, log=True),
        "smoothing": trial.suggest_categorical("smoothing", (0.0, 0.05, 0.1)),
        "temperature": trial.suggest_categorical("temperature", (0.0, 12.0, 16.0)),
    }


def two_tower(trial: Trial) -> Params:
    """Size and noise of two towers, and how many items they are told from."""
    return {
        "dim": trial.suggest_categorical("dim", (64, 96, 128)),
        "layers": trial.suggest_int("layers", 1, 2),
        "dropout": trial.suggest_float("dropout", 0.1, 0.6),
        "learning_rate": trial.suggest_float("learning_rate", 5e-4, 5e-3, log=True),
        "negatives": trial.suggest_categorical("negatives", (1_024, 4_096)),
        "temperature": trial.suggest_categorical("temperature", (8.0, 12.0, 16.0)),
    }


def generative(trial: Trial) -> Params:
    """How items are coded, and size and noise of the network that spells them."""
    return {
        "codes": trial.suggest_categorical("codes", (64, 256, 512)),
        "levels": trial.suggest_int("levels", 2, 3),
        "dim": trial.suggest_categorical("dim", (64, 96, 128)),
        "layers": trial.suggest_int("layers", 1, 3),
        "dropout": trial.suggest_float("dropout", 0.1, 0.6),
        "learning_rate": trial.suggest_float("learning_rate", 5e-4, 5e-3, log=True),
    }


def no_fit(log: Interactions) -> Params:
    """Nothing depends on the log."""
    return {}


def transformer_fit(log: Interactions) -> Params:
    """What a network that reads sequences needs for this log: its window, and a sample of large catalogues."""
    return window_fit(log) | ({"negatives": 4_096} if log.n_items > MANY_ITEMS else {})


def window_fit(log: Interactions) -> Params:
    """How far back to look in this log."""
    n_users = max(1, len(np.unique(log.users)))
    return {"length": 200} if len(log) / n_users > LONG_HISTORIES else {}
