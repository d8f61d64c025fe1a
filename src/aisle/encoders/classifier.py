"""Which class is a text of, or which number: a taught head, answered by ONNX Runtime."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from aisle.encoders.calibration import Trust, probabilities
from aisle.encoders.text import open_session
from aisle.errors import InputError, ReleaseError
from aisle.types import Scores, Vectors

BATCH = 16


@dataclass(frozen=True, slots=True)
class Label:
    """What a classifier says of a text."""

    name: str
    """The class; empty when the text is out of scope."""
    probability: float
    """Of the likeliest class, calibrated."""


class TextClassifier:
    """Answers with the exported model in `folder` (see `load_classifier`); PyTorch is not imported.

    `threads` is the number of cores that one call may use; 0 means all. Raises ReleaseError when
    the folder does not hold a whole exported classifier.
    """

    def __init__(self, folder: Path, threads: int = 0) -> None:
        self.folder = folder
        try:
            self._info = json.loads((folder / "encoder.json").read_text("utf-8"))
            self.classes = tuple(self._info["classes"])
            """Empty for a model of numbers."""
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(self._info["max_tokens"])
            self._session = open_session(folder / "model.onnx", threads)
        except Exception as error:
            raise ReleaseError(f"{folder} does not hold a usable classifier: {error!r}; export it again") from error

    def predict(self, texts: Sequence[str]) -> list[Label]:
        """The likeliest class of each text. Raises InputError when the model was taught numbers."""
        logits = self._class_logits(texts)
        trust = Trust(self._info["temperature"], self._info["least_energy"])
        shares = probabilities(logits, trust.temperature)
        best, sure, kept = shares.argmax(axis=1), shares.max(axis=1, initial=0.0), trust.inside(logits)
        return [
            Label(self.classes[place] if keep else "", float(probability))
            for place, probability, keep in zip(best.tolist(), sure.tolist(), kept.tolist(), strict=True)
        ]

    def probabilities(self, texts: Sequence[str]) -> Vectors:
        """(n, n_classes) float32, calibrated, in the order of `classes`. Raises InputError as `predict` does."""
        return probabilities(self._class_logits(texts), self._info["temperature"])

    def values(self, texts: Sequence[str]) -> Scores:
        """(n,) float32, the number of each text. Raises InputError when the model was taught classes."""
        if self.classes:
            raise InputError("this model was taught classes, not numbers; ask for predict(texts)")
        return np.asarray(self.logits(texts)[:, 0] * self._info["deviation"] + self._info["mean"], np.float32)

    def logits(self, texts: Sequence[str]) -> Vectors:
        """(n, n_outputs) float32, what the model itself says."""
        answers = np.zeros((len(texts), max(1, len(self.classes))), np.float32)
        order = np.argsort([len(text) for text in texts], kind="stable")
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            answers[places] = self._session.run(None, dict(self.feeds([texts[place] for place in places])))[0]
        return answers

    def _class_logits(self, texts: Sequence[str]) -> Vectors:
        if not self.classes:
            raise InputError("this model was taught numbers, not classes; ask for values(texts)")
        return self.logits(texts)

    def feeds(self, texts: Sequence[str]) -> Mapping[str, NDArray[np.int64]]:
        """The model's inputs, (n, n_tokens) int64 each."""
        read = self._tokenizer.encode_batch_fast([self._info["item_prefix"] + text for text in texts])
        ids = np.full((len(read), max(1, *(len(one.ids) for one in read))), self._info["pad_id"], np.int64)
        mask = np.zeros_like(ids)
        for row, one in enumerate(read):
            ids[row, : len(one.ids)] = one.ids
            mask[row, : len(one.ids)] = 1
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        return {name: feeds[name] for name in self._info["inputs"]}
