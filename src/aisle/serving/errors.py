"""One JSON shape for every error: {"error": {"code", "message", "field", "request_id"}}, and the status of each."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aisle.errors import AwayError, InputError, NotFoundError, ReleaseError, StoreError

logger = logging.getLogger("aisle.serving")
Page = Callable[[Request], Awaitable[Response]]
API = "/v1/"
"""Where the addresses of the API begin."""

_CODES: Final[Mapping[int, str]] = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
    422: "invalid_input",
    500: "internal_error",
    503: "not_ready",
    507: "store_full",
}


class RefusedError(Exception):
    """A request that gets an error for its answer: the status, a code for programs, a message for people."""

    def __init__(
        self, status: int, message: str, *, code: str = "", field: str = "", rejected: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.field = field
        self.rejected = rejected


def error_answer(scope: Scope, error: RefusedError, headers: Mapping[str, str] | None = None) -> Response:
    """The answer that tells a client of `error`; the request id is the one in the header `x-request-id`."""
    body: dict[str, Any] = {"code": error.code or _CODES.get(error.status, "error"), "message": error.message}
    if error.field:
        body["field"] = error.field
    if error.rejected:
        body["rejected"] = error.rejected
    body["request_id"] = scope.get("state", {}).get("request_id", "")
    return Response(orjson.dumps({"error": body}), error.status, headers, "application/json")


def install_error_answers(app: FastAPI, not_found: Page | None = None) -> None:
    """Make `app` answer every error on purpose in the one shape; `CatchErrors` does the same for the others.

    `not_found`, where given, answers browsers that ask for an address outside of the API where nothing is.
    """

    async def refused(request: Request, error: Exception) -> Response:
        if not_found and isinstance(error, HTTPException) and error.status_code == 404 and _is_browser(request):
            return await not_found(request)
        headers = getattr(error, "headers", None)
        return error_answer(request.scope, _refusal(request, error), headers)

    for kind in (RefusedError, HTTPException, RequestValidationError, *_EXPECTED):
        app.add_exception_handler(kind, refused)


class CatchErrors:
    """ASGI middleware: an unexpected error is logged, and the client gets status 500 without a stack trace."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (the class says it)
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception:
            if started or scope["type"] != "http":
                raise
            request_id = scope.get("state", {}).get("request_id", "")
            logger.exception("%s %s failed; request id %s", scope["method"], scope["path"], request_id)
            message = "something went wrong inside the service; give its operator the request_id, which is in the log"
            await error_answer(scope, RefusedError(500, message))(scope, receive, send)


_EXPECTED: Final[Mapping[type[Exception], int]] = {
    InputError: 422,
    NotFoundError: 404,
    ReleaseError: 503,
    StoreError: 503,
    AwayError: 503,
}


def _is_browser(request: Request) -> bool:
    """Whether somebody looks for a page: programs that ask for the API, or for anything, get JSON."""
    return not request.url.path.startswith(API) and "text/html" in request.headers.get("accept", "")


def _refusal(request: Request, error: Exception) -> RefusedError:
    if isinstance(error, RefusedError):
        return error
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        return RefusedError(error.status_code, _http_message(request, error))
    if isinstance(error, StoreError):
        return store_refusal(error)
    if isinstance(error, AwayError):
        return RefusedError(503, _printable(str(error)), code="engine_away")
    status = next(status for kind, status in _EXPECTED.items() if isinstance(error, kind))
    return RefusedError(status, _printable(str(error)))


def store_refusal(error: StoreError) -> RefusedError:
    """Status 507 when the disk of the store is full, 503 when it cannot be reached for another reason."""
    # The store says so in these words, whichever database it uses (store/failures.py).
    if "disk is full" in str(error):
        return RefusedError(507, f"nothing was written: {error}")
    return RefusedError(503, str(error), code="store_unavailable")


def _http_message(request: Request, error: HTTPException) -> str:
    if error.status_code == 404:
        return f"there is nothing at {_printable(request.url.path)}; /docs lists what there is"
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow") or (error.headers or {}).get("allow", "")
        return f"{request.method} is not possible at {_printable(request.url.path)}; use {allowed}"
    if error.status_code == 400 and error.__cause__ is not None:
        return f"the body is not valid JSON: {_printable(str(error.__cause__))}"
    return error.detail


def _invalid(error: RequestValidationError) -> RefusedError:
    problems = [dict(problem) for problem in error.errors()]
    first = problems[0]
    if first["type"] == "json_invalid":
        return _malformed(str(error.body), int(first["loc"][-1]), first["ctx"]["error"])
    if first["loc"] == ("body",) and isinstance(first["input"], bytes):
        return RefusedError(415, "the body is not declared to be JSON; send the header Content-Type: application/json")
    messages = "; ".join(_explain(problem) for problem in problems[:5])
    return RefusedError(422, _printable(messages), field=_printable(_field(first)))


def _malformed(body: str, position: int, reason: str) -> RefusedError:
    line = body.count("\n", 0, position) + 1
    column = position - body.rfind("\n", 0, position)
    near = body[max(0, position - 20) : position + 20]
    message = f"the body is not valid JSON at line {line}, column {column}: {reason}, near {near!r}"
    return RefusedError(400, message, code="malformed_json")


def _field(problem: Mapping[str, Any]) -> str:
    named = problem.get("ctx", {}).get("field")
    return named or ".".join(str(part) for part in problem["loc"][1:])


_EXPECTATIONS: Final[Mapping[str, str]] = {
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "string_type": "a string",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a smaller number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "literal_error": "one of {expected}",
    "list_type": "a list",
    "too_long": "at most {max_length} of them",
    "dict_type": "a JSON object",
    "model_attributes_type": "a JSON object",
    "model_type": "a JSON object",
}


def _explain(problem: Mapping[str, Any]) -> str:
    """What was given, and what was expected, in one line."""
    kind, context, field = problem["type"], problem.get("ctx", {}), _field(problem) or "the body"
    if kind == "value_error":
        return str(context["error"])
    if kind == "unknown_field":
        return str(problem["msg"])
    if kind == "missing":
        return f"{field} is missing; give it"
    if kind == "string_too_long":
        length, limit = len(problem["input"]), context["max_length"]
        return f"{field} has {length:,} characters; at most {limit:,} are allowed; shorten it"
    expected = _EXPECTATIONS.get(kind, problem["msg"]).format(**context)
    return f"{field}={_short(problem['input'])}; expected {expected}"


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "..."


def _printable(text: str) -> str:
    """`text` without lone surrogates, which no JSON answer may hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
