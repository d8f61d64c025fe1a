"""What comes next, by a Transformer without softmax in its attention."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aisle.recommenders.sequence_model import SequenceModel

if TYPE_CHECKING:
    from torch import nn


@dataclass(kw_only=True, eq=False)
class Hstu(SequenceModel):
    """Layers of transformer.HstuBlock, which need no times; otherwise as SasRec. Fields and answers: SequenceModel.

    Source: Zhai et al., Actions speak louder than words, ICML 2024.
    """

    name = "hstu"

    def blocks(self) -> "list[nn.Module]":
        """Causal layers of pointwise attention."""
        # this module brings PyTorch, which serving must not wait for
        from aisle.recommenders.transformer import HstuBlock  # noqa: PLC0415

        return [HstuBlock(self.dim, self.heads, self.dropout, self.length) for _ in range(self.layers)]
