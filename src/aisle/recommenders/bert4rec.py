"""What is missing here, read from both sides: a Transformer that fills gaps, asked for the gap at the end."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aisle.errors import InputError
from aisle.recommenders.sequence_model import SequenceModel
from aisle.recommenders.sequences import Batch, cloze

if TYPE_CHECKING:
    from torch import nn


@dataclass(kw_only=True, eq=False)
class Bert4Rec(SequenceModel):
    """Self-attention in both directions; hidden rows are predicted from the others. Fields and answers: SequenceModel.

    Needs several times the epochs of SasRec, because each shows only the hidden rows to the loss
    (Petrov and Macdonald, A systematic review and replicability study of BERT4Rec, RecSys 2022).

    Source: Sun et al., BERT4Rec, CIKM 2019.
    """

    name = "bert4rec"
    causal = False

    hidden_share: float = 0.3
    """Share of the rows that are hidden."""
    last_share: float = 0.2
    """Share of the sequences in which only the last row is hidden, which is what serving asks for."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.hidden_share <= 1 or not 0 <= self.last_share <= 1 or self.length < 2:
            raise InputError(
                f"hidden_share={self.hidden_share}, last_share={self.last_share}, length={self.length}; "
                "expected 0 < hidden_share <= 1, 0 <= last_share <= 1 and a length of at least 2"
            )

    def blocks(self) -> "list[nn.Module]":
        """Transformer layers that look both ways."""
        # this module brings PyTorch, which serving must not wait for
        from aisle.recommenders.transformer import TransformerBlock  # noqa: PLC0415

        width = 4 * self.dim
        return [
            TransformerBlock(self.dim, self.heads, self.dropout, gated=False, inner=width) for _ in range(self.layers)
        ]

    def lesson(self, batch: Batch, question: int, rng: np.random.Generator) -> Batch:
        """The batch with gaps."""
        return cloze(batch, question, self.hidden_share, self.last_share, rng)
