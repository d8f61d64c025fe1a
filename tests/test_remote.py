"""Lines to other machines: slips are tried again, an engine that is away is left alone, and asked again later."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from aisle.errors import AwayError
from aisle.remote import Remote


class Engine:
    """Fails the first `n_failures` times, then answers; counts its calls."""

    def __init__(self, n_failures: int) -> None:
        self.n_failures, self.n_calls = n_failures, 0

    def __call__(self) -> str:
        self.n_calls += 1
        if self.n_calls <= self.n_failures:
            raise ConnectionError("refused")
        return "here"


def line(**numbers: float) -> Remote:
    return Remote("the engine at here:1", (ConnectionError,), **{"wait_s": 0.001, **numbers})  # type: ignore[arg-type]


def away(work: Callable[[], str], remote: Remote) -> str:
    with pytest.raises(AwayError) as caught:
        remote.call(work)
    return str(caught.value)


def test_an_answer_comes_through() -> None:
    assert line().call(Engine(0)) == "here"


def test_slips_are_tried_again() -> None:
    engine = Engine(2)
    assert line(attempts=3).call(engine) == "here"
    assert engine.n_calls == 3


def test_after_the_last_attempt_the_engine_is_away() -> None:
    engine = Engine(3)
    told = away(engine, line(attempts=3))
    assert told == "the engine at here:1 does not answer; check its address, and that it runs (refused)"
    assert engine.n_calls == 3


def test_an_engine_that_is_away_is_not_called() -> None:
    engine, remote = Engine(100), line(attempts=1, most_failures=2)
    for _ in range(2):
        away(engine, remote)
    assert remote.away
    assert away(engine, remote).startswith("the engine at here:1 does not answer")
    assert engine.n_calls == 2


def test_after_a_rest_one_call_finds_out_that_it_is_back() -> None:
    engine, remote = Engine(2), line(attempts=1, most_failures=2, rest_s=0.05)
    for _ in range(2):
        away(engine, remote)
    time.sleep(0.06)
    assert (remote.away, remote.failing) == (False, True)
    assert remote.call(engine) == "here"
    assert (remote.away, remote.failing) == (False, False)


def test_errors_of_the_caller_are_not_tried_again_and_do_not_count() -> None:
    remote, n_calls = line(most_failures=1), 0

    def wrong() -> str:
        nonlocal n_calls
        n_calls += 1
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        remote.call(wrong)
    assert n_calls == 1
    assert not remote.away


def test_no_attempt_begins_after_the_deadline() -> None:
    engine = Engine(100)
    started = time.monotonic()
    away(engine, line(attempts=100, wait_s=0.02, deadline_s=0.1))
    assert engine.n_calls < 100
    assert time.monotonic() - started < 2


def test_threads_do_not_wait_for_each_other() -> None:
    remote, together = line(), Barrier(4)
    with ThreadPoolExecutor(4) as threads:
        # Nobody passes the barrier before all four are at it.
        arrived = threads.map(lambda _: remote.call(lambda: together.wait(timeout=10)), range(4))
        assert sorted(arrived) == [0, 1, 2, 3]


def test_while_one_call_tries_whether_it_is_back_the_others_fail_at_once() -> None:
    remote, tried = line(attempts=1, most_failures=1, rest_s=0.05), Engine(0)
    away(Engine(1), remote)
    time.sleep(0.06)

    def slow() -> str:
        assert away(tried, remote).endswith("(refused)")
        return "here"

    assert remote.call(slow) == "here"
    assert tried.n_calls == 0
    assert remote.call(tried) == "here"
