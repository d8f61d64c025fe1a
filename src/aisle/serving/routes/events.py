"""Events: what shoppers did, kept before it is acknowledged."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from pydantic import WithJsonSchema
from starlette.responses import Response

from aisle.errors import InputError
from aisle.records import event_from_dict
from aisle.serving import examples
from aisle.serving.errors import RefusedError
from aisle.serving.responses import documented, json_answer
from aisle.serving.schemas import EventBody, EventsAnswer
from aisle.serving.service import service_of
from aisle.serving.strict_json import StrictRoute
from aisle.types import Event

router = APIRouter(route_class=StrictRoute, tags=["events"])

Rejections = list[dict[str, Any]]

_AHEAD = timedelta(days=1)
"""Clocks differ; one that is a day ahead is wrong."""
_EVENT = EventBody.model_json_schema()
_BATCH = {
    "title": "A batch of events",
    "type": "object",
    "properties": {"events": {"type": "array", "items": _EVENT}},
    "required": ["events"],
    "additionalProperties": False,
    "examples": [examples.EVENTS_REQUEST],
}
# Each event is checked by itself, so that one bad event does not refuse the others: hence no schema class here.
EventsBody = Annotated[dict[str, Any], Body(), WithJsonSchema({"oneOf": [_EVENT, _BATCH]})]


@router.post(
    "/v1/events",
    status_code=202,
    summary="Report events",
    responses=documented(
        EventsAnswer, examples.EVENTS_ANSWER, "Kept: on the disk.", 400, 413, 415, 422, 500, 503, 507, status=202
    ),
)
async def events(request: Request, body: EventsBody) -> Response:
    """Keep one event, or a batch: the good ones are kept, the others are reported with their reasons.

    The answer comes when the store has written the events durably. A repeated `event_id` is one event.
    """
    service = service_of(request)
    most = service.shop.settings.serving.max_batch_events

    def work() -> tuple[int, int, Rejections]:
        good, rejections = _sort_out(_batch(body, most))
        return len(good), service.shop.log(good) if good else 0, rejections

    n_accepted, n_new, rejections = await service.wait(work)
    service.metrics.count_events(n_accepted, len(rejections))
    if rejections and not n_accepted:
        first = rejections[0]["reason"]
        message = first if "events" not in body else f"no event of the batch can be kept; the first: {first}"
        raise RefusedError(422, message, code="invalid_events", rejected=rejections)
    return json_answer({"n_accepted": n_accepted, "n_new": n_new, "rejected": rejections}, 202)


def _batch(body: Mapping[str, Any], most: int) -> Sequence[object]:
    if "events" not in body:
        return [body]
    given = body["events"]
    if not isinstance(given, list):
        raise RefusedError(422, f"events={str(given)[:80]!r}; expected a list of events", field="events")
    if others := sorted(set(body) - {"events"}):
        message = f'unknown field "{others[0]}" beside "events"; put it inside each event, or leave it out'
        raise RefusedError(422, message, field=others[0])
    if len(given) > most:
        message = f"events holds {len(given):,} events; at most {most:,} are allowed in one request; send several"
        raise RefusedError(422, message, code="too_many_events", field="events")
    return given


def _sort_out(given: Sequence[object]) -> tuple[list[Event], Rejections]:
    """The events that can be kept, and what is wrong with the others."""
    latest = datetime.now(UTC) + _AHEAD
    good: list[Event] = []
    rejections: Rejections = []
    for index, fields in enumerate(given):
        try:
            good.append(_event(fields, latest))
        except InputError as error:
            rejections.append({"index": index, "reason": str(error)})
    return good, rejections


def _event(fields: object, latest: datetime) -> Event:
    event = event_from_dict(fields)
    if event.timestamp > latest:
        given = event.timestamp.isoformat()
        raise InputError(f"timestamp={given} is more than a day ahead; correct the clock that wrote it")
    return event
