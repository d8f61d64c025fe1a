import logging
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from aisle.encoders import Encoder
from aisle.encoders.cache import CachedEncoder, VectorCache, content_key
from aisle.testing.encoder import FakeEncoder
from aisle.testing.encoders import EncoderConformance
from aisle.types import Vectors

TEXTS = ["desk lamp", "coffee mug", "desk lamp", "无线耳机"]


class Counting(FakeEncoder):
    """Counts the texts it encodes."""

    fingerprint = "letters"

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode_items(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        self.encoded += texts
        return super().encode_items(texts, progress)


@pytest.fixture
def cache(tmp_path: Path) -> VectorCache:
    return VectorCache(tmp_path / "cache", 1_000_000)


class TestCached(EncoderConformance):
    @pytest.fixture(scope="class")
    def encoder(self, tmp_path_factory: pytest.TempPathFactory) -> Encoder:
        return CachedEncoder(Counting(), VectorCache(tmp_path_factory.mktemp("vectors"), 1_000_000))


def test_a_text_is_encoded_once(cache: VectorCache) -> None:
    first = Counting()
    encoder = CachedEncoder(first, cache)
    vectors = encoder.encode_items(TEXTS)
    assert first.encoded == ["desk lamp", "coffee mug", "无线耳机"]
    assert (encoder.n_hits, encoder.n_misses, encoder.hit_rate) == (1, 3, 0.25)
    second = Counting()
    again = CachedEncoder(second, cache)
    np.testing.assert_array_equal(again.encode_items(TEXTS), vectors)
    assert second.encoded == []
    assert again.hit_rate == 1
    again.encode_items(["desk lamp", "garden hose"])
    assert second.encoded == ["garden hose"]


def test_progress_hears_of_known_and_of_new_texts(cache: VectorCache) -> None:
    heard: list[int] = []
    CachedEncoder(Counting(), cache).encode_items(["desk lamp"])
    CachedEncoder(Counting(), cache).encode_items(["desk lamp", "mug", "hose"], heard.append)
    assert heard == [1, 2]


def test_another_model_or_text_has_another_key() -> None:
    keys = {content_key(model, text) for model in ("a", "b") for text in ("x", "y")}
    assert len(keys) == 4
    assert {len(key) for key in keys} == {32}


def test_an_encoder_without_a_fingerprint_is_not_cached(cache: VectorCache) -> None:
    encoder = CachedEncoder(FakeEncoder(), cache)
    for _ in range(2):
        encoder.encode_items(TEXTS)
    assert (encoder.n_hits, encoder.n_misses) == (0, 8)
    assert not cache.path.exists()


def test_what_was_not_used_for_longest_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = count()  # never ends: other threads read the same clock
    monkeypatch.setattr("aisle.encoders.cache.time.time", lambda: float(next(clock)))
    one = 26 * 4 + 8
    cache = VectorCache(tmp_path, 10 * one)
    keys = [content_key("m", str(number)) for number in range(11)]
    vector = np.ones(26, np.float32)
    for key in keys[:10]:
        cache.put({key: vector})
    assert len(cache.get(keys[:1], 26)) == 1  # used once more: the second is the oldest now
    cache.put({keys[10]: vector})
    assert cache.n_bytes() <= 10 * one
    kept = cache.get(keys, 26)
    assert keys[0] in kept and keys[10] in kept
    assert keys[1] not in kept


def test_a_damaged_file_is_made_anew(cache: VectorCache, caplog: pytest.LogCaptureFixture) -> None:
    CachedEncoder(Counting(), cache).encode_items(TEXTS)
    for path in cache.path.parent.iterdir():
        path.write_bytes(b"no database " * 100)
    encoder = CachedEncoder(Counting(), cache)
    with caplog.at_level(logging.WARNING):
        np.testing.assert_array_equal(encoder.encode_items(TEXTS), FakeEncoder().encode_items(TEXTS))
    assert "is damaged and is made anew" in caplog.text
    assert CachedEncoder(Counting(), cache).encode_items(TEXTS).shape == (4, 26)
    assert len(cache.get([content_key("letters", text) for text in TEXTS], 26)) == 3


@pytest.mark.parametrize("change", ["x'00'", "substr(vector, 1, 40)", "substr(vector, 5) || substr(vector, 1, 4)"])
def test_a_damaged_vector_is_forgotten(cache: VectorCache, change: str) -> None:
    CachedEncoder(Counting(), cache).encode_items(TEXTS)
    with sqlite3.connect(cache.path) as database:
        database.execute(f"UPDATE vectors SET vector = {change}")
    database.close()
    again = Counting()
    vectors = CachedEncoder(again, cache).encode_items(TEXTS)
    np.testing.assert_array_equal(vectors, FakeEncoder().encode_items(TEXTS))
    assert len(again.encoded) == 3


def test_without_a_disk_items_are_encoded_all_the_same(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    encoder = CachedEncoder(Counting(), VectorCache(tmp_path / "file", 1_000))
    with caplog.at_level(logging.WARNING):
        assert encoder.encode_items(TEXTS).shape == (4, 26)
    assert "is done without" in caplog.text


def test_without_leave_to_delete_a_damaged_file_items_are_encoded_all_the_same(
    cache: VectorCache, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    CachedEncoder(Counting(), cache).encode_items(TEXTS)
    for path in cache.path.parent.iterdir():
        path.write_bytes(b"no database " * 100)
    monkeypatch.setattr(Path, "unlink", refuse)
    with caplog.at_level(logging.WARNING):
        assert CachedEncoder(Counting(), cache).encode_items(TEXTS).shape == (4, 26)
    assert "is damaged" in caplog.text


def test_many_builds_at_once_write_and_read_the_same(cache: VectorCache) -> None:
    texts = [f"item {number}" for number in range(300)]

    def work(_: int) -> Vectors:
        return CachedEncoder(Counting(), cache).encode_items(texts)

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(work, range(4)))
    for vectors in results:
        np.testing.assert_array_equal(vectors, FakeEncoder().encode_items(texts))
    assert CachedEncoder(Counting(), cache).encode_items(texts).shape == (300, 26)
