import logging
import re

import pytest
from starlette.testclient import TestClient


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/healthz"), ("GET", "/nothing"), ("PUT", "/v1/search"), ("GET", "/openapi.json")]
)
def test_every_answer_carries_a_request_id(client: TestClient, method: str, path: str) -> None:
    first, second = (client.request(method, path).headers["x-request-id"] for _ in range(2))
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert first != second


def test_a_request_id_of_the_client_is_kept(client: TestClient) -> None:
    answer = client.get("/healthz", headers={"x-request-id": "order-77.page:2"})
    assert answer.headers["x-request-id"] == "order-77.page:2"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "<script>", "a\tb"])
def test_an_unusable_request_id_is_replaced(client: TestClient, given: str) -> None:
    assert re.fullmatch("[0-9a-f]{32}", client.get("/healthz", headers={"x-request-id": given}).headers["x-request-id"])


def test_the_access_log_is_silent_by_default(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    client.get("/healthz")
    assert not [record for record in caplog.records if record.name == "aisle.access"]


def test_the_access_log_has_one_line_a_request(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="aisle.access"):
        client.get("/v1/items/none%0Aforged", headers={"x-request-id": "abc"})
    (line,) = [record.getMessage() for record in caplog.records if record.name == "aisle.access"]
    assert re.fullmatch(r"testclient GET '/v1/items/none\\nforged' 404 \d+\.\d ms abc", line)
