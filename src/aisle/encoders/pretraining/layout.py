"""Which descriptions stand beside which titles in an epoch, and how texts are laid out in a rectangle of tokens."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aisle.encoders.pretraining.examples import Examples, Frame

BELONGS, FOREIGN, NO_PAIR = 0, 1, -100
"""Whether a second text belongs to the first, as Hugging Face numbers it."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The examples of an epoch: (n,) int64 each."""

    examples: Examples
    seconds: NDArray[np.int64]
    """The row whose second text stands beside the first text of each row."""
    relation: NDArray[np.int64]
    """BELONGS, FOREIGN or NO_PAIR."""
    lengths: NDArray[np.int64]
    """Tokens, marks counted; a second text that is too long is cut."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Texts of a batch, (n, n_tokens) each: int64, and `texts` bool: what is neither mark nor padding."""

    ids: NDArray[np.int64]
    mask: NDArray[np.int64]
    types: NDArray[np.int64]
    texts: NDArray[np.bool_]


def draw_pairs(examples: Examples, frame: Frame, max_tokens: int, rng: np.random.Generator) -> Drawn:
    """Give half of the titles the description of another, drawn by chance (Devlin et al. 2019, task 2)."""
    seconds, pairs = np.arange(len(examples.first)), examples.pairs
    parted = pairs[rng.random(len(pairs)) < 0.5]
    if len(pairs) > 1:
        seconds[parted] = rng.choice(pairs, len(parted))
    relation = np.full(len(seconds), NO_PAIR)
    own = examples.passage[seconds[pairs]] == examples.passage[pairs]
    relation[pairs] = np.where(own, BELONGS, FOREIGN)
    second_lengths = examples.second.lengths[seconds]
    marks = np.where(second_lengths > 0, frame.n_pair, frame.n_single)
    return Drawn(examples, seconds, relation, np.minimum(examples.first.lengths + second_lengths + marks, max_tokens))


def lay_out(drawn: Drawn, rows: NDArray[np.int64], frame: Frame, pad_id: int) -> Rectangle:
    """The texts of `rows` with the tokenizer's marks, filled up to the longest."""
    shape = (len(rows), int(drawn.lengths[rows].max()))
    ids, mask, types = np.full(shape, pad_id, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    texts = np.zeros(shape, bool)
    for place, row in enumerate(rows):
        first, second = drawn.examples.first[row], drawn.examples.second[drawn.seconds[row]]
        begin, end = len(frame.before), int(drawn.lengths[row])
        middle, last = begin + len(first), end - len(frame.after)
        ids[place, :begin], ids[place, begin:middle], ids[place, last:end] = frame.before, first, frame.after
        texts[place, begin:middle] = True
        mask[place, :end] = 1
        if len(second):
            start = middle + len(frame.between)
            ids[place, middle:start], ids[place, start:last] = frame.between, second[: last - start]
            texts[place, start:last] = True
            types[place, start:end] = frame.second_type
    return Rectangle(ids, mask, types, texts)
