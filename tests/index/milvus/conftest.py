"""A real Milvus Lite in a process of its own, which tests may stop and kill."""

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from aisle.settings import IndexSettings, MilvusSettings

START_S = 60.0


class MilvusLite:
    """`milvus-lite server` over the files in `folder`."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.folder = folder
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        server = [sys.executable, "-m", "milvus_lite", "server", "--data-dir", str(self.folder)]
        at = ["--host", "127.0.0.1", "--port", str(self.port)]
        self.process = subprocess.Popen([*server, *at], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + START_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > until:
                    pytest.skip(f"Milvus Lite does not start (exit {self.process.poll()})")
                time.sleep(0.1)

    def pause(self) -> None:
        """It takes connections, and never answers."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """It answers again."""
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGCONT)

    def kill(self) -> None:
        """It is gone at once, as by a power cut."""
        self.process.kill()
        self.process.wait()


def _needed() -> None:
    for package in ("pymilvus", "milvus_lite"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f'{package} is not installed: pip install "pymilvus[milvus-lite]"')


@pytest.fixture(scope="session")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusLite]:
    """A server that all tests share; no test stops it."""
    _needed()
    server = MilvusLite(tmp_path_factory.mktemp("milvus"))
    yield server
    server.kill()


@pytest.fixture
def frail(tmp_path: Path) -> Iterator[MilvusLite]:
    """A server of one test, to be paused and killed."""
    _needed()
    server = MilvusLite(tmp_path / "frail")
    yield server
    server.go_on()
    server.kill()


@pytest.fixture(scope="session")
def settings_for() -> Callable[..., IndexSettings]:
    """Settings of an index on a server, whose collections no other test has."""

    def make(server: MilvusLite, **chosen: object) -> IndexSettings:
        plain: dict[str, object] = {"url": server.url, "prefix": f"t{uuid4().hex[:8]}", "timeout_s": 60.0}
        return IndexSettings(milvus=MilvusSettings.model_validate({**plain, **chosen}))

    return make
