"""Arrays of a model, in one file: numpy's npz without pickled objects, so that reading one runs no code."""

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from aisle.errors import ReleaseError


def write_arrays(folder: Path, name: str, **arrays: ArrayLike) -> None:
    """Write `arrays` to `folder`/`name`.npz, and make the folder where there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    plain: dict[str, Any] = {key: np.asarray(array) for key, array in arrays.items()}
    np.savez(folder / f"{name}.npz", **plain)


def read_arrays(folder: Path, name: str, *keys: str) -> list[NDArray[Any]]:
    """The arrays `keys` that `write_arrays` wrote. Raises ReleaseError when the file is missing or damaged."""
    path = folder / f"{name}.npz"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return [stored[key] for key in keys]
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise ReleaseError(f"cannot read the model file {path}: {error}; run aisle build again") from error
