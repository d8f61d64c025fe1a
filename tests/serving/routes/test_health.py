from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from aisle.serving import create_app
from aisle.shop import Shop


def test_a_process_that_answers_is_healthy(client: TestClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_a_built_shop_is_ready(client: TestClient, shop: Shop) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "release_id": shop.release.release_id})


@pytest.fixture
def unbuilt(shop_with: Callable[..., Shop]) -> TestClient:
    return TestClient(create_app(shop_with(built=False)))


def test_a_shop_without_a_release_is_healthy_and_not_ready(unbuilt: TestClient) -> None:
    assert unbuilt.get("/healthz").status_code == 200
    answer = unbuilt.get("/readyz")
    assert answer.status_code == 503
    error = answer.json()["error"]
    assert error["code"] == "not_ready"
    assert "aisle build" in error["message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/search"),
        ("GET", "/v1/complete?q=a"),
        ("GET", "/v1/facets/brand"),
        ("POST", "/v1/recommend"),
        ("GET", "/v1/items/e1/similar"),
    ],
)
def test_what_needs_a_release_says_to_build_one(unbuilt: TestClient, method: str, path: str) -> None:
    answer = unbuilt.request(method, path, json={} if method == "POST" else None)
    assert answer.status_code == 503
    assert "aisle build" in answer.json()["error"]["message"]


def test_metrics_of_a_shop_without_a_release_name_none(unbuilt: TestClient) -> None:
    answer = unbuilt.get("/metrics")
    assert answer.status_code == 200
    assert "aisle_release_info{" not in answer.text
