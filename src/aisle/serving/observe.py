"""Gives every request an id, and tells the metrics and the access log how it went."""

import logging
import re
import uuid
from collections.abc import Mapping
from time import perf_counter
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aisle.serving.metrics import Metrics

access = logging.getLogger("aisle.access")
"""One line a request at level INFO; silent until somebody turns that level on."""

HEADER = b"x-request-id"
_GIVEN_ID = re.compile(rb"[A-Za-z0-9._:-]{1,64}")


class Observe:
    """ASGI middleware: `x-request-id` on every answer (the client's own where it sent a usable one), times, counts."""

    def __init__(self, app: ASGIApp, metrics: Metrics, patterns: Mapping[Any, str]) -> None:
        self.app = app
        self.metrics = metrics
        self.patterns = patterns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (the class says it)
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = perf_counter(), 500
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id.decode("ascii")

        async def mark(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (HEADER, request_id)]
            await send(message)

        try:
            await self.app(scope, receive, mark)
        finally:
            self._record(scope, status, perf_counter() - started)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = self.patterns.get(scope.get("endpoint"), "(other)")
        self.metrics.count_request(route, scope["method"], status, seconds)
        if access.isEnabledFor(logging.INFO):
            client = (scope.get("client") or ("-",))[0]
            request_id = scope["state"]["request_id"]
            # repr: a path may hold an encoded line break, which must not forge a line of the log
            what = (client, scope["method"], scope["path"], status, 1000 * seconds, request_id)
            access.info("%s %s %r %d %.1f ms %s", *what)


def _request_id(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == HEADER and _GIVEN_ID.fullmatch(value):
            return bytes(value)
    return uuid.uuid4().hex.encode("ascii")
