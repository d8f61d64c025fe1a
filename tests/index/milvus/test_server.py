"""Milvus away and slow: nobody waits longer than the time-out, and nobody asks while it is known to be away."""

import socket
import sys
import time
from collections.abc import Callable

import pytest

from aisle.errors import AwayError, MissingExtraError
from aisle.index.milvus.collection import Collection
from aisle.index.milvus.server import Server, shown
from aisle.settings import MilvusSettings


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def told(work: Callable[[], object]) -> tuple[str, float]:
    """What AwayError says, and after how many seconds."""
    started = time.monotonic()
    with pytest.raises(AwayError) as caught:
        work()
    return str(caught.value), time.monotonic() - started


def test_a_closed_port_is_away_and_soon_left_alone() -> None:
    pytest.importorskip("pymilvus")
    server = Server(MilvusSettings(url=f"http://user:secret@127.0.0.1:{closed_port()}", timeout_s=0.5))
    words = Collection("c", server)
    for _ in range(3):
        message, _ = told(lambda: words.wordiest({1: 1.0}, 5, "", words=False))
        assert message.startswith("Milvus at http://127.0.0.1:")
        assert "secret" not in message
    assert server.away
    assert told(lambda: words.wordiest({1: 1.0}, 5, "", words=False))[1] < 0.1


def test_what_accepts_and_never_answers_is_given_up_after_the_time_out() -> None:
    pytest.importorskip("pymilvus")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        words = Collection("c", Server(MilvusSettings(url=url, timeout_s=0.3)))
        assert told(lambda: words.wordiest({1: 1.0}, 5, "", words=False))[1] < 3


def test_a_refusal_is_told_and_the_line_stays_open(milvus: object, settings_for: Callable[..., object]) -> None:
    server = Server(settings_for(milvus).milvus)  # type: ignore[attr-defined]
    message, _ = told(lambda: Collection("unknown", server).wordiest({1: 1.0}, 5, "", words=False))
    assert "refuses" in message and "run aisle build" in message
    assert not server.away


def test_without_pymilvus_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(MissingExtraError, match=r"aisle\[milvus\]"):
        Server(MilvusSettings(url="http://127.0.0.1:1"))


def test_passwords_are_not_shown() -> None:
    assert shown("http://root:secret@milvus:19530") == "http://milvus:19530"
    assert shown("shop.db") == "shop.db"
