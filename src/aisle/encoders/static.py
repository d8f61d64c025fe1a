"""A static encoder: a vector a token, summed. No network runs, so it encodes tens of thousands of texts a second."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from tokenizers import Tokenizer

from aisle.checksums import file_sha256
from aisle.errors import ReleaseError
from aisle.types import Vectors

BATCH = 1024
"""Texts tokenised and summed at once: bounds the memory, costs no speed."""
FILES = ("vectors.npy", "tokenizer.json", "encoder.json")
KIND = "static"
"""What encoder.json calls it."""


class StaticEncoder:
    """Encodes texts with the table of token vectors in `folder` (see `compression.static_table.distil_table`).

    The vector of a text is the sum of its tokens' vectors, L2-normalised: Tulkens and van Dongen 2024,
    "Model2Vec". How much a token says (its weight by smooth inverse frequency: Arora et al. 2017) is the length
    of its vector. `threads` is taken for likeness with `TextEncoder`; sums need no more than one core.
    Raises ReleaseError when the folder does not hold a whole table.
    """

    batch = BATCH
    """Texts that `encode` takes at once."""

    def __init__(self, folder: Path, threads: int = 0) -> None:
        self.folder = folder
        try:
            self._info = json.loads((folder / "encoder.json").read_text("utf-8"))
            if self._info["kind"] != KIND:
                raise ValueError(f"encoder.json is of the kind {self._info['kind']!r}")
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(self._info["max_tokens"])
            self._table = np.load(folder / "vectors.npy", allow_pickle=False).astype(np.float32)
            if self._table.shape != (self._tokenizer.get_vocab_size(), self._info["dim"]):
                raise ValueError(f"vectors.npy is of shape {self._table.shape}")
            self.fingerprint = "|".join(file_sha256(folder / name) for name in FILES)
        except Exception as error:
            raise ReleaseError(f"{folder} does not hold a usable encoder: {error}; make it anew") from error

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._info["dim"])

    @property
    def name(self) -> str:
        """The name of the model that it was distilled from."""
        return f"{self._info['model']} (static)"

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what shoppers typed, (n, dim) float32, L2-normalised."""
        return self.encode([self._info.get("query_prefix", "") + text for text in texts])

    def encode_items(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Vectors of item texts, (n, dim) float32, L2-normalised; `progress` hears of each batch's size."""
        return self.encode([self._info.get("item_prefix", "") + text for text in texts], progress)

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Vectors of `texts`, (n, dim) float32, L2-normalised; zeros for a text without a known token."""
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for start in range(0, len(texts), self.batch):
            batch = texts[start : start + self.batch]
            vectors[start : start + len(batch)] = summed(self._table, self.tokenize(batch))
            if progress:
                progress(len(batch))
        return vectors

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, without marks of beginning and end."""
        return [one.ids for one in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def save(self, folder: Path) -> None:
        """Copy the table into `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.copyfile(self.folder / name, folder / name)


def summed(table: NDArray[np.float32], tokens: Sequence[Sequence[int]]) -> Vectors:
    """The sum of the rows of `table`, (n_tokens, dim), that each text's token ids name, L2-normalised.

    >>> summed(np.array([[3, 0], [0, 4]], np.float32), [[0, 1], [1], []]).round(2).tolist()
    [[0.6, 0.8], [0.0, 1.0], [0.0, 0.0]]
    """
    if len(tokens) == 1:
        sums = table[list(tokens[0])].sum(axis=0, keepdims=True)
    else:
        ends = np.cumsum([0, *(len(ids) for ids in tokens)])
        places = np.fromiter((number for ids in tokens for number in ids), np.int64, count=int(ends[-1]))
        counts = csr_array((np.ones(len(places), np.float32), places, ends), shape=(len(tokens), len(table)))
        sums = counts @ table
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.asarray(sums / np.maximum(norms, 1e-12), np.float32)
