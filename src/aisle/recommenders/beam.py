"""Spelling items code by code: the likeliest beginnings are kept, and only real items can come out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aisle.recommenders.code_trie import Trie
from aisle.types import Vectors

BLOCK = 64
"""Histories spelled at once: more would not stay in the cache."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says one code, given a history and the codes before: scores = out (h + inward relu(A h + told(node))) + bias."""

    history: Floats
    """(dim, inner): A."""
    told: Floats
    """(n_nodes, inner): what each beginning adds."""
    inward: Floats
    """(inner, dim)."""
    out: Floats
    """(dim, n_codes)."""
    bias: Floats
    """(n_codes,)."""

    def scores(self, hidden: Vectors, nodes: NDArray[np.int64]) -> Floats:
        """(n, width, n_codes) for histories, (n, dim), and their beginnings, (n, width)."""
        inner = np.maximum((hidden @ self.history)[:, None] + self.told[nodes], 0)
        scores: Floats = (hidden[:, None] + inner @ self.inward) @ self.out + self.bias
        return scores


@dataclass(frozen=True, slots=True)
class Spelled:
    """Items of some histories with their chances, no pair twice."""

    histories: NDArray[np.int64]
    items: NDArray[np.int64]
    chances: Floats


def spell(speakers: Sequence[Speaker], trie: Trie, hidden: Vectors, width: int) -> Iterator[Spelled]:
    """The likeliest items of each history that a beam of `width` finds, a block of histories at a time.

    p(item | h) = product over depths of softmax over the codes that lead on to real items, so that the chances of
    all items add up to 1; a beam keeps the `width` likeliest beginnings at each depth and loses the rest. `hidden` is
    (n, dim) float32, one history a row.
    """
    for start in range(0, len(hidden), BLOCK):
        nodes, logs = _search(speakers, trie, hidden[start : start + BLOCK], width)
        at, place = np.nonzero(logs > -np.inf)
        yield Spelled(at + start, trie.items[nodes[at, place]], np.exp(logs[at, place]))


def _search(
    speakers: Sequence[Speaker], trie: Trie, hidden: Vectors, width: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The nodes of the last depth, (n, at most width), and the logarithms of their chances; -inf: none."""
    nodes = np.zeros((len(hidden), 1), np.int64)
    logs = np.zeros((len(hidden), 1), np.float32)
    for depth, speaker in enumerate(speakers):
        children, real = trie.children(depth, nodes)
        scores = np.take_along_axis(speaker.scores(hidden, nodes), trie.codes[depth][children], axis=2)
        longer = (logs[..., None] + _log_shares(scores, real)).reshape(len(hidden), -1)
        nodes, logs = children.reshape(len(hidden), -1), longer
        if longer.shape[1] > width:
            kept = np.argpartition(-longer, width - 1, axis=1)[:, :width]
            nodes, logs = np.take_along_axis(nodes, kept, axis=1), np.take_along_axis(longer, kept, axis=1)
    return nodes, logs


def _log_shares(scores: Floats, real: NDArray[np.bool_]) -> Floats:
    """The logarithm of the softmax over what is `real` in the last axis, never nothing; -inf elsewhere."""
    scores = np.where(real, scores, np.float32(-np.inf))
    scores -= scores.max(axis=-1, keepdims=True)
    shares: Floats = scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))
    return shares
