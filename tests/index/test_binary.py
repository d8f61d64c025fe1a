import numpy as np
import pytest

from aisle.errors import InputError
from aisle.index.binary import binarised


def test_bits_take_a_thirty_second_of_the_memory() -> None:
    vectors = np.random.default_rng(0).normal(size=(100, 384)).astype(np.float32)
    assert binarised(vectors).n_bytes * 32 == vectors.nbytes


def test_the_nearest_by_bits() -> None:
    # means are 0: the codes are the signs; the query's are + + -
    vectors = np.array([[1, 1, 1], [1, 1, -1], [-1, -1, 1], [-1, -1, -1]], np.float32)
    query = np.array([0.1, 0.2, -0.9], np.float32)
    assert binarised(vectors).nearest(query, 1).tolist() == [1]
    assert sorted(binarised(vectors).nearest(query, 3).tolist()) == [0, 1, 3]
    assert sorted(binarised(vectors).nearest(query, 2, np.array([0, 2, 3])).tolist()) == [0, 3]


def test_near_vectors_are_found() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(500, 256)).astype(np.float32)
    binary = binarised(vectors)
    for row in range(20):
        near = binary.nearest(vectors[row] + rng.normal(0, 0.3, 256).astype(np.float32), 10)
        assert row in near
        assert len(set(near.tolist())) == 10


def test_fewer_items_than_asked_for() -> None:
    assert binarised(np.eye(3, dtype=np.float32)).nearest(np.ones(3, np.float32), 10).tolist() == [0, 1, 2]
    with pytest.raises(InputError, match="no vectors to make binary"):
        binarised(np.empty((0, 3), np.float32))
