"""What every encoder can do."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from aisle.types import Vectors


class Encoder(Protocol):
    """Texts in, vectors out: the same texts in one call always give the same vectors.

    A text's vector may depend a little on what is in the same pass: dynamic int8 rounds to the range of the pass. With
    all-MiniLM-L6-v2 cosines of .985 to 1 were seen between a text alone and in a pass of four.
    """

    @property
    def name(self) -> str:
        """What it is called in a release's manifest."""
        ...

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what shoppers typed, (n, dim) float32, L2-normalised."""
        ...

    def encode_items(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Vectors of item texts, (n, dim) float32, L2-normalised; `progress` hears of each batch's size."""
        ...

    def save(self, folder: Path) -> None:
        """Write all that `encode` needs into `folder`, so that a release stands on its own."""
        ...
