import gc
import http.client
import json
import logging
import threading
import time
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

import aisle
from aisle.serving import create_app
from aisle.serving.metrics import Metrics
from aisle.serving.reload import ReleaseWatch
from aisle.shop import Shop
from aisle.testing.encoder import FakeEncoder
from aisle.types import Item


def watch_of(client: TestClient) -> ReleaseWatch:
    watch: ReleaseWatch = client.app.state.service.watch  # type: ignore[attr-defined]
    return watch


def build_again(shop: Shop) -> str:
    """Build and activate another release, as a command in another process does, and return its id."""
    other = aisle.open(shop.folder, encoder=FakeEncoder())
    try:
        return other.build().release_id
    finally:
        other.close()


def damage(shop: Shop, release_id: str) -> None:
    """Change one byte of the largest file of a release."""
    files = [path for path in (shop.folder / "releases" / release_id).rglob("*") if path.is_file()]
    largest = max(files, key=lambda path: path.stat().st_size)
    content = bytearray(largest.read_bytes())
    content[len(content) // 2] ^= 0xFF
    largest.chmod(0o644)
    largest.write_bytes(content)


def test_a_new_release_is_picked_up(client: TestClient, shop: Shop) -> None:
    first = shop.release.release_id
    second = build_again(shop)
    assert first != second
    watch_of(client).look()
    assert client.get("/readyz").json() == {"status": "ready", "release_id": second}
    assert client.post("/v1/search", json={"query": "usb"}).json()["release_id"] == second
    text = client.get("/metrics").text
    assert 'aisle_release_reloads_total{outcome="loaded"} 2.0' in text  # the first when the service started
    assert f'aisle_release_info{{release_id="{second}"}} 1.0' in text


def test_the_running_service_looks_by_itself(shop_with: Callable[..., Shop]) -> None:
    shop = shop_with(reload_s=0.01)
    with TestClient(create_app(shop)) as client:
        second = build_again(shop)
        until = time.monotonic() + 20
        while client.get("/readyz").json()["release_id"] != second:
            assert time.monotonic() < until, "the new release was not picked up"
            time.sleep(0.02)


def test_a_corrupt_release_is_refused_and_the_old_one_goes_on(
    client: TestClient, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    first = shop.release.release_id
    damage(shop, build_again(shop))
    with caplog.at_level(logging.ERROR, logger="aisle.serving"):
        watch_of(client).look()
        watch_of(client).look()
    assert len(caplog.records) == 1, "a refusal is logged once"
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["release_id"] == first
    assert ready.json()["refused"]["reason"] in caplog.text
    assert client.post("/v1/search", json={"query": "usb"}).json()["release_id"] == first
    text = client.get("/metrics").text
    assert 'aisle_release_reloads_total{outcome="refused"} 1.0' in text
    assert "aisle_release_refused 1.0" in text


def test_a_refusal_ends_with_the_next_good_release(client: TestClient, shop: Shop) -> None:
    damage(shop, build_again(shop))
    watch_of(client).look()
    third = build_again(shop)
    watch_of(client).look()
    assert client.get("/readyz").json() == {"status": "ready", "release_id": third}
    assert "aisle_release_refused 0.0" in client.get("/metrics").text


def test_items_that_change_are_found_without_a_build(client: TestClient, shop: Shop) -> None:
    shop.store.upsert_items([Item("k4", "Teapot", price=20.0)])
    watch_of(client).look()
    assert client.post("/v1/search", json={"query": "teapot"}).json()["hits"][0]["item_id"] == "k4"


def test_nothing_is_read_again_while_nothing_changes(
    client: TestClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_reads = 0

    def count(shop: Shop, *, warm: bool) -> bool:
        nonlocal n_reads
        n_reads += 1
        return False

    monkeypatch.setattr(type(shop), "refresh", count)
    watch_of(client).look()
    assert n_reads == 0
    shop.store.upsert_items([Item("k4", "Teapot", price=20.0)])
    watch_of(client).look()
    watch_of(client).look()
    assert n_reads == 1


def test_a_repaired_release_is_taken_up_later(client: TestClient, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    second = build_again(shop)
    damage(shop, second)
    watch_of(client).look()
    damage(shop, second)  # changing the byte once more puts it right
    watch_of(client).look()
    assert "refused" in client.get("/readyz").json()
    monkeypatch.setattr(watch_of(client), "_again_at", 0.0)  # the time to wait has passed
    watch_of(client).look()
    assert client.get("/readyz").json() == {"status": "ready", "release_id": second}


def test_an_unexpected_error_does_not_end_the_watch(
    client: TestClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(shop: Shop, *, warm: bool) -> bool:
        raise ZeroDivisionError("division by zero")

    build_again(shop)
    monkeypatch.setattr(type(shop), "refresh", fail)
    watch_of(client).look()
    assert client.get("/readyz").json()["refused"]["reason"] == "ZeroDivisionError: division by zero"


def test_no_request_fails_while_releases_change(shop_with: Callable[..., Shop], live: Callable[[Shop], int]) -> None:
    shop = shop_with(reload_s=0.01)
    port = live(shop)
    answers: list[tuple[int, str]] = []
    stop = threading.Event()

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while not stop.is_set():
            body = json.dumps({"query": "usb c cable", "filters": "price < 20"})
            connection.request("POST", "/v1/search", body, {"content-type": "application/json"})
            answer = connection.getresponse()
            answers.append((answer.status, json.loads(answer.read()).get("release_id", "")))
        connection.close()

    shoppers = [threading.Thread(target=ask) for _ in range(4)]
    for shopper in shoppers:
        shopper.start()
    built = [shop.release.release_id, build_again(shop), build_again(shop)]
    until = time.monotonic() + 20
    while (200, built[-1]) not in answers and time.monotonic() < until:
        time.sleep(0.02)
    stop.set()
    for shopper in shoppers:
        shopper.join()
    assert {status for status, _ in answers} == {200}
    assert {release_id for _, release_id in answers} <= set(built)
    assert answers[-1][1] == built[-1]


def test_the_garbage_collector_passes_over_what_a_new_release_holds(shop: Shop) -> None:
    gc.unfreeze()
    watch = ReleaseWatch(shop, 1.0, Metrics())
    watch.look()
    try:
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
