"""A text encoder: token ids through ONNX Runtime, pooled and normalised."""

import json
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from aisle.checksums import file_sha256
from aisle.errors import ReleaseError
from aisle.types import Rows, Vectors

BATCH = 16
"""Texts in one pass, where encoder.json does not say what was fastest on the machine that exported the model."""
FILES = ("model.onnx", "tokenizer.json", "encoder.json")


class TextEncoder:
    """Encodes texts with the exported model in `folder` (see `prepare_encoder`).

    `threads` is the number of cores that one call may use; 0 means all. Raises ReleaseError when
    the folder does not hold a whole exported model.
    """

    def __init__(self, folder: Path, threads: int = 0) -> None:
        self.folder = folder
        try:
            self._info = json.loads((folder / "encoder.json").read_text("utf-8"))
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(self._info["max_tokens"])
            self.batch = int(self._info.get("batch", BATCH))
            self._session = open_session(folder / "model.onnx", threads)
            self.fingerprint = "|".join(file_sha256(folder / name) for name in FILES)
        except Exception as error:
            raise ReleaseError(f"{folder} does not hold a usable encoder: {error}; run aisle build again") from error

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._info["dim"])

    @property
    def name(self) -> str:
        """The model's name and the precision of its weights."""
        return f"{self._info['model']} ({self._info['precision']})"

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what shoppers typed, (n, dim) float32, L2-normalised."""
        return self.encode([self._info["query_prefix"] + text for text in texts])

    def encode_items(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Vectors of item texts, (n, dim) float32, L2-normalised; `progress` hears of each batch's size."""
        return self.encode([self._info["item_prefix"] + text for text in texts], progress)

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Vectors of `texts` as they are, (n, dim) float32, L2-normalised, in the order given."""
        vectors = np.zeros((len(texts), self.dim), np.float32)
        tokens = self.tokenize(texts)
        by_length = _by_length(tokens)
        for start in range(0, len(texts), self.batch):
            batch = by_length[start : start + self.batch]
            vectors[batch] = self.encode_tokens([tokens[i] for i in batch])
            if progress:
                progress(len(batch))
        return vectors

    def item_order(self, texts: Sequence[str]) -> Rows:
        """(n,) the places of `texts` as `encode_items` takes them, `batch` in a pass: those of one length together."""
        return _by_length(self.tokenize([self._info["item_prefix"] + text for text in texts]))

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, cut to the model's `max_tokens`."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]

    def copied_tokenizer(self) -> Tokenizer:
        """A tokenizer of its own, that neither cuts nor pads."""
        return Tokenizer.from_file(str(self.folder / "tokenizer.json"))

    def save(self, folder: Path) -> None:
        """Copy the exported model into `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.copyfile(self.folder / name, folder / name)

    def feeds(self, tokens: Sequence[Sequence[int]]) -> dict[str, NDArray[np.int64]]:
        """The model's inputs for token ids of texts, (n, n_tokens) int64 each, padded on the right."""
        return {name: self._padded(tokens)[name] for name in self._info["inputs"]}

    def encode_tokens(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        """Vectors of texts given as token ids, (n, dim) float32, L2-normalised, in one pass."""
        padded = self._padded(tokens)
        hidden = self._session.run(None, {name: padded[name] for name in self._info["inputs"]})[0]
        return pool(hidden, padded["attention_mask"], self._info["pooling"], self.dim)

    def _padded(self, tokens: Sequence[Sequence[int]]) -> dict[str, NDArray[np.int64]]:
        width = max(1, self._info.get("min_tokens", 0), *(len(ids) for ids in tokens))
        ids = np.full((len(tokens), width), self._info["pad_id"], np.int64)
        mask = np.zeros_like(ids)
        for row, text in enumerate(tokens):
            ids[row, : len(text)] = text
            mask[row, : len(text)] = 1
        return {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}


def _by_length(tokens: Sequence[Sequence[int]]) -> Rows:
    return np.argsort([len(ids) for ids in tokens], kind="stable")


def pool(hidden: NDArray[np.float32], mask: NDArray[np.int64], pooling: str, dim: int = 0) -> Vectors:
    """One L2-normalised vector a text from its token vectors.

    `hidden` is (n_texts, n_tokens, dim) float32, `mask` (n_texts, n_tokens) with 1 for real
    tokens. "mean" averages the real tokens (Reimers and Gurevych 2019, Sentence-BERT), "cls"
    takes the first, "last" the last real one (causal models: only it has read the whole text), and
    "tower" means that `hidden`, (n_texts, dim), is one vector a text already. The first `dim`
    dimensions are kept, 0 for all (Kusupati et al. 2022, Matryoshka Representation Learning).

    >>> pool(np.array([[[3, 0], [1, 0], [9, 9]]], np.float32), np.array([[1, 1, 0]]), "mean").tolist()
    [[1.0, 0.0]]
    """
    if pooling == "tower":
        pooled = hidden
    elif pooling == "cls":
        pooled = hidden[:, 0]
    elif pooling == "last":
        pooled = hidden[np.arange(len(hidden)), np.maximum(mask.sum(axis=1) - 1, 0)] * mask[:, :1]
    else:
        weights = mask[..., None].astype(np.float32)
        pooled = (hidden * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1)
    pooled = pooled[:, : dim or None]
    norms = np.linalg.norm(pooled, axis=1, keepdims=True)
    return np.asarray(pooled / np.maximum(norms, 1e-12), np.float32)


def open_session(path: Path, threads: int) -> Any:
    """An ONNX Runtime session on the processor; `threads` is the number of cores that one call may use, 0 for all."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or os.cpu_count() or 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
