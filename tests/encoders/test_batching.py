from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest

from aisle.encoders import BatchedQueries, Encoder, batching
from aisle.encoders.batching import SIZES, best_batch
from aisle.testing.encoder import FakeEncoder
from aisle.testing.encoders import EncoderConformance
from aisle.types import Vectors


class Gated(FakeEncoder):
    """Holds its first pass until `gate` is open, and keeps the sizes of its passes."""

    def __init__(self) -> None:
        self.begun, self.gate = Event(), Event()
        self.sizes: list[int] = []

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        self.sizes.append(len(texts))
        self.begun.set()
        assert self.gate.wait(10)
        if "bad" in texts:
            raise ValueError("bad query")
        return super().encode_queries(texts)


class TestBatched(EncoderConformance):
    @pytest.fixture(scope="class")
    def encoder(self) -> Encoder:
        return BatchedQueries(FakeEncoder())


def waiting(encoder: BatchedQueries, n: int) -> None:
    """Return when `n` calls wait for the running pass."""
    while len(encoder._waiting) < n:
        Event().wait(0.001)


def during_a_pass(inner: Gated, encoder: BatchedQueries, calls: Sequence[list[str]]) -> list[Future[Vectors]]:
    """A call for "first", and `calls` that come while its pass runs: all are done."""
    with ThreadPoolExecutor(1 + len(calls)) as pool:
        first = pool.submit(encoder.encode_queries, ["first"])
        inner.begun.wait(10)
        others = [pool.submit(encoder.encode_queries, texts) for texts in calls]
        waiting(encoder, len(calls))
        inner.gate.set()
    return [first, *others]


def test_queries_that_come_during_a_pass_share_the_next() -> None:
    inner = Gated()
    calls = [[f"query {letter}", "lamp"] for letter in "abcde"]
    found = during_a_pass(inner, BatchedQueries(inner, n_passes=1), calls)
    for texts, call in zip([["first"], *calls], found, strict=True):
        np.testing.assert_array_equal(call.result(), FakeEncoder().encode_queries(texts))
    assert inner.sizes == [1, 10]


def test_while_a_core_is_free_nobody_waits() -> None:
    inner = Gated()
    encoder = BatchedQueries(inner, n_passes=2)
    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(encoder.encode_queries, ["lamp"]) for _ in range(2)]
        while len(inner.sizes) < 2:
            Event().wait(0.001)
        inner.gate.set()
        assert all(call.result(10).any() for call in calls)
    assert inner.sizes == [1, 1]


def test_an_error_reaches_who_caused_it_and_nobody_beside_or_after() -> None:
    inner = Gated()
    encoder = BatchedQueries(inner, n_passes=1)
    first, bad, good = during_a_pass(inner, encoder, [["bad"], ["good"]])
    assert first.result().any()
    with pytest.raises(ValueError, match="bad query"):
        bad.result()
    np.testing.assert_array_equal(good.result(), FakeEncoder().encode_queries(["good"]))
    assert encoder.encode_queries(["lamp"]).any()


class Panicking(Gated):
    """What Rust calls a panic is no Exception."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        found = super().encode_queries(texts)
        if "panic" in texts:
            raise KeyboardInterrupt
        return found


def test_a_pass_that_is_ended_ends_its_calls_and_frees_its_core() -> None:
    inner = Panicking()
    encoder = BatchedQueries(inner, n_passes=1)
    first, *others = during_a_pass(inner, encoder, [["panic"], ["good"]])
    assert first.result().any()
    for call in others:
        with pytest.raises((KeyboardInterrupt, RuntimeError)):
            call.result()
    assert encoder._n_free == 1
    assert encoder.encode_queries(["lamp"]).any()


def test_many_threads_get_their_own_answers() -> None:
    encoder = BatchedQueries(FakeEncoder(), n_passes=2)
    texts = [f"{'abcdefghij'[number % 10]}{'klmnop'[number % 6]} text" for number in range(400)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: encoder.encode_queries([text])[0], texts))
    np.testing.assert_array_equal(np.stack(found), FakeEncoder().encode_queries(texts))


@pytest.mark.parametrize(
    ("seconds", "best"),
    [
        ({8: 4.0, 16: 3.0, 32: 2.0, 64: 1.0}, 64),
        ({8: 4.0, 16: 2.0, 32: 1.99, 64: 1.98}, 16),  # 1 % is noise
        ({8: 1.0, 16: 2.0, 32: 3.0, 64: 4.0}, 8),
    ],
)
def test_the_fastest_size_is_chosen_and_of_equals_the_smallest(
    seconds: dict[int, float], best: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batching, "_seconds", lambda encode, size: seconds[size])
    asked: list[int] = []
    assert best_batch(asked.append) == best
    assert asked == [SIZES[0]]
