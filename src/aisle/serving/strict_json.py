"""Reads request bodies as the JSON standard has it: UTF-8, no NaN, no half of a surrogate pair."""

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response


class StrictRequest(Request):
    """A request whose `json` refuses what Python's own parser lets through and no answer could repeat."""

    async def json(self) -> Any:
        """The parsed body. Raises orjson.JSONDecodeError, a json.JSONDecodeError, that says where it is malformed."""
        body = await self.body()
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            _check_utf8(body)
            raise


def _check_utf8(body: bytes) -> None:
    """Say where `body` is not UTF-8, which orjson leaves out."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        position = len(body[: error.start].decode("utf-8"))
        raise orjson.JSONDecodeError("the text is not UTF-8", body.decode("utf-8", "replace"), position) from error


class StrictRoute(APIRoute):
    """A route that reads its body with `StrictRequest`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of FastAPI, given the stricter request."""
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return handle_strictly
