"""The toy shop behind its HTTP service."""

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.testclient import TestClient

import aisle
from aisle.serving import create_app, listen
from aisle.shop import Shop
from aisle.testing.encoder import FakeEncoder
from aisle.testing.toy_shop import toy_events, toy_items

ShopWith = Callable[..., Shop]


@pytest.fixture(scope="session")
def toy_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the toy shop, built once; the tests work on copies."""
    folder = tmp_path_factory.mktemp("serving") / "shop"
    aisle.init(folder, name="Toy shop").close()
    with closing(aisle.open(folder, encoder=FakeEncoder())) as shop:
        shop.store.upsert_items(toy_items())
        shop.store.append_events(toy_events())
        shop.build()
    return folder


@pytest.fixture
def shop_with(toy_folder: Path, tmp_path: Path) -> Iterator[ShopWith]:
    """Opens the toy shop with the given settings of its service: shop_with(max_body_bytes=1_000)."""
    opened: list[Shop] = []

    def open_shop(*, built: bool = True, **serving: Any) -> Shop:
        folder = tmp_path / f"shop-{len(opened)}"
        shutil.copytree(toy_folder, folder)
        if not built:
            shutil.rmtree(folder / "releases")
        settings = folder / "aisle.toml"
        lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in serving.items())
        settings.write_text(settings.read_text("utf-8").replace("[serving]\n", f"[serving]\n{lines}"), "utf-8")
        opened.append(aisle.open(folder, encoder=FakeEncoder()))
        return opened[-1]

    yield open_shop
    for shop in opened:
        shop.close()


@pytest.fixture
def shop(shop_with: ShopWith) -> Shop:
    """The toy shop, built, with the default settings."""
    return shop_with()


@pytest.fixture
def client(shop: Shop) -> Iterator[TestClient]:
    """A client of the toy shop's service. It gets the answer to an unexpected error, too, instead of the error."""
    with TestClient(create_app(shop), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def live() -> Iterator[Callable[[Shop], int]]:
    """Serves a shop in a thread of the test, on a port of its own: port = live(shop)."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def run(shop: Shop) -> int:
        listener = listen("127.0.0.1", 0)
        server = uvicorn.Server(uvicorn.Config(create_app(shop), log_config=None, ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        running.append((server, thread))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        port: int = listener.getsockname()[1]
        return port

    yield run
    for server, thread in running:
        server.should_exit = True
        thread.join()


@dataclass
class ServerProcess:
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    port: int
    folder: Path


_SERVE = """
import sys, aisle
from aisle.serving import serve
from aisle.shop import Shop as S
{before}
from aisle.testing.encoder import FakeEncoder
shop = aisle.open(sys.argv[1], encoder=FakeEncoder())
serve(shop, port=0, ready=lambda address: print(address, flush=True))
shop.close()
print("closed")
"""


@pytest.fixture
def start(shop: Shop) -> Iterator[Callable[..., ServerProcess]]:
    """Starts a server of the toy shop in a process of its own, after the statements `before`."""
    started: list[subprocess.Popen[str]] = []

    def run(before: str = "") -> ServerProcess:
        command = [sys.executable, "-c", _SERVE.format(before=before), str(shop.folder)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        address = process.stdout.readline()
        return ServerProcess(process, int(address.rpartition(":")[2]), shop.folder)

    yield run
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
