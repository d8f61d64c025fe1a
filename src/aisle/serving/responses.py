"""Turns values into JSON answers, and documents the answers of a route."""

from typing import Any

import orjson
from starlette.responses import Response

from aisle.serving.examples import error_example
from aisle.serving.schemas import ErrorAnswer, Schema

Documented = dict[int | str, dict[str, Any]]


def json_answer(value: Any, status: int = 200) -> Response:
    """An answer that holds `value` as JSON; tuples, datetimes and frozen dataclasses are written as they are."""
    return Response(orjson.dumps(value), status, media_type="application/json")


def documented(model: type[Schema], example: Any, meaning: str, *errors: int, status: int = 200) -> Documented:
    """The OpenAPI entry of a route that answers with `model`, as in `example`, or with one of the statuses `errors`."""
    answers: Documented = {status: _entry(model, example, meaning)}
    for error in errors:
        meaning, example = error_example(error)
        answers[error] = _entry(ErrorAnswer, example, meaning)
    return answers


def _entry(model: type[Schema], example: Any, meaning: str) -> dict[str, Any]:
    return {"model": model, "description": meaning, "content": {"application/json": {"example": example}}}
