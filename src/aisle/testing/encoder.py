"""An encoder whose vectors a reader can check by eye: it counts letters."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from aisle.types import Vectors

LETTERS = "abcdefghijklmnopqrstuvwxyz"


class FakeEncoder:
    """Counts of the letters a to z, L2-normalised: 26 dimensions; "ab" gives (0.71, 0.71, 0, ...)."""

    dim = len(LETTERS)
    name = "letter counts"

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Letter counts, (n, 26) float32, L2-normalised; a text without letters gives zeros."""
        counts = np.array([[text.lower().count(letter) for letter in LETTERS] for text in texts], np.float32)
        counts = counts.reshape(len(texts), self.dim)
        return np.asarray(counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-12))

    def encode_items(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """The same as `encode_queries`."""
        if progress and texts:
            progress(len(texts))
        return self.encode_queries(texts)

    def save(self, folder: Path) -> None:
        """Write a note; there is nothing to keep."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "encoder.json").write_text('{"model": "letter counts"}', "utf-8")
