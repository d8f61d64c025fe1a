from collections.abc import Callable
from pathlib import Path

import pytest

from aisle.index import Index
from aisle.index.milvus import MilvusIndex
from aisle.settings import IndexSettings
from aisle.testing.index import IndexConformance


class TestMilvusIndex(IndexConformance):
    """The kit of all indexes."""

    settings: IndexSettings

    @pytest.fixture(autouse=True, scope="class")
    def _on(self, request: pytest.FixtureRequest, milvus: object, settings_for: Callable[..., IndexSettings]) -> None:
        request.cls.settings = settings_for(milvus)

    def make_index(self, folder: Path, dim: int) -> Index:
        return MilvusIndex.create(folder, dim, self.settings, f"i{abs(hash(str(folder)))}")

    def reload(self, index: Index, folder: Path) -> Index:
        return MilvusIndex.load(folder, self.settings)
