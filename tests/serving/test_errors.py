import logging
from typing import Any

import pytest
from starlette.testclient import TestClient

from aisle.errors import StoreError
from aisle.serving.errors import store_refusal
from aisle.serving.schemas import ErrorAnswer
from aisle.shop import Shop

JSON = {"content-type": "application/json"}


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The error of `answer`, which must have this status, this code and the one shape of errors."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    ErrorAnswer.model_validate(answer.json())
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] == code
    assert error["request_id"] == answer.headers["x-request-id"]
    return error


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"query": }', "at line 1, column 11: unexpected character"),
        (b'{\n  "query": "cable",\n}', "at line 2, column 19: trailing comma"),
        (b'{"query": "cab', "at line 1, column 15"),
        (b'{"k": NaN}', "at line 1, column 7"),
        (b'{"query": "\\ud800"}', "at line 1, column 12: no low surrogate"),
        (b'{"query": "caf\xe9"}', "at line 1, column 15: the text is not UTF-8"),
        (b"\xff\xfe{\x00}\x00", "at line 1, column 1: the text is not UTF-8"),
        (b"[" * 100_000, "depth limit exceeded"),
    ],
)
def test_malformed_json_is_a_bad_request_that_says_where(client: TestClient, body: bytes, message: str) -> None:
    error = refused(client.post("/v1/search", content=body, headers=JSON), 400, "malformed_json")
    assert error["message"].startswith("the body is not valid JSON at line")
    assert message in error["message"]


def test_a_body_not_declared_as_json_is_refused(client: TestClient) -> None:
    as_form = client.post("/v1/search", content=b'{"query": "x"}', headers={"content-type": "text/plain"})
    undeclared = client.post("/v1/events", content=b'{"kind": "view"}')
    for answer in (as_form, undeclared):
        error = refused(answer, 415, "unsupported_media_type")
        assert error["message"].endswith("send the header Content-Type: application/json")


def test_json_with_a_charset_or_a_suffix_is_json(client: TestClient) -> None:
    for media_type in ("application/json; charset=utf-8", "application/vnd.shop+json"):
        assert client.post("/v1/search", content=b"{}", headers={"content-type": media_type}).status_code == 200


@pytest.mark.parametrize(("body", "shown"), [("[1]", "[1]"), ("null", "None"), ('"usb"', "'usb'"), ("3", "3")])
def test_a_body_that_is_no_object_is_refused(client: TestClient, body: str, shown: str) -> None:
    error = refused(client.post("/v1/search", content=body, headers=JSON), 422, "invalid_input")
    assert error["message"] == f"the body={shown}; expected a JSON object"


def test_no_body_is_refused(client: TestClient) -> None:
    error = refused(client.post("/v1/search", headers=JSON), 422, "invalid_input")
    assert error["message"] == "the body is missing; give it"


def test_an_unknown_field_names_the_nearest_one(client: TestClient) -> None:
    error = refused(client.post("/v1/search", json={"qery": "usb"}), 422, "invalid_input")
    assert error["message"] == 'unknown field "qery"; did you mean "query"?'
    assert error["field"] == "qery"


def test_every_wrong_field_is_named(client: TestClient) -> None:
    error = refused(client.post("/v1/search", json={"k": 0, "offset": -1}), 422, "invalid_input")
    assert error["message"] == "k=0; expected at least 1; offset=-1; expected at least 0"
    assert error["field"] == "k"


def test_a_browser_at_an_unknown_address_gets_a_page(client: TestClient) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "en"}
    for path in ("/nothing", "/shop/old-page.html"):
        answer = client.get(path, headers=browser)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "This page does not exist" in answer.text
        assert "default-src 'self'" in answer.headers["content-security-policy"]
    refused(client.get("/v1/nothing", headers=browser), 404, "not_found")
    refused(client.get("/nothing"), 404, "not_found")


def test_an_unknown_address_is_not_found(client: TestClient) -> None:
    error = refused(client.get("/v1/nothing"), 404, "not_found")
    assert error["message"] == "there is nothing at /v1/nothing; /docs lists what there is"


def test_a_wrong_method_names_the_right_one(client: TestClient) -> None:
    answer = client.get("/v1/search")
    error = refused(answer, 405, "method_not_allowed")
    assert error["message"] == "GET is not possible at /v1/search; use POST"
    assert answer.headers["allow"] == "POST"


def test_an_unexpected_error_is_logged_with_its_request_id_and_hides_its_trace(
    client: TestClient, shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(type(shop), "search", fail)
    with caplog.at_level(logging.ERROR, logger="aisle.serving"):
        answer = client.post("/v1/search", json={"query": "usb"})
    error = refused(answer, 500, "internal_error")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    (record,) = caplog.records
    assert error["request_id"] in record.getMessage()
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError


def test_a_full_disk_is_told_apart_from_a_store_that_is_away() -> None:
    assert store_refusal(StoreError("the store x refused: the disk is full; free some space")).status == 507
    assert store_refusal(StoreError("the store is locked")).status == 503
