"""The toy shop in an index: what the cases of every index start from."""

from pathlib import Path

import numpy as np
import pytest

from aisle.index import Index
from aisle.testing.index_cases import ENCODER, numbered, put, random_vectors
from aisle.testing.toy_shop import toy_items
from aisle.types import Vectors


class IndexShop:
    """Makes indexes. A subclass defines `make_index` and `reload`."""

    def make_index(self, folder: Path, dim: int) -> Index:
        """An empty index for vectors of length `dim`, which may keep its files in `folder`."""
        raise NotImplementedError

    def reload(self, index: Index, folder: Path) -> Index:
        """What `index.save(folder)` wrote, read back as a new process would."""
        raise NotImplementedError

    @pytest.fixture
    def index(self, tmp_path: Path) -> Index:
        """The toy shop: item e1 in row 0 to item s3 in row 11."""
        return self.toy_index(tmp_path)

    @pytest.fixture(scope="class")
    def shared(self, tmp_path_factory: pytest.TempPathFactory) -> Index:
        """The same for the cases that change nothing, made once."""
        return self.toy_index(tmp_path_factory.mktemp("shared"))

    def toy_index(self, folder: Path) -> Index:
        """An index of the toy shop."""
        index = self.make_index(folder / "toy", ENCODER.dim)
        put(index, range(12), toy_items())
        return index

    def many(self, tmp_path: Path) -> tuple[Index, Vectors, Vectors]:
        """An index of 2,000 items with random vectors of length 32, those vectors, and 50 to ask for."""
        index, vectors = self.make_index(tmp_path / "many", 32), random_vectors(2_000, seed=0)
        index.add(np.arange(2_000), [numbered(row) for row in range(2_000)], vectors)
        return index, vectors, random_vectors(50, seed=1)
