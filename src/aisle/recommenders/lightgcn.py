"""Taste as what flows in from what was chosen, over a graph of people and items: learned with PyTorch."""

from dataclasses import dataclass
from typing import Any

from aisle.errors import InputError
from aisle.recommenders.learning import Progress
from aisle.recommenders.protocol import Holdout
from aisle.recommenders.taste_model import TasteModel


@dataclass(kw_only=True, eq=False)
class LightGcn(TasteModel):
    """Scores softmax over i of temperature * cos(t, v(i)), where t = x D^-1/2 V is the taste.

    V is the mean of E, P E, ... P^layers E: E is learned, P = R'R is two steps through the graph, from items to
    people to items, where R = C^-1/2 X D^-1/2 and C and D hold the sums of the rows and columns of X: a person
    of many choices and an item of many people pass on less. X is `choices`, the square root of summed weights,
    x that of the history. E is learned by the sampled softmax: every choice of a user
    must stand out against `negatives` items drawn evenly, given the user's other choices and the graph of all
    people but those asked. Learning starts from the main directions of all choices. Fields and answers: TasteModel.

    People have no vector of their own, so a history that nobody had before is answered as well as any. It is
    the published model at 2 * layers + 1 layers with 0 for what it learns of people: then odd layers of items
    and even layers of people are 0, and the means over layers are V and, but for a factor, R V.

    Memory: 4 * factors + 4 bytes an item; while learning about ten times that, 16 bytes a choice, and 150 MB.

    Sources: He et al., LightGCN: Simplifying and powering graph convolution network for recommendation, SIGIR
    2020; Wu et al., On the effectiveness of sampled softmax loss for item recommendation, TOIS 2024 (the loss).
    """

    name = "lightgcn"

    layers: int = 1
    """Trips from items to people and back that V gathers; 0 leaves the graph out."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.layers < 0:
            raise InputError(f"layers={self.layers}; expected at least 0")

    def _teach(self, chosen: Any, holdout: Holdout | None, progress: Progress | None) -> None:
        # this module brings PyTorch, which serving must not wait for
        from aisle.recommenders.lightgcn_learning import teach  # noqa: PLC0415

        teach(self, chosen, holdout, progress)
