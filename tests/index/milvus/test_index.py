from collections.abc import Callable
from pathlib import Path

import pytest

from aisle.index import Index
from aisle.index.milvus import MilvusIndex
from aisle.settings import IndexSettings, MilvusSettings
from aisle.testing.index import IndexConformance
from aisle.testing.index_cases import condition, put, vector
from aisle.testing.toy_shop import toy_items
from aisle.text import item_text


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


@pytest.mark.parametrize("index_type", ["FLAT", "IVF_FLAT", "AUTOINDEX"])
def test_every_kind_of_vector_index_finds_the_nearest(
    tmp_path: Path, milvus: object, settings_for: Callable[..., IndexSettings], index_type: str
) -> None:
    index = MilvusIndex.create(tmp_path, 26, settings_for(milvus, index_type=index_type, shards=2))
    put(index, range(12), toy_items())
    index.save(tmp_path)
    assert index.dense(vector(item_text(toy_items()[8])), 3).rows[0] == 8
    assert set(index.dense(vector("usb"), 12, condition("price < 30")).rows.tolist()) == {0, 1, 8, 11}


def test_a_file_of_milvus_lite_serves_as_well(tmp_path: Path, milvus: object) -> None:
    settings = IndexSettings(milvus=MilvusSettings(url=str(tmp_path / "shop.db"), timeout_s=60))
    index = MilvusIndex.create(tmp_path, 26, settings)
    put(index, range(12), toy_items())
    assert set(index.lexical("headphones", 5).rows.tolist()) == {3, 4}
