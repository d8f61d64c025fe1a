"""Vectors of a cluster are those of one process, bit for bit, whatever machine is lost meanwhile."""

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from aisle.cluster import encode_items, placed
from aisle.cluster.encoding import shards
from aisle.encoders import StaticEncoder, TextEncoder, prepare_encoder
from aisle.settings import EncoderSettings
from aisle.testing.encoder import FakeEncoder

TEXTS = [f"{'a longer ' * (number % 7)}text of number {number}" for number in range(300)]


@pytest.fixture(scope="module")
def encoder(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AISLE_CACHE", str(tmp_path_factory.mktemp("cache")))
        return prepare_encoder(EncoderSettings(model=str(tiny_model), item_prefix="item: "))


def test_shards_are_whole_passes_in_the_order_of_one_process(encoder: TextEncoder) -> None:
    parts = shards(encoder, TEXTS, 4)
    assert all(len(part) % encoder.batch == 0 for part in parts[:-1])
    assert len(parts) > 4
    assert np.concatenate(parts).tolist() == encoder.item_order(TEXTS).tolist()


def test_few_texts_are_a_shard_and_none_are_no_work(encoder: TextEncoder) -> None:
    assert [part.tolist() for part in shards(FakeEncoder(), ["a", "b", "c"], 4)] == [[0], [1], [2]]
    assert len(shards(encoder, ["a"], 4)) == 1
    assert shards(StaticEncoder, [], 4) == []  # type: ignore[arg-type]


def test_vectors_are_the_same_bit_for_bit(address: str, encoder: TextEncoder) -> None:
    told: list[int] = []
    with placed(address) as place:
        found = encode_items(encoder, TEXTS, place, told.append)
    np.testing.assert_array_equal(found, encoder.encode_items(TEXTS))
    assert sum(told) == len(TEXTS)
    assert len(told) > 4


def test_an_encoder_of_python_goes_along_as_it_is(address: str) -> None:
    with placed(address) as place:
        np.testing.assert_array_equal(encode_items(FakeEncoder(), TEXTS, place), FakeEncoder().encode_items(TEXTS))
        assert encode_items(FakeEncoder(), [], place).shape == (0, 26)
