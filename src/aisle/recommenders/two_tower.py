"""A tower for people and one for items, which meet in one product: what a nearest-neighbour index can serve."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aisle.recommenders.protocol import History
from aisle.recommenders.sequence_model import SequenceModel
from aisle.types import Vectors

if TYPE_CHECKING:
    from torch import nn


@dataclass(kw_only=True, eq=False)
class TwoTower(SequenceModel):
    """Scores softmax over i of temperature * cos(u(h), v(i)): the user's tower against the item's.

    The item's tower adds a vector of its own and a projection of its `features` (text vector, category, price);
    in learning its own is dropped at random (`alone`), so a new item is found by its description. The user's tower is
    a weighted mean of the items of the history, weighed by what they are and how long ago they were
    (pooling.Pool, `heads` of them side by side), and `layers` feed-forward layers on top.

    Each step tells the items that were chosen from those chosen by others in the step and from `negatives`
    drawn evenly; -log of an item's chance to be among them is added to its score, so that popular items, which are
    there more often, are not held down for it (logQ correction).

    Sources: Covington et al., Deep neural networks for YouTube recommendations, RecSys 2016 (the towers); Yi et
    al., Sampling-bias-corrected neural modeling for large corpus item recommendations, RecSys 2019 (the
    correction); Yang et al., Mixed negative sampling, WWW Companion 2020. Fields and answers: SequenceModel.
    """

    name = "two_tower"

    layers: int = 1
    heads: int = 4
    negatives: int = 1_024

    def blocks(self) -> "list[nn.Module]":
        """The user's tower: pooling, then feed-forward layers."""
        # this module brings PyTorch, which serving must not wait for
        from aisle.recommenders.pooling import Perceptron, Pool  # noqa: PLC0415

        return [
            Pool(self.dim, self.heads, self.length),
            *(Perceptron(self.dim, self.dropout) for _ in range(self.layers)),
        ]

    def user_vectors(self, histories: Sequence[History]) -> Vectors:
        """(len(histories), dim) float32: what to multiply `outputs_` with; zeros where nothing known was chosen."""
        vectors = np.zeros((len(histories), self.dim), np.float32)
        asked = [self.places(history) for history in histories]
        told = [at for at, places in enumerate(asked) if len(places)]
        if told and len(self.graph_):
            vectors[told] = self.hidden([asked[at] for at in told])
        return vectors
