"""Texts as the networks read them: tokenised once, in batches of like length."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from aisle.encoders.learning.devices import computed_with, device, mixed, moved
from aisle.encoders.learning.distributed import answers
from aisle.encoders.learning.embedder import ids_of, padded
from aisle.types import Rows, Vectors

BLOCK = 32
"""Batches whose rows are sorted by length together: enough for little padding, few enough to stay random."""
GROUPS = 4
"""Groups of near ones in a batch."""
ENCODED_AT_ONCE = 128


def batches_by_length(lengths: NDArray[np.int64], size: int, rng: np.random.Generator) -> Iterator[Rows]:
    """Places of `lengths`, each once, in random batches of up to `size` whose lengths are alike."""
    order = rng.permutation(len(lengths))
    for start in range(0, len(order), size * BLOCK):
        block = order[start : start + size * BLOCK]
        block = block[np.argsort(lengths[block], kind="stable")]
        cut = [block[first : first + size] for first in range(0, len(block), size)]
        yield from (cut[place] for place in rng.permutation(len(cut)))


def batches_by_nearness(vectors: Vectors, size: int, rng: np.random.Generator) -> Iterator[Rows]:
    """Places of (n, dim) `vectors`, each once, in random batches of up to `size`: some groups of near ones each."""
    order = rng.permutation(len(vectors))
    for start in range(0, len(order), size * BLOCK):
        groups = _near_groups(vectors, order[start : start + size * BLOCK], max(1, size // GROUPS))
        block = np.concatenate([groups[place] for place in rng.permutation(len(groups))])
        yield from (block[first : first + size] for first in range(0, len(block), size))


def _near_groups(vectors: Vectors, places: Rows, size: int) -> list[Rows]:
    """`places` in groups of `size`: the first of those left, and those that are nearest to it."""
    groups, left = [], places
    while len(left):
        order = np.argsort(-(vectors[left] @ vectors[left[0]]), kind="stable")
        groups.append(left[order[:size]])
        left = left[np.sort(order[size:])]
    return groups


def encode_all(network: nn.Module, tokenizer: Any, texts: Sequence[str], max_tokens: int) -> Vectors:
    """(n, dim) float32 answers of `network` to `texts` (vectors, logits), computed without gradients on its device.

    Several processes each read a part of every batch.
    """
    where = device()
    dtype = computed_with("auto", where)
    ids = ids_of(tokenizer, texts, max_tokens)
    order = np.argsort([len(one) for one in ids], kind="stable")
    was_training = network.training
    network.to(where).eval()
    found: list[torch.Tensor] = []
    with torch.inference_mode(), mixed(dtype, where):
        for start in range(0, len(order), ENCODED_AT_ONCE):
            batch = padded(tokenizer, [ids[place] for place in order[start : start + ENCODED_AT_ONCE]])
            found.append(answers(network, moved(batch, where)).float().cpu())
    network.train(was_training)
    sorted_ = torch.cat(found).numpy() if found else np.zeros((0, 1), np.float32)
    back = np.empty_like(sorted_)
    back[order] = sorted_
    return back
