"""The page of results: the items found, page by page, with the ways to narrow and sort them."""

from dataclasses import replace

from starlette.responses import Response

from aisle.errors import InputError
from aisle.storefront.facets import MANY, Choice, chips, facet_groups
from aisle.storefront.i18n import language
from aisle.storefront.shelves import SHELF_LENGTH, shelf_views
from aisle.storefront.site import Site
from aisle.storefront.understood import as_typed_url, by_meaning_alone, understood, ways_out
from aisle.storefront.urls import (
    MAX_PAGE,
    PER_PAGE,
    SearchState,
    filter_expression,
    read_state,
    search_url,
    state_pairs,
)
from aisle.storefront.visit import Visit
from aisle.types import SORTS, SearchResponse


def results(site: Site, visit: Visit) -> Response:
    """The items found, page by page, with the ways to narrow them."""
    state = read_state(visit.query)
    try:
        state, found = _find(site, visit, state)
    except InputError as error:
        retry = search_url(SearchState("".join(filter(str.isprintable, state.query))[:100]))
        return site.render(visit, "error.html", 400, kind="bad_search", detail=str(error), retry=retry)
    lang, currency = language(visit.language), site.shop.settings.shop.currency
    n_pages = min(-(-found.n_hits // PER_PAGE), MAX_PAGE)
    others = site.shop.popular(SHELF_LENGTH) if not found.hits else None
    return site.render(
        visit,
        "results.html",
        state=state,
        found=found,
        as_typed=as_typed_url(state, found),
        by_meaning=by_meaning_alone(found),
        understood=understood(lang, state, found),
        ways_out=ways_out(lang, state, found),
        within=filter_expression(state),
        groups=facet_groups(lang, currency, state, found.facets, found.constraints),
        chips=chips(lang, currency, state, found.facets),
        many=MANY,
        sorts=SORTS,
        pairs=state_pairs(state),
        cleared=search_url(replace(state, filters=(), price_min=None, price_max=None, page=1)),
        pages=_pages(state, n_pages),
        back=search_url(replace(state, page=state.page - 1)) if state.page > 1 else "",
        onward=search_url(replace(state, page=state.page + 1)) if state.page < n_pages else "",
        shelves=shelf_views(site.shop, lang, [others] if others else []),
    )


def _find(site: Site, visit: Visit, state: SearchState) -> tuple[SearchState, SearchResponse]:
    """The page of results that `state` asks for, or the last one when there are not so many pages."""
    found = _search(site, visit, state)
    if not found.hits and found.n_hits:
        state = replace(state, page=min(-(-found.n_hits // PER_PAGE), MAX_PAGE))
        found = _search(site, visit, state)
    return state, found


def _search(site: Site, visit: Visit, state: SearchState) -> SearchResponse:
    return site.shop.search(
        state.query,
        PER_PAGE,
        offset=(state.page - 1) * PER_PAGE,
        filters=filter_expression(state),
        sort=state.sort,
        facets=True,
        user_id=visit.user_id,
        session_id=visit.session_id,
        locale=visit.language,
        spelling=state.spelling,
        without=state.without,
        grouped=True,
    )


def _pages(state: SearchState, n_pages: int) -> tuple[Choice | None, ...]:
    """Links to the first, the last and the neighbouring pages; None stands for the pages left out."""
    if n_pages < 2:
        return ()
    shown = sorted({1, n_pages, *range(max(state.page - 1, 1), min(state.page + 1, n_pages) + 1)})
    links: list[Choice | None] = []
    for before, number in zip([0, *shown], shown, strict=False):
        if number > before + 1:
            links.append(None)
        links.append(Choice(str(number), search_url(replace(state, page=number)), selected=number == state.page))
    return tuple(links)
