"""A model that reads query and item together: slower than comparing vectors, so it only judges the best few."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from aisle.encoders.text import FILES, open_session
from aisle.errors import ReleaseError
from aisle.types import Scores

MAX_CHARACTERS = 2_000
"""Of a text; more would be tokenised only to be cut."""


class CrossEncoder:
    """Scores pairs of query and text with the exported model in `folder` (see `prepare_cross_encoder`).

    `threads` is the number of cores that one call may use; 0 means all. Raises ReleaseError when
    the folder does not hold a whole exported cross-encoder.
    """

    def __init__(self, folder: Path, threads: int = 0) -> None:
        self.folder = folder
        try:
            self._info = json.loads((folder / "encoder.json").read_text("utf-8"))
            if self._info["kind"] != "cross-encoder":
                raise ValueError(f"encoder.json is of the kind {self._info['kind']!r}")
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(self._info["max_tokens"])
            self._session = open_session(folder / "model.onnx", threads)
        except Exception as error:
            raise ReleaseError(
                f"{folder} does not hold a usable cross-encoder: {error!r}; run aisle build again"
            ) from error

    @property
    def name(self) -> str:
        """The model's name and the precision of its weights."""
        return f"{self._info['model']} ({self._info['precision']})"

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        """How well each of `texts` answers `query`: (n,) float32, 0 to 1, the logistic of the model's score.

        Nogueira and Cho 2019, "Passage Re-ranking with BERT". All pairs go through the model at once.
        """
        return np.asarray(1 / (1 + np.exp(-np.clip(self.logits(query, texts), -80, 80))), np.float32)

    def logits(self, query: str, texts: Sequence[str]) -> Scores:
        """The model's own scores, (n,) float32 without bounds."""
        if not texts:
            return np.empty(0, np.float32)
        return one_score(self._session.run(None, dict(self.feeds(query, texts)))[0])

    def feeds(self, query: str, texts: Sequence[str]) -> Mapping[str, NDArray[np.int64]]:
        """The model's inputs, (n, n_tokens) int64 each; of a pair that is too long the longer text is cut."""
        pairs = [(query, text[:MAX_CHARACTERS]) for text in texts]
        encodings = self._tokenizer.encode_batch_fast(pairs)
        ids = np.full((len(texts), max(len(one.ids) for one in encodings)), self._info["pad_id"], np.int64)
        mask, types = np.zeros_like(ids), np.zeros_like(ids)
        for row, one in enumerate(encodings):
            ids[row, : len(one.ids)] = one.ids
            mask[row, : len(one.ids)] = 1
            types[row, : len(one.ids)] = one.type_ids
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        return {name: feeds[name] for name in self._info["inputs"]}

    def save(self, folder: Path) -> None:
        """Copy the exported model into `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.copyfile(self.folder / name, folder / name)


def one_score(logits: NDArray[np.float32]) -> Scores:
    """One score a pair from (n, 1) or (n, 2) logits: of two labels, yes minus no, whose logistic is the softmax of yes.

    >>> one_score(np.array([[1.0, 3.0]], np.float32)).tolist()
    [2.0]
    """
    return np.asarray(logits[:, 0] if logits.shape[1] == 1 else logits[:, 1] - logits[:, 0], np.float32)
