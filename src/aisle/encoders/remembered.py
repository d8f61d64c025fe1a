"""An encoder that remembers the queries it has seen: a few of them make up most of a shop's traffic."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock

import numpy as np

from aisle.encoders.protocol import Encoder
from aisle.types import Vectors

MAX_QUERIES = 20_000
"""At 384 dimensions 31 MB."""


class RememberedQueries:
    """Answers as `encoder` does; the latest `max_queries` different queries are encoded only once. Thread-safe."""

    def __init__(self, encoder: Encoder, max_queries: int = MAX_QUERIES) -> None:
        self._encoder = encoder
        self._max_queries = max_queries
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = Lock()

    @property
    def name(self) -> str:
        """What the encoder is called in a release's manifest."""
        return self._encoder.name

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._encoder.dim

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what shoppers typed, (n, dim) float32, L2-normalised."""
        with self._lock:
            known = {text: self._vectors[text] for text in texts if text in self._vectors}
        fresh = [text for text in dict.fromkeys(texts) if text not in known]
        if fresh:
            known |= zip(fresh, self._encoder.encode_queries(fresh), strict=True)
        self._remember(known)
        return np.array([known[text] for text in texts], np.float32).reshape(len(texts), self.dim)

    def encode_items(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Vectors of item texts, (n, dim) float32, L2-normalised; none is remembered."""
        return self._encoder.encode_items(texts, progress)

    def save(self, folder: Path) -> None:
        """Write what the encoder needs; what is remembered is not kept."""
        self._encoder.save(folder)

    def _remember(self, vectors: dict[str, Vectors]) -> None:
        with self._lock:
            for text, vector in vectors.items():
                self._vectors[text] = vector
                self._vectors.move_to_end(text)
            while len(self._vectors) > self._max_queries:
                self._vectors.popitem(last=False)
