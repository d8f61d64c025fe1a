import numpy as np
import pytest

from aisle.errors import InputError
from aisle.index.binary import binarised


def test_bits_take_a_thirty_second_of_the_memory() -> None:
    vectors = np.random.default_rng(0).normal(size=(100, 384)).astype(np.float32)
    assert binarised(vectors).n_bytes * 32 == vectors.nbytes


def test_candidates_are_rescored_with_the_query_as_it_is() -> None:
    # means are 0: the codes are the signs
    vectors = np.array([[1, 1, 1], [1, 1, -1], [-1, -1, 1], [-1, -1, -1]], np.float32)
    rows, scores = binarised(vectors).search(np.array([0.1, 0.2, -0.9], np.float32), 2)
    assert rows.tolist() == [1, 3]
    np.testing.assert_allclose(scores, [1.2, 0.6], rtol=1e-5)


def test_near_vectors_are_found() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(500, 256)).astype(np.float32)
    binary = binarised(vectors)
    for row in range(20):
        rows, scores = binary.search(vectors[row] + rng.normal(0, 0.3, 256).astype(np.float32), 10)
        assert rows[0] == row
        assert (np.diff(scores) <= 0).all()
        assert len(set(rows.tolist())) == 10


def test_fewer_items_than_asked_for() -> None:
    assert binarised(np.eye(3, dtype=np.float32)).search(np.ones(3, np.float32), 10)[0].shape == (3,)
    with pytest.raises(InputError, match="no vectors to make binary"):
        binarised(np.empty((0, 3), np.float32))
