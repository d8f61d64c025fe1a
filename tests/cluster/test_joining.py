"""An address that nobody answers at is an error within seconds, and without one there is no Ray at all."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from aisle.cluster import HERE, joining, placed
from aisle.errors import AwayError, InputError, MissingExtraError
from aisle.shop import Shop


@contextmanager
def server(answer: bytes | None) -> Iterator[int]:
    """A port where connections are taken, and greeted with `answer`; None says nothing, as a paused process does."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while answer is not None:
                try:
                    line, _ = listening.accept()
                except OSError:
                    return
                with line:
                    line.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.mark.parametrize("prefix", ["", "ray://"])
def test_an_address_that_nobody_listens_at_fails_at_once(prefix: str, new_shop: Callable[[], Shop]) -> None:
    began = time.monotonic()
    with pytest.raises(AwayError, match=r"the Ray cluster at .*127.0.0.1:\d+ does not answer; check its address"):
        new_shop().build(cluster=f"{prefix}127.0.0.1:{closed_port()}")
    assert time.monotonic() - began < 5


def test_a_server_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "TIMEOUT_S", 0.3)
    with server(None) as port, pytest.raises(AwayError, match="timed out"), placed(f"127.0.0.1:{port}"):
        pass


def test_a_server_of_something_else_is_told() -> None:
    other = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    with server(other) as port, pytest.raises(AwayError, match="is no Ray cluster"), placed(f"127.0.0.1:{port}"):
        pass


@pytest.mark.parametrize("address", ["nowhere", "http://host:80", "host:port", ":6379"])
def test_an_address_of_no_known_form_is_refused(address: str) -> None:
    with pytest.raises(InputError, match=r"is no address; expected HOST:PORT"), placed(address):
        pass


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"aisle\[ray\]"), placed("local"):
        pass


def test_without_an_address_work_is_done_here() -> None:
    told: list[Any] = []
    with placed("") as place:
        assert place is HERE
        work = place.sent(lambda one, other, tell: tell("half") or one + other, 1)
        assert work(2, hear=told.append) == 3
        assert place.each(abs, [-1, 2]) == [1, 2]
        assert place.run(lambda one, tell: one, 5) == 5
    assert told == ["half"]


def test_without_an_address_ray_is_never_imported(new_shop: Callable[[], Shop]) -> None:
    folder = new_shop().folder
    code = (
        "import sys, aisle\n"
        "from aisle.testing.encoder import FakeEncoder\n"
        f"shop = aisle.open({str(folder)!r}, encoder=FakeEncoder())\n"
        "shop.build()\n"
        "sys.exit('ray' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
