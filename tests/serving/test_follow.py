"""A server that follows a storage of releases serves on, whatever becomes of the storage, and says so."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import aisle
from aisle.serving import create_app
from aisle.serving.follow import Following
from aisle.shop import Shop
from aisle.testing.encoder import FakeEncoder


@contextmanager
def sharing(toy_folder: Path, tmp_path: Path, *lines: str) -> Iterator[tuple[Shop, Shop]]:
    """The shop where releases are built, and that of a server, which share a storage; it looks on its own only once."""
    with ExitStack() as stack:
        shops = []
        for name in ("builder", "server"):
            folder = shutil.copytree(toy_folder, tmp_path / name)
            toml = folder / "aisle.toml"
            table = "\n".join(("[releases]", "look_s = 60.0", *lines, ""))
            toml.write_text(toml.read_text("utf-8").replace("[releases]\n", table), "utf-8")
            shops.append(stack.enter_context(closing(aisle.open(folder, encoder=FakeEncoder()))))
        yield shops[0], shops[1]


@pytest.fixture
def on_s3(s3_server: Any, s3_url: str, toy_folder: Path, tmp_path: Path) -> Iterator[tuple[Shop, Shop]]:
    lines = (f'url = "{s3_url}"', f'endpoint_url = "{s3_server.address}"', "timeout_s = 2.0")
    with sharing(toy_folder, tmp_path, *lines) as shops:
        shutil.rmtree(shops[1].folder / "releases")
        yield shops


@pytest.fixture
def in_a_folder(toy_folder: Path, tmp_path: Path) -> Iterator[tuple[Shop, Shop]]:
    with sharing(toy_folder, tmp_path, f'url = "file://{tmp_path / "storage"}"') as shops:
        yield shops


def following_of(client: TestClient) -> Following:
    following: Following = client.app.state.service.following  # type: ignore[attr-defined]
    return following


def test_a_server_takes_its_release_from_the_storage_and_outlives_it(on_s3: tuple[Shop, Shop], s3_server: Any) -> None:
    builder, server = on_s3
    first = builder.push().release_id
    builder.activate(first)
    with TestClient(create_app(server), raise_server_exceptions=False) as client:
        until = time.monotonic() + 60
        while server.active_release_id() != first:
            assert time.monotonic() < until, "the release did not come"
            time.sleep(0.05)
        client.app.state.service.watch.look()  # type: ignore[attr-defined]
        assert client.get("/readyz").json() == {"status": "ready", "release_id": first}
        assert "aisle_release_storage_trouble 0.0" in client.get("/metrics").text

        os.kill(s3_server.process.pid, signal.SIGSTOP)
        try:
            started = time.monotonic()
            assert following_of(client).look() == 60.0
            assert time.monotonic() - started < 20
            assert client.post("/v1/search", json={"query": "usb"}).json()["release_id"] == first
        finally:
            os.kill(s3_server.process.pid, signal.SIGCONT)
        ready = client.get("/readyz")
        assert ready.status_code == 200
        assert "does not answer" in ready.json()["storage"]["reason"]
        assert "aisle_release_storage_trouble 1.0" in client.get("/metrics").text

        assert following_of(client).look() == 60.0
        assert client.get("/readyz").json() == {"status": "ready", "release_id": first}
        assert "aisle_release_storage_trouble 0.0" in client.get("/metrics").text


def test_a_release_that_comes_damaged_is_refused_and_the_old_one_goes_on(in_a_folder: tuple[Shop, Shop]) -> None:
    builder, server = in_a_folder
    running = builder.push().release_id
    builder.activate(running)
    with TestClient(create_app(server)) as client:
        assert following_of(client).look() == 60.0
        newer = builder.build().release_id
        damaged = builder.storage.manifest(newer).files["catalogue/items.jsonl"]
        builder.storage.objects.write(f"objects/{damaged}", b"{}")
        (server.folder / "releases" / running / "catalogue" / "items.jsonl").unlink()  # else it is taken from there
        assert following_of(client).look() == 60.0
        assert "another checksum" in client.get("/readyz").json()["storage"]["reason"]
        assert client.post("/v1/search", json={"query": "usb"}).json()["release_id"] == running
        builder.push(newer, whole=True)
        following_of(client).look()
        client.app.state.service.watch.look()  # type: ignore[attr-defined]
        assert client.get("/readyz").json() == {"status": "ready", "release_id": newer}


def test_a_shop_without_a_storage_follows_nothing(client: TestClient) -> None:
    assert client.app.state.service.following is None  # type: ignore[attr-defined]
