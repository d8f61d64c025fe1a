"""How are many texts encoded on several machines, so that each vector is the one that a single machine gives?"""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

import numpy as np

from aisle.cluster.folders import Files, read_folder, write_folder
from aisle.cluster.place import HERE, Hear, Place
from aisle.encoders import Encoder, StaticEncoder, TextEncoder, open_encoder
from aisle.encoders.cache import Encode
from aisle.types import Rows, Vectors

SHARD = 1_024
"""Texts of a piece of work at most: a second or two of one core."""
SHARDS_A_CORE = 2
"""Shards of few texts are smaller, so that every core gets some."""


def encoding(encoder: Encoder, place: Place = HERE) -> Encode:
    """What does in `place` what `encoder.encode_items` does: texts and progress in, (n, dim) float32 out.

    On a cluster the passes of the network hold the same texts as in one process, because the scale of int8
    activations depends on all texts of a pass: vectors are equal bit for bit on processors of one kind. An encoder
    of a folder travels as its files, any other is pickled; it goes there once, however often it encodes.
    """
    if place.n_at_once == 1:
        return encoder.encode_items
    encode = place.sent(_encode, _Travelling(encoder))

    def encode_items(texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        vectors = np.empty((len(texts), encoder.dim), np.float32)
        telling = Lock()

        def fill(rows: Rows) -> None:
            vectors[rows] = encode([texts[row] for row in rows.tolist()])
            if progress:
                with telling:
                    progress(len(rows))

        place.each(fill, shards(encoder, texts, place.n_at_once))
        return vectors

    return encode_items


def shards(encoder: Encoder, texts: Sequence[str], n_at_once: int) -> list[Rows]:
    """The places of `texts` in pieces, in the order in which `encoder` takes them, of whole passes each."""
    order = np.arange(len(texts))
    batch = 1
    if isinstance(encoder, TextEncoder):
        order, batch = encoder.item_order(texts), encoder.batch
    elif isinstance(encoder, StaticEncoder):
        batch = encoder.batch
    wanted = max(1, min(SHARD, -(-len(texts) // (SHARDS_A_CORE * n_at_once))))
    size = batch * -(-wanted // batch)
    return [order[start : start + size] for start in range(0, len(order), size)]


class _Travelling:
    """An encoder on its way: opened once in each process that it comes to."""

    def __init__(self, encoder: Encoder) -> None:
        self._files: Files = {}
        self._itself = None if isinstance(encoder, TextEncoder | StaticEncoder) else encoder
        if self._itself is None:
            with TemporaryDirectory() as folder:
                encoder.save(Path(folder))
                self._files = read_folder(Path(folder))

    @cached_property
    def encoder(self) -> Encoder:
        """As it was, computing with one core."""
        if self._itself is not None:
            return self._itself
        with TemporaryDirectory() as folder:
            write_folder(self._files, Path(folder))
            return open_encoder(Path(folder), threads=1)


def _encode(travelling: _Travelling, texts: Sequence[str], tell: Hear) -> Vectors:
    return travelling.encoder.encode_items(texts)
