"""docs/http-api.md says what the service does."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

PAGE = (Path(__file__).parents[2] / "docs" / "http-api.md").read_text("utf-8")
EXAMPLES = re.findall(r"```sh\n(curl .*?)```\n```(?:json)?\n(.*?)```", PAGE, re.DOTALL)


def headings() -> set[str]:
    return set(re.findall(r"^## (.+)$", PAGE, re.MULTILINE))


def send(client: TestClient, curl: str) -> Any:
    """The answer to a command of the page."""
    words = shlex.split(curl.replace("\\\n", " "))
    address = words[-1].removeprefix("http://127.0.0.1:8000")
    if words[1] == "--json":
        return client.post(address, json=json.loads(words[2]))
    return client.get(address)


def test_every_route_has_its_heading(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    routes = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert routes <= headings()


def test_every_heading_of_a_route_has_its_example() -> None:
    sections = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
    for section in sections:
        if section.startswith(("GET", "POST")):
            assert "```sh\ncurl" in section, section.splitlines()[0]


@pytest.mark.parametrize(("curl", "shown"), EXAMPLES, ids=[curl.split("8000")[-1].strip() for curl, _ in EXAMPLES])
def test_every_example_answers_as_shown(client: TestClient, curl: str, shown: str) -> None:
    answer = send(client, curl)
    if shown.startswith("{"):
        assert outline(json.loads(shown)) <= outline(answer.json())
    else:
        client.post("/v1/search", json={})
        assert shown.split("{")[0] in send(client, curl).text


def outline(value: Any, path: str = "") -> set[str]:
    """Where `value` has fields, as paths; a list counts as its first element.

    >>> sorted(outline({"a": [{"b": 1}, {"b": 2}]}))
    ['.a', '.a[].b']
    """
    if isinstance(value, list):
        return outline(value[0], f"{path}[]") if value else set()
    if not isinstance(value, dict):
        return set()
    own = {f"{path}.{name}" for name in value}
    return own.union(*(outline(part, f"{path}.{name}") for name, part in value.items()))


def test_every_metric_of_the_page_is_measured(client: TestClient) -> None:
    client.get("/healthz")
    text = client.get("/metrics").text
    named = re.findall(r"^\| (`.*?) \|", PAGE.split("| metric | counts |")[1].split("##")[0], re.MULTILINE)
    for name in re.findall(r"`(\w+)`", " ".join(named)):
        assert name in text, name
