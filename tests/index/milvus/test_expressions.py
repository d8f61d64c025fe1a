from collections.abc import Callable

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.index.filters import All, AnyOf
from aisle.index.milvus import MilvusIndex
from aisle.index.milvus.expressions import every, expression, partition, partitions, without
from aisle.settings import IndexSettings
from aisle.testing.index_cases import FILTERS, condition, put, rows, vector
from aisle.testing.toy_shop import toy_items
from aisle.types import Item


@pytest.fixture(scope="module")
def index(
    milvus: object, settings_for: Callable[..., IndexSettings], tmp_path_factory: pytest.TempPathFactory
) -> MilvusIndex:
    chosen = settings_for(milvus, partition_key="category", index_type="FLAT")
    made = MilvusIndex.create(tmp_path_factory.mktemp("apart"), 26, chosen)
    put(made, range(13), [*toy_items(), Item("audio", "Cable", category=("ELECTRONICS",))])
    return made


def test_milvus_keeps_the_same_sets(index: MilvusIndex) -> None:
    for text, _ in FILTERS:
        kept = index.collection.passing(expression(index.columns, condition(text)))
        assert (text, kept.tolist()) == (text, index.browse(condition(text)).tolist())


def test_partitions_hold_all_that_their_filters_keep(index: MilvusIndex) -> None:
    for text in (
        'category = "Electronics"',
        'category = "electronics > Audio" AND price < 100',
        'category IN ["Sports", "Kitchen > Cups"]',
        'category = "Nothing"',
        'category = "Sports" OR price < 10',
    ):
        kept = index.browse(condition(text)).tolist()
        assert sorted(index.dense(vector("usb coffee"), 20, condition(text)).rows.tolist()) == kept


def test_only_a_condition_that_all_pass_names_partitions(index: MilvusIndex) -> None:
    columns = index.columns
    assert partitions(columns, "category", condition('category = "Sports" OR price < 10')) is None
    assert partitions(columns, "category", condition('NOT category = "Sports"')) is None
    assert partitions(columns, "category", condition('price < 10 AND category = "Nothing"')) == []
    both = partitions(columns, "category", condition('category = "electronics > audio"'))
    assert sorted(both or []) == sorted({partition(columns, "category", row) for row in (0, 12)})
    assert partition(columns, "gtin", 0) == -1


def test_all_of_nothing_passes_and_one_of_nothing_does_not(index: MilvusIndex) -> None:
    assert len(index.collection.passing(expression(index.columns, All(())))) == 13
    assert len(index.collection.passing(expression(index.columns, AnyOf(())))) == 0


def test_a_number_beyond_all_numbers_is_compared(index: MilvusIndex) -> None:
    assert len(index.collection.passing(expression(index.columns, condition("price < 1e999")))) == 12


def test_an_unknown_field_names_the_nearest(index: MilvusIndex) -> None:
    with pytest.raises(InputError, match=r"did you mean .brand."):
        expression(index.columns, condition("brnd = Volt"))


def test_parts_that_say_nothing_are_left_out() -> None:
    assert every("", "") == ""
    assert every("a < 1", "") == "a < 1"
    assert every("a < 1", "b < 1 or c < 1") == "(a < 1) and (b < 1 or c < 1)"
    assert without(rows()) == ""
    assert without(np.array([3, 5])) == "not (row in [3, 5])"
