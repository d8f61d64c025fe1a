"""The database of a running service hangs: shoppers are answered, events are refused, and all of it recovers."""

import time
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from starlette.testclient import TestClient

import aisle
from aisle.errors import NotFoundError
from aisle.settings import use_setting
from aisle.shop import Shop
from aisle.testing.encoder import FakeEncoder
from aisle.testing.servers import PostgresqlServer, postgresql
from aisle.testing.toy_shop import toy_events, toy_items

BOUND_S = 10.0


@pytest.fixture
def server() -> Iterator[PostgresqlServer]:
    try:
        with postgresql("fsync=off") as server:
            yield server
    except NotFoundError as error:
        pytest.skip(str(error))


@pytest.fixture
def shop(toy_folder: Path, tmp_path: Path, server: PostgresqlServer) -> Iterator[Shop]:
    """The toy shop with its store in PostgreSQL."""
    copytree(toy_folder, tmp_path / "shop")
    use_setting(tmp_path / "shop", "store.url", server.new_url())
    use_setting(tmp_path / "shop", "store.timeout_s", 0.5)
    shop = aisle.open(tmp_path / "shop", encoder=FakeEncoder())
    shop.store.upsert_items(toy_items())
    shop.store.append_events(toy_events())
    yield shop
    shop.close()


def test_a_service_goes_on_while_its_database_hangs(shop: Shop, server: PostgresqlServer, client: TestClient) -> None:
    known = next(event.user_id for event in toy_events() if event.user_id)
    personal = {"query": "usb cable", "user_id": known}
    act = {"kind": "click", "item_id": toy_items()[0].item_id, "user_id": known}
    before = client.post("/v1/search", json=personal).json()
    shelf = client.post("/v1/recommend", json={"user_id": known}).json()["shelf"]
    assert before["degraded"] == [] and shelf["degraded"] == []
    n_events = shop.store.counts().n_events
    server.pause()
    started = time.monotonic()
    while not (again := client.post("/v1/search", json=personal).json())["degraded"]:
        assert time.monotonic() - started < BOUND_S  # until it is noticed, what is in memory counts as fresh
    assert again["degraded"] == ["profile"]
    assert [hit["item_id"] for hit in again["hits"]] == [hit["item_id"] for hit in before["hits"]], "the last profile"
    stranger = client.post("/v1/recommend", json={"user_id": "nobody yet"}).json()["shelf"]
    assert (stranger["name"], stranger["degraded"]) == ("popular", ["profile"])
    refused = client.post("/v1/events", json={"events": [act, act]})
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "store_unavailable")
    assert time.monotonic() - started < BOUND_S
    assert any(part.startswith("store: ") for part in client.get("/readyz").json()["degraded"])
    assert "aisle_store_degraded 2.0" in client.get("/metrics").text
    server.resume()
    while client.post("/v1/events", json=act).status_code != 202:
        assert time.monotonic() - started < 3 * BOUND_S
        time.sleep(0.1)
    assert shop.store.counts().n_events - n_events in {1, 3}, "the refused batch is kept whole or not at all"
    assert client.post("/v1/recommend", json={"user_id": known}).json()["shelf"]["degraded"] == []
    assert "degraded" not in client.get("/readyz").json()
