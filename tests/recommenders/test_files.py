from pathlib import Path

import numpy as np
import pytest

from aisle.errors import ReleaseError
from aisle.recommenders.files import read_arrays, write_arrays


def test_arrays_are_read_back_and_the_folder_is_made(tmp_path: Path) -> None:
    write_arrays(tmp_path / "new", "model", a=np.arange(3), b=1.5)
    a, b = read_arrays(tmp_path / "new", "model", "a", "b")
    assert a.tolist() == [0, 1, 2]
    assert float(b) == 1.5


def test_a_file_without_the_array_is_a_release_error(tmp_path: Path) -> None:
    write_arrays(tmp_path, "model", a=np.arange(3))
    with pytest.raises(ReleaseError, match="run aisle build again"):
        read_arrays(tmp_path, "model", "b")


def test_pickled_objects_are_never_loaded(tmp_path: Path) -> None:
    np.savez(tmp_path / "model.npz", a=np.array([{}], dtype=object))
    with pytest.raises(ReleaseError, match="pickle"):
        read_arrays(tmp_path, "model", "a")
