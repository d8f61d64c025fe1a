"""What is to be pre-trained, and what came of it. Imports no PyTorch."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from aisle.encoders.learning.course import Precision
from aisle.errors import InputError, nearest

Objective = Literal["masked", "causal"]
Size = Literal["tiny", "small", "base"]


@dataclass(frozen=True, slots=True)
class Pretraining:
    """What to pre-train and how. Raises InputError when a value is out of range."""

    objective: Objective = "masked"
    """masked: foretell hidden tokens, and what description belongs to a title (BERT). causal: the next token (GPT)."""
    source: str = ""
    """The model to go on from: a packaged name, a folder or a Hugging Face id; "" begins anew, with a tokenizer too."""
    size: Size = "tiny"
    """Of a new model."""
    vocabulary: int = 8_000
    """Most tokens of a new tokenizer."""
    max_tokens: int = 128
    """Longer texts are cut into pieces of at most so many."""
    minutes: float = 5.0
    """Of learning; the number of steps follows from the speed of the machine."""
    steps: int = 0
    """Optimiser steps, whatever time they take; 0 leaves it to `minutes`."""
    learning_rate: float = 0.0
    """At its highest; 0 is 3e-3 for a new tiny model, 1e-3 for another new one and 1e-4 for one that goes on."""
    batch_tokens: int = 1_024
    """Tokens of a step, padding counted; small models on a processor learn most from many small steps."""
    masked_share: float = 0.15
    """Of the tokens learned from, those to foretell; when the loss is measured it is always 0.15."""
    whole_words: bool = False
    """Hide all pieces of a word or none; for WordPiece tokenizers."""
    held_out: float = 0.05
    """Share of the texts that is not learned from; the reported loss is measured on it."""
    precision: Precision = "auto"
    """Of matrix products: auto is float32 on the processor and half precision on a graphics card."""
    shard: bool = False
    """In several processes, let each hold a part of the weights only: for models that do not fit into one."""
    seed: int = 0

    def __post_init__(self) -> None:
        for name, known in (("objective", Objective), ("size", Size), ("precision", Precision)):
            if (value := getattr(self, name)) not in get_args(known):
                raise InputError(f"{name}={value!r}; {nearest(str(value), get_args(known))}")
        if self.vocabulary < 300 or self.max_tokens < 8 or self.batch_tokens < self.max_tokens:
            raise InputError(
                f"vocabulary={self.vocabulary}, max_tokens={self.max_tokens}, batch_tokens={self.batch_tokens}; "
                "expected at least 300, at least 8, and a batch of at least one longest text"
            )
        if not 0 < self.minutes < math.inf or self.steps < 0 or not 0 <= self.learning_rate < math.inf:
            raise InputError(
                f"minutes={self.minutes}, steps={self.steps}, learning_rate={self.learning_rate}; "
                "expected more than 0, at least 0 and at least 0"
            )
        if not (0 < self.masked_share < 1 and 0 < self.held_out < 1):
            raise InputError(
                f"masked_share={self.masked_share}, held_out={self.held_out}; expected shares between 0 and 1"
            )
        if self.whole_words and self.objective == "causal":
            raise InputError("whole words are hidden by masked pre-training only; leave it out, or choose masked")

    @property
    def highest_rate(self) -> float:
        """The learning rate after the warm-up."""
        return self.learning_rate or (1e-4 if self.source else 3e-3 if self.size == "tiny" else 1e-3)


@dataclass(frozen=True, slots=True)
class Pretrained:
    """What came of a pre-training."""

    folder: Path
    """A Hugging Face folder, with aisle.json, history.json and loss.png beside the model."""
    n_texts: int
    n_tokens: int
    """Of the texts that were learned from."""
    n_parameters: int
    n_steps: int
    unigram_loss: float
    """Held-out loss, in nats a token, of foretelling by how often each token occurs in the texts learned from."""
    loss_before: float
    """Held-out loss of the network before it learned."""
    loss_after: float
    pairs_right: float | None
    """Share of held-out pairs of title and description, half of them false, told apart; None without pairs."""
    tokens_per_s: float
    """Learned from in this run, padding not counted."""
    elapsed_s: float
    """Of learning."""
    ending: str
    resumed_from: int

    @property
    def gain(self) -> float:
        """How far the held-out loss is below the unigram baseline: 0.4 is 40 % below."""
        return 1 - self.loss_after / self.unigram_loss
