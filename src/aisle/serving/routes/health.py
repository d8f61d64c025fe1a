"""Health: is the process alive, does a release serve, and what has been measured."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from aisle.errors import ReleaseError
from aisle.releases import Release
from aisle.serving import examples
from aisle.serving.responses import documented, json_answer
from aisle.serving.schemas import HealthAnswer, ReadyAnswer
from aisle.serving.service import service_of
from aisle.shop import Shop

router = APIRouter(tags=["operation"])


@router.get(
    "/healthz", summary="Is the process alive", responses=documented(HealthAnswer, examples.HEALTH_ANSWER, "It is.")
)
async def healthz(request: Request) -> Response:
    """Answer while the process lives, whatever state the shop is in: restart the process when this fails."""
    return json_answer({"status": "ok"})


@router.get(
    "/readyz", summary="Does a release serve", responses=documented(ReadyAnswer, examples.READY_ANSWER, "It does.", 503)
)
async def readyz(request: Request) -> Response:
    """Answer 200 once a release serves: send no shoppers before. A refused newer release is named here."""
    service = service_of(request)
    release = await service.wait(lambda: service.shop.release)
    answer: dict[str, Any] = {"status": "ready", "release_id": release.release_id}
    if degraded := release.done_without + service.shop.store.degraded:
        answer["degraded"] = degraded
    if refusal := service.watch.refusal:
        answer["refused"] = refusal
    if service.following and (trouble := service.following.trouble):
        answer["storage"] = trouble
    return json_answer(answer)


@router.get(
    "/metrics",
    summary="Measurements for Prometheus",
    response_class=PlainTextResponse,
    responses={200: {"description": "Counters.", "content": {"text/plain": {"example": examples.METRICS}}}},
)
async def metrics(request: Request) -> Response:
    """Counts and times of requests, searches, events and releases, and the memory of the process."""
    service = service_of(request)
    release = await service.wait(lambda: _release(service.shop))
    release_id, degraded = (release.release_id, release.done_without) if release else ("", ())
    service.metrics.store_degraded.set(len(service.shop.store.degraded))
    text, media_type = service.metrics.show(request.headers.get("accept", ""), release_id, degraded=degraded)
    return Response(text, media_type=media_type)


def _release(shop: Shop) -> Release | None:
    try:
        return shop.release
    except ReleaseError:
        return None
