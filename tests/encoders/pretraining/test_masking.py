"""Which tokens are hidden: shares, words, and what must never be touched."""

import numpy as np

from aisle.encoders.pretraining.masking import Masking, mask_tokens

MASK = 4
ORDINARY = np.arange(5, 100)


def test_shares_are_those_of_bert() -> None:
    rng = np.random.default_rng(0)
    ids = rng.integers(5, 100, (200, 100))
    maskable = np.ones(ids.shape, bool)
    maskable[:, 0] = False
    read, chosen = mask_tokens(ids, maskable, Masking(MASK, ORDINARY), rng)
    assert not chosen[:, 0].any()
    assert (read[~chosen] == ids[~chosen]).all()
    assert abs(chosen[:, 1:].mean() - 0.15) < 0.01
    assert abs((read[chosen] == MASK).mean() - 0.8) < 0.03
    assert abs((read[chosen] == ids[chosen]).mean() - 0.1) < 0.03
    assert set(read[chosen & (read != MASK)].tolist()) <= set(ORDINARY.tolist())


def test_words_are_hidden_as_a_whole() -> None:
    rng = np.random.default_rng(0)
    ids = np.tile([1, 10, 50, 51, 11, 52, 2], (500, 1))
    continues = np.arange(100) >= 50  # the tokens 50, 51 and 52 go on with the word before them
    maskable = (ids > 2) & np.ones(ids.shape, bool)
    _, chosen = mask_tokens(ids, maskable, Masking(MASK, ORDINARY, 0.3, continues), rng)
    assert (chosen[:, 1] == chosen[:, 2]).all()
    assert (chosen[:, 1] == chosen[:, 3]).all()
    assert (chosen[:, 4] == chosen[:, 5]).all()
    assert (chosen[:, 1] != chosen[:, 4]).any()
    assert abs(chosen[:, 1:6].mean() - 0.3) < 0.05


def test_one_token_at_least_is_chosen() -> None:
    maskable = np.array([[False, True, False]])
    for seed in range(20):
        _, chosen = mask_tokens(
            np.array([[1, 9, 2]]), maskable, Masking(MASK, ORDINARY, 0.01), np.random.default_rng(seed)
        )
        assert chosen.tolist() == [[False, True, False]]
