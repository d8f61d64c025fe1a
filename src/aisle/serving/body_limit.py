"""Refuses request bodies over a limit before they are read, whether their length is announced or not."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aisle.serving.errors import RefusedError, error_answer


class BodyLimit:
    """ASGI middleware: a body of more than `max_bytes` gets status 413, and no more than that is ever held.

    The connection stays open: the server throws away what is still on its way, so that a client that
    sends everything before it reads gets its answer, and not a broken connection.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (the class says it)
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if (announced := _announced_bytes(scope)) > self.max_bytes:
            refusal = RefusedError(413, self._message(f"{announced:,} bytes"))
            await error_answer(scope, refusal)(scope, receive, send)
            return
        n_bytes = 0

        async def count() -> Message:
            nonlocal n_bytes
            message = await receive()
            n_bytes += len(message.get("body", b""))
            if n_bytes > self.max_bytes:
                raise HTTPException(413, self._message(f"more than {self.max_bytes:,} bytes"))
            return message

        await self.app(scope, count, send)

    def _message(self, given: str) -> str:
        return f"the body holds {given}; at most {self.max_bytes:,} are allowed; send it in parts"


def _announced_bytes(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
