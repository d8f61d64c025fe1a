"""Taste as what flows in from what was chosen, over a graph of people and items: learned with PyTorch."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError, ReleaseError
from aisle.recommenders.files import read_arrays, write_arrays
from aisle.recommenders.learning import Course, Learned, Progress
from aisle.recommenders.matrices import answers, choices
from aisle.recommenders.protocol import History, Holdout, Interactions
from aisle.recommenders.tastes import chances
from aisle.types import Candidates, Rows, Scores, Vectors

_NOTHING: NDArray[np.float32] = np.empty(0, np.float32)


@dataclass(kw_only=True, eq=False)
class LightGcn:
    """Scores softmax over i of temperature * cos(t, v(i)), where t = x D^-1/2 V is the taste.

    V is the mean of E, P E, ... P^layers E: E is learned, P = R'R is two steps through the graph, from items to
    people to items, where R = C^-1/2 X D^-1/2 and C and D hold the sums of the rows and columns of X: a person
    of many choices and an item of many people pass on less. X is `choices`, the square root of summed weights,
    x that of the history. A dislike pushes away. E is learned by the sampled softmax: every choice of a user
    must stand out against `negatives` items drawn evenly, given the user's other choices and the graph of all
    people but those asked. Learning starts from the main directions of all choices. An empty history, or one of
    unknown rows or dislikes alone, gets no candidates.

    People have no vector of their own, so a history that nobody had before is answered as well as any. It is
    the published model at 2 * layers + 1 layers with 0 for what it learns of people: then odd layers of items
    and even layers of people are 0, and the means over layers are V and, but for a factor, R V.

    Memory: 4 * factors + 4 bytes an item; while learning about ten times that, 16 bytes a choice, and 150 MB.

    Sources: He et al., LightGCN: Simplifying and powering graph convolution network for recommendation, SIGIR
    2020; Wu et al., On the effectiveness of sampled softmax loss for item recommendation, TOIS 2024 (the loss).
    Raises InputError when a value is out of range.
    """

    name = "lightgcn"

    factors: int = 64
    """Width of the vectors."""
    layers: int = 1
    """Trips from items to people and back that V gathers; 0 leaves the graph out."""
    temperature: float = 10.0
    """What cosines are multiplied by."""
    negatives: int = 1024
    """Items drawn for each step."""
    batch: int = 512
    """Users learned from in one step."""
    targets: int = 16
    """Most choices of one user to predict in one step, drawn at random."""
    epochs: int = 30
    patience: int = 3
    budget_s: float = math.inf
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    """See learning.Course for these five."""
    seed: int = 0

    vectors_: Vectors = field(init=False, default_factory=lambda: np.empty((0, 0), np.float32))
    """(n_items, factors) float32, V with each row at length 1."""
    shares_: NDArray[np.float32] = field(init=False, default_factory=lambda: _NOTHING)
    """(n_items,) float32, the lengths of V D^-1/2: how much each item says; 0 for one that nobody chose."""
    learned_: Learned = field(init=False, default=Learned((), 0, "not fitted"))
    """How learning went; not kept by `save`."""

    def __post_init__(self) -> None:
        counts = {name: getattr(self, name) for name in ("factors", "negatives", "batch", "targets")}
        low = [f"{name}={value}" for name, value in counts.items() if value < 1]
        if low or not self.temperature > 0:
            raise InputError(f"{', '.join(low) or f'temperature={self.temperature}'}; expected above 0")
        if self.layers < 0:
            raise InputError(f"layers={self.layers}; expected at least 0")
        _ = self.course  # checks its part

    @property
    def course(self) -> Course:
        """How it learns."""
        return Course(
            epochs=self.epochs,
            patience=self.patience,
            budget_s=self.budget_s,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            warmup_steps=20,
        )

    def fit(self, interactions: Interactions, holdout: Holdout | None = None, progress: Progress | None = None) -> Self:
        """Learn to tell what a user chose from the user's other choices; users of one choice tell nothing.

        With a `holdout`, keep the epoch of its best NDCG@10 and stop early.
        """
        chosen = choices(interactions)
        self.vectors_ = np.zeros((interactions.n_items, self.factors), np.float32)
        self.shares_ = np.zeros(interactions.n_items, np.float32)
        self.learned_ = Learned((), 0, "nobody chose two items")
        if (np.diff(chosen.indptr) > 1).any():
            # this module brings PyTorch, which serving must not wait for
            from aisle.recommenders.lightgcn_learning import teach  # noqa: PLC0415

            teach(self, chosen, holdout, progress)
        return self

    def score(self, histories: Sequence[History]) -> Scores:
        """(len(histories), n_items) float32: the chance of each item to be chosen too."""
        return chances(histories, self.vectors_, self.shares_, np.zeros_like(self.shares_), self.temperature)

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        """The `k` items most likely to be chosen too, given each history."""
        return answers(self.score, histories, k, self.name, exclude)

    def save(self, folder: Path) -> None:
        """Write vectors and settings to `folder`/lightgcn.npz."""
        settings = {one.name: getattr(self, one.name) for one in fields(self) if one.init}
        write_arrays(folder, self.name, settings=json.dumps(settings), vectors=self.vectors_, shares=self.shares_)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote; PyTorch is not needed. Raises ReleaseError when the file is missing or damaged."""
        settings, vectors, shares = read_arrays(folder, cls.name, "settings", "vectors", "shares")
        try:
            model = cls(**json.loads(str(settings)))
        except (ValueError, TypeError) as error:
            raise ReleaseError(f"the settings of {folder / cls.name}.npz are damaged: {error}; build again") from error
        model.vectors_, model.shares_ = vectors, shares
        return model
