"""Recommending: one shelf, or all shelves of a home page."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from aisle.serving import examples
from aisle.serving.answers import shelf_answer
from aisle.serving.responses import documented, json_answer
from aisle.serving.schemas import RecommendAnswer, RecommendBody
from aisle.serving.service import service_of
from aisle.serving.strict_json import StrictRoute
from aisle.shop import Shop

router = APIRouter(route_class=StrictRoute, tags=["recommend"])


@router.post(
    "/v1/recommend",
    summary="Recommend items",
    responses=documented(
        RecommendAnswer, examples.RECOMMEND_ANSWER, "The shelf or shelves.", 400, 413, 415, 422, 500, 503
    ),
)
async def recommend(request: Request, body: RecommendBody) -> Response:
    """Recommend items to a user from what they did so far; an unknown user gets what is popular."""
    service = service_of(request)
    return json_answer(await service.wait(lambda: _recommended(service.shop, body)))


def _recommended(shop: Shop, body: RecommendBody) -> dict[str, Any]:
    user_id, session_id = body.user_id or None, body.session_id or None
    answer: dict[str, Any] = {}
    if body.shelves:
        answer["shelves"] = [shelf_answer(shelf) for shelf in shop.shelves(user_id, body.k, session_id=session_id)]
    else:
        answer["shelf"] = shelf_answer(shop.recommend(user_id, body.k, session_id=session_id, shelf=body.shelf))
    if body.next_act:
        answer["next_act"] = shop.next_act(user_id, session_id=session_id)
    return answer
