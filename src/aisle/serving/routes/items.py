"""Items: one of them, those like it, and those bought with it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from aisle.records import item_to_dict
from aisle.serving import examples
from aisle.serving.answers import shelf_answer
from aisle.serving.responses import documented, json_answer
from aisle.serving.schemas import BesideQuery, ItemAnswer, ShelfAnswer
from aisle.serving.service import service_of

router = APIRouter(tags=["items"])


# Before the route of one item, as the next: an id may hold slashes, which a web server hands over decoded.
@router.get(
    "/v1/items/{item_id:path}/similar",
    summary="Items like one",
    responses=documented(ShelfAnswer, examples.SIMILAR_ANSWER, "The shelf, nearest first.", 404, 422, 500, 503),
)
async def similar(request: Request, item_id: str, asked: Annotated[BesideQuery, Query()]) -> Response:
    """Recommend items like the one named, from what was bought together and from what they are."""
    service = service_of(request)
    shelf = await service.compute(lambda: service.shop.similar(item_id, asked.k), asked.k)
    return json_answer(shelf_answer(shelf))


@router.get(
    "/v1/items/{item_id:path}/bought-together",
    summary="Items bought with one",
    responses=documented(ShelfAnswer, examples.BOUGHT_TOGETHER_ANSWER, "The shelf, surest first.", 404, 422, 500, 503),
)
async def bought_together(request: Request, item_id: str, asked: Annotated[BesideQuery, Query()]) -> Response:
    """Recommend what others bought on the same day as the item named; empty where too few did."""
    service = service_of(request)
    shelf = await service.compute(lambda: service.shop.bought_together(item_id, asked.k), asked.k)
    return json_answer(shelf_answer(shelf))


@router.get(
    "/v1/items/{item_id:path}",
    summary="One item",
    responses=documented(ItemAnswer, examples.ITEM, "The item.", 404, 422, 500, 503),
)
async def item(request: Request, item_id: str) -> Response:
    """The item as the catalogue has it now."""
    service = service_of(request)
    return json_answer(item_to_dict(await service.wait(lambda: service.shop.item(item_id))))
