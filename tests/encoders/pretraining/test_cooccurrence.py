"""Vectors of tokens from what stands near what."""

import numpy as np
import pytest

from aisle.encoders.pretraining.cooccurrence import _counts, cooccurrence_vectors
from aisle.encoders.pretraining.examples import Ragged


def test_near_tokens_count_by_their_distance_within_a_text() -> None:
    counts = _counts(Ragged.of([[0, 1, 2], [2, 0]]), 4).toarray()
    expected = np.zeros((4, 4))
    expected[0, 1] = expected[1, 2] = 1
    expected[0, 2] = 1 / 2 + 1
    assert counts == pytest.approx(expected + expected.T)


def test_tokens_of_like_places_are_alike() -> None:
    rng = np.random.default_rng(0)
    # 0 and 1 stand between 4 and 5; 2 and 3 between 6 and 7; the others anywhere.
    texts = [[4, one, 5] for one in (0, 1)] * 30 + [[6, one, 7] for one in (2, 3)] * 30
    texts += rng.integers(8, 20, (60, 4)).tolist()
    vectors = cooccurrence_vectors(Ragged.of(texts), 20, 4)
    assert vectors is not None
    assert vectors.dtype == np.float32
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert unit[0] @ unit[1] > 0.9 > 0.5 > unit[0] @ unit[2]
    assert unit[2] @ unit[3] > 0.9


def test_the_same_seed_gives_the_same_vectors_and_little_text_gives_none() -> None:
    texts = Ragged.of(np.random.default_rng(0).integers(0, 30, (50, 8)).tolist())
    one, other = (cooccurrence_vectors(texts, 30, 8, seed=3) for _ in range(2))
    assert one is not None
    assert other is not None
    assert (one == other).all()
    assert one.std() == pytest.approx(0.05, rel=0.01)
    assert cooccurrence_vectors(Ragged.of([[1, 2]]), 30, 8) is None
    assert cooccurrence_vectors(Ragged.of([]), 30, 8) is None
