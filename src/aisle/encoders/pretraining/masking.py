"""Which tokens are hidden from a masked language model, and by what."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MASKED, RANDOM = 0.8, 0.1
"""Of the chosen tokens, those replaced by the mask and by a random token; the others stay as they are."""


@dataclass(frozen=True, slots=True)
class Masking:
    """How tokens are hidden (Devlin et al. 2019, "BERT", section 3.1)."""

    mask_id: int
    ordinary: NDArray[np.int64]
    """(v,) tokens that may stand in for another: all but the marks."""
    share: float = 0.15
    """Of the tokens, those chosen."""
    continues: NDArray[np.bool_] | None = None
    """(vocabulary,) whether a token goes on with the word before it. Given, words are chosen as a whole."""


def mask_tokens(
    ids: NDArray[np.int64], maskable: NDArray[np.bool_], masking: Masking, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """What the model reads instead of `ids` (n, n_tokens), and which tokens it has to foretell, of the same shape.

    Each token, or word, with `maskable` is chosen with the probability `share`, one of the batch at least;
    of the chosen ones 80 % become the mask, 10 % a random token, and 10 % stay.
    """
    chance = rng.random(ids.shape)
    if masking.continues is not None:
        chance = _as_words(chance, masking.continues[ids] & maskable)
    chosen = (chance < masking.share) & maskable
    if not chosen.any():
        chosen = (chance == chance[maskable].min(initial=1.0)) & maskable
    fate = rng.random(ids.shape)
    read = np.where(chosen & (fate < MASKED), masking.mask_id, ids)
    by_chance = chosen & (fate >= MASKED) & (fate < MASKED + RANDOM)
    read[by_chance] = rng.choice(masking.ordinary, int(by_chance.sum()))
    return read, chosen


def _as_words(chance: NDArray[np.float64], continues: NDArray[np.bool_]) -> NDArray[np.float64]:
    """`chance` (n, n_tokens), where a token that continues a word has that of the word's first token."""
    columns = np.arange(chance.shape[1])
    starts = np.maximum.accumulate(np.where(continues, 0, columns), axis=1)
    return np.take_along_axis(chance, starts, axis=1)
