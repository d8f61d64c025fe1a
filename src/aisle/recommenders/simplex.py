"""Taste as the mean of what was chosen, in a space where it points at what else is chosen: learned with PyTorch."""

from dataclasses import dataclass
from typing import Any

from aisle.recommenders.learning import Progress
from aisle.recommenders.protocol import Holdout
from aisle.recommenders.taste_model import TasteModel


@dataclass(kw_only=True, eq=False)
class SimpleX(TasteModel):
    """Scores softmax over i of temperature * cos(t, v(i)) + b(i), where t = sum of x(j) a(j) v(j) / |v(j)|.

    Taste t is the mean of the vectors of what was chosen, each with a learned share a(j): what everybody
    chooses says little. Vectors, shares and b are learned by the sampled softmax: every choice of a user must
    stand out against `negatives` items drawn evenly, given the user's other choices. Learning starts from the
    main directions of all choices. Fields and answers: TasteModel.

    Sources: Mao et al., SimpleX: A simple and strong baseline for collaborative filtering, CIKM 2021 (mean of
    the history, cosine); Wu et al., On the effectiveness of sampled softmax loss for item recommendation, TOIS
    2024 (the loss).
    """

    name = "simplex"

    factors: int = 128
    learning_rate: float = 3e-3

    def _teach(self, chosen: Any, holdout: Holdout | None, progress: Progress | None) -> None:
        # this module brings PyTorch, which serving must not wait for
        from aisle.recommenders.simplex_learning import teach  # noqa: PLC0415

        teach(self, chosen, holdout, progress)
