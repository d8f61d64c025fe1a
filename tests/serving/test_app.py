import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from aisle.serving import create_app
from aisle.shop import Shop

ORIGIN = "https://shop.example"
ROUTES = {
    ("post", "/v1/search"),
    ("get", "/v1/complete"),
    ("get", "/v1/facets/{field}"),
    ("post", "/v1/recommend"),
    ("get", "/v1/items/{item_id}"),
    ("get", "/v1/items/{item_id}/similar"),
    ("get", "/v1/items/{item_id}/bought-together"),
    ("post", "/v1/events"),
    ("get", "/healthz"),
    ("get", "/readyz"),
    ("get", "/metrics"),
}


@pytest.fixture
def document(client: TestClient) -> dict[str, Any]:
    answer: dict[str, Any] = client.get("/openapi.json").json()
    return answer


def test_openapi_describes_every_route_and_no_page(document: dict[str, Any]) -> None:
    assert {(method, path) for path, methods in document["paths"].items() for method in methods} == ROUTES


def test_every_answer_in_openapi_has_an_example(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                for media_type, content in answer["content"].items():
                    assert "example" in content, (path, status, media_type)


def test_every_request_body_in_openapi_has_an_example(document: dict[str, Any]) -> None:
    bodies = [
        operation["requestBody"]["content"]["application/json"]["schema"]
        for methods in document["paths"].values()
        for operation in methods.values()
        if "requestBody" in operation
    ]
    assert len(bodies) == 3
    for schema in bodies:
        assert all(found["examples"] for found in resolved(document, schema))


def test_every_reference_in_openapi_resolves(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert {name.removeprefix("#/components/schemas/") for name in references(document)} <= set(schemas)
    assert "HTTPValidationError" not in schemas  # no route answers with FastAPI's own shape of errors


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    if "$ref" in schema:
        return [document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]]
    return list(schema.get("oneOf", [schema]))


def references(part: object) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(references(value) for value in part.values()))
    return set().union(*(references(value) for value in part)) if isinstance(part, list) else set()


def test_the_documentation_page_is_served(client: TestClient) -> None:
    page = client.get("/docs").text
    files = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert files and all(client.get(file).status_code == 200 for file in files), "every file comes from here"


def test_origins_of_the_settings_may_call_from_a_browser(shop_with: Callable[..., Shop]) -> None:
    client = TestClient(create_app(shop_with(cors_origins=(ORIGIN,))))
    asked = {
        "origin": ORIGIN,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }
    preflight = client.options("/v1/search", headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    assert "x-request-id" in preflight.headers
    answer = client.post("/v1/search", json={"k": 0}, headers={"origin": ORIGIN})
    assert answer.status_code == 422
    assert answer.headers["access-control-allow-origin"] == ORIGIN


def test_other_origins_may_not(shop_with: Callable[..., Shop]) -> None:
    client = TestClient(create_app(shop_with(cors_origins=(ORIGIN,))))
    answer = client.get("/healthz", headers={"origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_no_origin_may_by_default(client: TestClient) -> None:
    assert "access-control-allow-origin" not in client.get("/healthz", headers={"origin": ORIGIN}).headers


def test_the_storefront_can_be_left_out(shop_with: Callable[..., Shop]) -> None:
    client = TestClient(create_app(shop_with(storefront=False)))
    assert client.get("/").status_code == 404
    assert client.get("/healthz").status_code == 200


def test_the_storefront_is_served_beside_the_api(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
