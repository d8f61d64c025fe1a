"""What models share that read a history as one vector, the taste, and score by cosines: learned with PyTorch."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

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
_LEARNED = ("vectors", "shares", "biases")


@dataclass(kw_only=True, eq=False)
class TasteModel:
    """Scores softmax over i of temperature * cos(t, v(i)) + b(i), where t = sum of x(j) a(j) v(j); see `chances`.

    x is `choices`, the square root of summed weights; a dislike pushes away. There is no vector of a user, so a
    history that nobody had before is answered as well as any. An empty history, or one of unknown rows or
    dislikes alone, gets no candidates. A subclass says how v, a and b are learned. Raises InputError when a value
    is out of range.
    """

    name = ""

    factors: int = 64
    """Width of the vectors."""
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
    """(n_items, factors) float32, of length 1."""
    shares_: NDArray[np.float32] = field(init=False, default_factory=lambda: _NOTHING)
    """(n_items,) float32, how much each item says about a taste; 0 for one that nobody chose."""
    biases_: NDArray[np.float32] = field(init=False, default_factory=lambda: _NOTHING)
    """(n_items,) float32, how much each item is chosen whatever the taste."""
    learned_: Learned = field(init=False, default=Learned((), 0, "not fitted"))
    """How learning went; not kept by `save`."""

    def __post_init__(self) -> None:
        counts = {name: getattr(self, name) for name in ("factors", "negatives", "batch", "targets")}
        low = [f"{name}={value}" for name, value in counts.items() if value < 1]
        if low or not self.temperature > 0:
            raise InputError(f"{', '.join(low) or f'temperature={self.temperature}'}; expected above 0")
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
        self.biases_ = np.zeros(interactions.n_items, np.float32)
        self.learned_ = Learned((), 0, "nobody chose two items")
        if (np.diff(chosen.indptr) > 1).any():
            self._teach(chosen, holdout, progress)
        return self

    def score(self, histories: Sequence[History]) -> Scores:
        """(len(histories), n_items) float32: the chance of each item to be chosen too."""
        return chances(histories, self.vectors_, self.shares_, self.biases_, self.temperature)

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        """The `k` items most likely to be chosen too, given each history."""
        return answers(self.score, histories, k, self.name, exclude)

    def save(self, folder: Path) -> None:
        """Write vectors and settings to `folder`/`name`.npz."""
        settings = {one.name: getattr(self, one.name) for one in fields(self) if one.init}
        arrays = {key: getattr(self, f"{key}_") for key in _LEARNED}
        write_arrays(folder, self.name, settings=json.dumps(settings), **arrays)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote; PyTorch is not needed. Raises ReleaseError when the file is missing or damaged."""
        settings, *arrays = read_arrays(folder, cls.name, "settings", *_LEARNED)
        try:
            model = cls(**json.loads(str(settings)))
        except (ValueError, TypeError) as error:
            raise ReleaseError(f"the settings of {folder / cls.name}.npz are damaged: {error}; build again") from error
        model.vectors_, model.shares_, model.biases_ = arrays
        return model

    def _teach(self, chosen: Any, holdout: Holdout | None, progress: Progress | None) -> None:
        """Learn vectors, shares and biases from `chosen`, (n_users, n_items) sparse, where somebody chose two items."""
        raise NotImplementedError
