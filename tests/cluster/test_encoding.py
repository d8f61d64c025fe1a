"""Vectors of a cluster are those of one process, bit for bit, whatever machine is lost meanwhile."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from aisle.cluster import placed
from aisle.cluster.encoding import encoding, shards
from aisle.encoders import TextEncoder, prepare_encoder
from aisle.settings import EncoderSettings
from aisle.shop import Shop
from aisle.testing.encoder import FakeEncoder
from aisle.types import Vectors

TEXTS = [f"{'a longer ' * (number % 7)}text of number {number}" for number in range(300)]


class Slow(FakeEncoder):
    """Leaves the name of the node that it works on in a folder, and takes its time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def encode_items(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        import ray  # noqa: PLC0415  on the cluster

        (self.folder / ray.get_runtime_context().get_node_id()).touch()
        time.sleep(0.2)
        return super().encode_items(texts, progress)


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


def test_few_texts_are_spread_as_far_as_passes_allow(encoder: TextEncoder) -> None:
    assert [part.tolist() for part in shards(FakeEncoder(), ["a", "b", "c"], 4)] == [[0], [1], [2]]
    assert len(shards(encoder, ["a"], 4)) == 1


def test_vectors_are_the_same_bit_for_bit(address: str, encoder: TextEncoder) -> None:
    told: list[int] = []
    with placed(address) as place:
        found = encoding(encoder, place)(TEXTS, told.append)
    np.testing.assert_array_equal(found, encoder.encode_items(TEXTS))
    assert sum(told) == len(TEXTS)
    assert len(told) > 4


def test_an_encoder_of_python_goes_along_as_it_is(address: str) -> None:
    with placed(address) as place:
        encode = encoding(FakeEncoder(), place)
        np.testing.assert_array_equal(encode(TEXTS, None), FakeEncoder().encode_items(TEXTS))
        assert encode([], None).shape == (0, 26)


def test_a_release_of_a_cluster_holds_the_same_vectors(address: str, new_shop: Callable[[], Shop]) -> None:
    here, there = new_shop(), new_shop()
    told: list[str] = []
    here.build()
    there.build(lambda stage, done, total: told.append(f"{stage} {done}/{total}"), cluster=address)
    assert "encode 12/12" in told
    np.testing.assert_array_equal(there.release.index.vectors, here.release.index.vectors)
    assert there.release.manifest.quality == here.release.manifest.quality


@pytest.mark.parametrize("fault", [signal.SIGKILL, pytest.param(signal.SIGSTOP, marks=pytest.mark.slow)])
def test_a_node_lost_in_the_middle_loses_nothing(address: str, ray_nodes: Any, tmp_path: Path, fault: int) -> None:
    node = next(one for one in ray_nodes.list_all_nodes() if not one.head)
    raylet = node.all_processes["raylet"][0].process
    at_work = tmp_path / node.node_id

    def lose() -> None:
        while not at_work.exists():
            time.sleep(0.05)
        for process in [*children(raylet.pid), raylet.pid]:
            os.kill(process, fault)

    losing = Thread(target=lose, daemon=True)
    losing.start()
    try:
        with placed(address) as place:
            found = encoding(Slow(tmp_path), place)(TEXTS, None)
        losing.join(1)
    finally:
        for process in [*children(raylet.pid), raylet.pid]:
            os.kill(process, signal.SIGKILL)
        ray_nodes.remove_node(node, allow_graceful=False)
    assert not losing.is_alive()
    np.testing.assert_array_equal(found, FakeEncoder().encode_items(TEXTS))


def children(process: int) -> list[int]:
    """The processes that `process` started and that run."""
    try:
        told = Path(f"/proc/{process}/task/{process}/children").read_text("utf-8")
    except OSError:
        return []
    return [int(one) for one in told.split()]
