"""Searching, searching inside a facet, and completing what is typed."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from aisle.errors import InputError
from aisle.index import parse_filter
from aisle.serving import examples
from aisle.serving.answers import search_answer, suggestion_answer
from aisle.serving.errors import RefusedError
from aisle.serving.responses import documented, json_answer
from aisle.serving.schemas import CompleteAnswer, CompleteQuery, FacetAnswer, FacetQuery, SearchAnswer, SearchBody
from aisle.serving.service import service_of
from aisle.serving.strict_json import StrictRoute
from aisle.types import Facet, SearchResponse, Suggestion, check_id

router = APIRouter(route_class=StrictRoute, tags=["search"])


@router.post(
    "/v1/search",
    summary="Search items",
    responses=documented(SearchAnswer, examples.SEARCH_ANSWER, "One page of hits.", 400, 413, 415, 422, 500, 503),
)
async def search(request: Request, body: SearchBody) -> Response:
    """Find the items that match a query, by words and by meaning. No hits is an ordinary answer."""
    service = service_of(request)

    def work() -> SearchResponse:
        return service.shop.search(
            body.query,
            body.k,
            offset=body.offset,
            filters=body.filters,
            sort=body.sort,
            facets=body.facets,
            user_id=body.user_id or None,
            session_id=body.session_id or None,
            locale=body.locale or None,
            spelling=body.spelling,
            without=body.without,
            grouped=body.grouped,
        )

    try:
        # What a shopper likes is read from the store, which may take its time.
        known = body.user_id or body.session_id
        found = await (service.wait(work) if known else service.compute(work, body.k))
    except InputError as error:
        # The schema has checked every other field: what is left to go wrong is the filter.
        raise RefusedError(422, str(error), code="invalid_filter", field="filters") from error
    service.metrics.count_search(found)
    return json_answer(search_answer(found))


@router.get(
    "/v1/facets/{field}",
    summary="Search inside a facet",
    responses=documented(FacetAnswer, examples.FACET, "The values, most frequent first.", 422, 500, 503),
)
async def facet_values(request: Request, field: str, asked: Annotated[FacetQuery, Query()]) -> Response:
    """Find the values of a field among the results of a search: for the box above a long list of brands."""
    service = service_of(request)

    def work() -> Facet:
        values = service.shop.facet_values(
            field,
            asked.prefix,
            asked.q,
            filters=asked.filters,
            k=asked.k,
            locale=asked.locale or None,
            sort=asked.sort,
            spelling=asked.spelling,
            without=asked.without,
        )
        return Facet(field, values)

    check_id("field", field)
    _check_filter(asked.filters)
    return json_answer(await service.compute(work, asked.k))


@router.get(
    "/v1/complete",
    summary="Complete a query",
    responses=documented(CompleteAnswer, examples.COMPLETE_ANSWER, "Suggestions, best first.", 422, 500, 503),
)
async def complete(request: Request, asked: Annotated[CompleteQuery, Query()]) -> Response:
    """Suggest queries, items, categories and brands that begin with what was typed so far."""
    service = service_of(request)

    def work() -> tuple[Suggestion, ...]:
        return service.shop.complete(asked.q, asked.k, asked.locale or None, user_id=asked.user_id or None)

    # What a user likes is read from the store, which may take its time.
    found = await service.wait(work) if asked.user_id else work()
    return json_answer({"suggestions": [suggestion_answer(one) for one in found]})


def _check_filter(filters: str) -> None:
    try:
        parse_filter(filters)
    except InputError as error:
        raise RefusedError(422, str(error), code="invalid_filter", field="filters") from error
