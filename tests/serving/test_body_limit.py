import asyncio
from collections.abc import Callable, Iterator

import pytest
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from aisle.serving import create_app
from aisle.serving.body_limit import BodyLimit
from aisle.shop import Shop

JSON = {"content-type": "application/json"}
LIMIT = 4_000_000  # the default of serving.max_body_bytes


def chunks(size: int, n_chunks: int) -> Iterator[bytes]:
    for _ in range(n_chunks):
        yield b" " * size


def test_a_body_announced_as_too_large_is_refused(client: TestClient) -> None:
    answer = client.post("/v1/search", content=b" " * (LIMIT + 1), headers=JSON)
    assert answer.status_code == 413
    error = answer.json()["error"]
    assert error["code"] == "body_too_large"
    assert error["message"] == "the body holds 4,000,001 bytes; at most 4,000,000 are allowed; send it in parts"


def test_a_body_of_unknown_length_is_refused_when_it_passes_the_limit(client: TestClient) -> None:
    answer = client.post("/v1/events", content=chunks(1_000_000, 5), headers=JSON)
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "body_too_large"


def test_a_body_as_large_as_the_limit_passes(client: TestClient) -> None:
    body = b'{"query": "coffee"}'
    answer = client.post("/v1/search", content=body + b" " * (LIMIT - len(body)), headers=JSON)
    assert answer.status_code == 200


def test_the_limit_is_a_setting(shop_with: Callable[..., Shop]) -> None:
    client = TestClient(create_app(shop_with(max_body_bytes=1_000)))
    assert client.post("/v1/search", content=b" " * 1_001, headers=JSON).status_code == 413


def test_reading_stops_at_the_limit() -> None:
    n_read = 0

    async def receive() -> Message:
        nonlocal n_read
        n_read += 10
        return {"type": "http.request", "body": b" " * 10, "more_body": True}

    async def send(message: Message) -> None:
        pass

    async def read_for_ever(scope: Scope, receive: Receive, send: Send) -> None:
        while True:
            await receive()

    with pytest.raises(HTTPException) as refusal:
        asyncio.run(BodyLimit(read_for_ever, max_bytes=25)({"type": "http", "headers": []}, receive, send))
    assert refusal.value.status_code == 413
    assert n_read == 30
