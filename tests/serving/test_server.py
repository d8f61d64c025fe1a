import http.client
import json
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

import aisle
from aisle.errors import InputError
from aisle.serving import listen, serve
from aisle.shop import Shop

JSON = {"content-type": "application/json"}


def ask(port: int, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, JSON)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_a_second_server_on_the_same_port_says_what_to_do(shop: Shop) -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        message = f"port {port} is taken by another program; stop it or choose another with --port"
        with pytest.raises(InputError, match=message):
            serve(shop, "127.0.0.1", port)


def test_an_address_of_another_machine_cannot_be_listened_on() -> None:
    with pytest.raises(InputError, match=r"cannot listen on 203\.0\.113\.1:0: .*; choose another with --host"):
        listen("203.0.113.1", 0)


def test_a_host_that_does_not_exist_is_named() -> None:
    with pytest.raises(InputError, match="host 'no such host' is not an address of this machine"):
        listen("no such host", 0)


def test_port_zero_picks_a_free_one() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert listener.getsockname()[1] > 0
        socket.create_connection(listener.getsockname()).close()


def test_a_server_answers_and_stops_on_sigterm(start: Callable[..., Any]) -> None:
    server = start()
    assert ask(server.port, "GET", "/healthz") == (200, {"status": "ok"})
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(20) == 0
    assert "closed" in server.process.stdout.read()


def test_sigterm_lets_running_requests_finish(start: Callable[..., Any]) -> None:
    server = start(before="import time; S.item = lambda shop, item_id: time.sleep(1) or shop.store.item(item_id)")
    answers: list[tuple[int, Any]] = []
    shopper = threading.Thread(target=lambda: answers.append(ask(server.port, "GET", "/v1/items/e1")))
    shopper.start()
    time.sleep(0.4)
    server.process.send_signal(signal.SIGTERM)
    shopper.join()
    assert answers[0][0] == 200
    assert answers[0][1]["item_id"] == "e1"
    assert server.process.wait(20) == 0


def test_a_client_that_sends_a_huge_body_still_gets_its_answer(start: Callable[..., Any]) -> None:
    server = start()

    def endless() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * 1_000_000

    announced = ask(server.port, "POST", "/v1/events", b" " * 20_000_000)
    chunked = ask(server.port, "POST", "/v1/events", endless())
    for status, answer in (announced, chunked):
        assert status == 413
        assert answer["error"]["code"] == "body_too_large"


def test_every_acknowledged_event_survives_sigkill(start: Callable[..., Any]) -> None:
    server = start()
    acknowledged: list[str] = []

    def report(user_id: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        try:
            while True:
                event_ids = [uuid4().hex for _ in range(20)]
                events = [{"event_id": e, "kind": "view", "item_id": "e1", "user_id": user_id} for e in event_ids]
                connection.request("POST", "/v1/events", json.dumps({"events": events}), JSON)
                answer = connection.getresponse()
                assert answer.status == 202
                answer.read()
                acknowledged.extend(event_ids)
        except (OSError, http.client.HTTPException):
            connection.close()

    reporters = [threading.Thread(target=report, args=(f"user-{n}",)) for n in range(4)]
    for reporter in reporters:
        reporter.start()
    until = time.monotonic() + 20
    while len(acknowledged) < 1_000 and time.monotonic() < until:
        time.sleep(0.01)
    server.process.kill()
    for reporter in reporters:
        reporter.join()
    assert len(acknowledged) >= 1_000
    with_store = aisle.open(server.folder)
    kept = set(with_store.store.events_frame()["event_id"])
    with_store.close()
    assert set(acknowledged) <= kept
