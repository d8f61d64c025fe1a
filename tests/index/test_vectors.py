from pathlib import Path

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.index.vectors import Precision, StoredVectors, in_bytes, write_vectors
from aisle.types import Vectors


def vectors(n: int, dim: int = 384, seed: int = 0) -> Vectors:
    drawn = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


def stored(folder: Path, given: Vectors, precision: Precision = "float32") -> StoredVectors:
    write_vectors(folder, precision, (len(given), given.shape[1]), [given[:700], given[700:]])
    return StoredVectors.load(folder)


def test_vectors_in_full_are_read_as_they_were(tmp_path: Path) -> None:
    given = vectors(1_500)
    found = stored(tmp_path, given)
    np.testing.assert_array_equal(np.asarray(found), given)
    np.testing.assert_array_equal(found[7], given[7])
    np.testing.assert_array_equal(found[np.array([9, 2, 9])], given[[9, 2, 9]])
    np.testing.assert_array_equal(found[3:5], given[3:5])
    assert found.shape == (1_500, 384)
    assert not (tmp_path / "lengths.npy").exists()


@pytest.mark.parametrize("precision", ["int8", "binary"])
def test_vectors_in_bytes_take_a_quarter_and_keep_their_cosines(tmp_path: Path, precision: Precision) -> None:
    given, asked = vectors(1_500), vectors(1, seed=1)[0]
    found = stored(tmp_path, given, precision)
    assert found.codes.nbytes * 4 == given.nbytes
    np.testing.assert_allclose(np.linalg.norm(found[np.arange(1_500)], axis=1), 1, rtol=1e-5)
    errors = np.abs(found.cosines(asked) - given @ asked)
    assert (errors.max(), errors.mean()) < (0.005, 0.001)


def test_zeros_stay_zeros_in_bytes() -> None:
    codes, lengths = in_bytes(np.zeros((2, 3), np.float32))
    assert (codes.tolist(), lengths.tolist()) == ([[0, 0, 0]] * 2, [0, 0])


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_changed_rows_are_read_beside_the_stored_ones(tmp_path: Path, precision: Precision) -> None:
    old = stored(tmp_path, vectors(1_500), precision)
    fresh, asked = vectors(3, seed=2), vectors(1, seed=1)[0]
    new = old.with_rows(np.array([1_501, 4]), fresh[:2]).with_rows(np.array([4]), fresh[2:])
    assert new.codes is old.codes
    assert (len(old), len(new)) == (1_500, 1_502)
    wanted = np.concatenate([np.asarray(old), np.zeros((1, 384), np.float32), fresh[:1]])
    wanted[4] = fresh[2]
    np.testing.assert_array_equal(np.asarray(new), wanted)
    np.testing.assert_allclose(new.cosines(asked), wanted @ asked, atol=1e-6)
    np.testing.assert_allclose(new.dot(asked), wanted @ asked, atol=1e-6)
    np.testing.assert_allclose(new.dot(fresh.T), wanted @ fresh.T, atol=1e-6)
    rows = np.array([1_501, 4, 1_500, 77])
    np.testing.assert_allclose(new.cosines_of(rows, asked), wanted[rows] @ asked, atol=1e-6)


def test_a_number_that_is_none_is_refused(tmp_path: Path) -> None:
    given = vectors(3, 4)
    given[1, 2] = np.nan
    with pytest.raises(InputError, match="gave row 1 a vector that is not finite"):
        write_vectors(tmp_path, "int8", (3, 4), [given])


def test_too_few_vectors_are_refused_and_leave_the_file_as_it_was(tmp_path: Path) -> None:
    stored(tmp_path, vectors(3, 4))
    with pytest.raises(ValueError, match="2 vectors came, and 3 were announced"):
        write_vectors(tmp_path, "float32", (3, 4), [vectors(2, 4)])
    assert len(StoredVectors.load(tmp_path)) == 3
