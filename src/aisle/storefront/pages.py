"""The pages of the web shop, and the router that serves them: read PAGES first."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from aisle.errors import AisleError, InputError, NotFoundError
from aisle.shop import Shop
from aisle.storefront.actions import act, change_cart, check_out
from aisle.storefront.assets import picture_response, static_response
from aisle.storefront.facets import department_choice, departments
from aisle.storefront.i18n import language
from aisle.storefront.product import brand_url, crumbs, facts, variants
from aisle.storefront.results import results
from aisle.storefront.shelves import SHELF_LENGTH, department_shelves, one_of_each, product_of, shelf_views
from aisle.storefront.site import Site, open_site
from aisle.storefront.visit import Visit, read_visit, remember
from aisle.types import Hit, Item, Shelf

HOME_SHELVES = 4
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' https: data:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
    "Vary": "Cookie, Accept-Language, Accept",
}
Page = Callable[[Site, Visit], Response]


def storefront_router(shop: Shop) -> APIRouter:
    """The web shop of `shop`: its pages, scripts, styles and pictures."""
    site = open_site(shop)
    router = APIRouter(include_in_schema=False)
    for path, method, page in PAGES:
        router.add_route(path, _endpoint(site, page), methods=[method], include_in_schema=False)
    for path, file in FILES:
        router.add_route(path, _endpoint(site, file, plain=True), methods=["GET"], include_in_schema=False)
    return router


def not_found_page(shop: Shop) -> Callable[[Request], Awaitable[Response]]:
    """What answers a browser that asks for an address where nothing is, with status 404 and a way back."""
    return _endpoint(open_site(shop), missing)


def missing(site: Site, visit: Visit) -> Response:
    """No page at all. Raises NotFoundError."""
    raise NotFoundError(f"there is nothing at {visit.path}")


def home(site: Site, visit: Visit) -> Response:
    """The search box, the departments, the shelves for this visitor, and more to look at for somebody unknown."""
    lang = language(visit.language)
    widest = departments(site.shop.search("", 1, facets=True, locale=lang.code).facets)
    own = shelf_views(site.shop, lang, site.shop.shelves(visit.user_id, SHELF_LENGTH))
    shown = {product_of(card.hit.item) for view in own for card in view.cards}
    more = department_shelves(site.shop, lang, widest[: max(HOME_SHELVES - len(own), 0)], shown)
    ways_in = [department_choice(lang, department) for department in widest]
    return site.render(visit, "home.html", shelves=(*own, *more), departments=ways_in)


def product(site: Site, visit: Visit) -> Response:
    """One item with all that is known of it, and what goes with it or is like it. Raises NotFoundError."""
    item = site.shop.item(visit.names["item_id"])
    lang = language(visit.language)
    return site.render(
        visit,
        "item.html",
        item=item,
        crumbs=crumbs(item, lang),
        brand_url=brand_url(item),
        facts=facts(item, lang),
        variants=variants(site.shop, item, lang),
        shelves=shelf_views(site.shop, lang, _beside(site, item)),
    )


def cart(site: Site, visit: Visit) -> Response:
    """The lines of the cart with their sums, one for each currency; items that left the catalogue are left out."""
    items = _known_items(site, visit.cart)
    lines = [(item, visit.cart[item.item_id]) for item in items]
    sums: dict[str, float] = {}
    for item, pieces in lines:
        currency = item.currency or site.shop.settings.shop.currency
        sums[currency] = sums.get(currency, 0.0) + pieces * (item.price or 0.0)
    return site.render(visit, "cart.html", lines=lines, sums=sums)


def saved(site: Site, visit: Visit) -> Response:
    """The items that the visitor saved, the latest first."""
    items = _known_items(site, visit.saved)
    hits = [Hit(item.item_id, 0.0, rank, item) for rank, item in enumerate(items, start=1)]
    return site.render(visit, "saved.html", hits=hits)


def thanks(site: Site, visit: Visit) -> Response:
    """The page after a checkout."""
    popular = shelf_views(site.shop, language(visit.language), [site.shop.popular(SHELF_LENGTH)])
    return site.render(visit, "thanks.html", shelves=popular)


def script_or_style(site: Site, visit: Visit) -> Response:
    """One of our own files. Raises NotFoundError."""
    return static_response(site.assets, visit.names["version"], visit.names["name"])


def picture(site: Site, visit: Visit) -> Response:
    """A picture from the shop's folder. Raises NotFoundError."""
    return picture_response(site.shop.folder / "pictures", visit.names["name"])


PAGES: tuple[tuple[str, str, Page], ...] = (
    ("/", "GET", home),
    ("/search", "GET", results),
    ("/items/{item_id:path}", "GET", product),
    ("/cart", "GET", cart),
    ("/cart", "POST", change_cart),
    ("/checkout", "POST", check_out),
    ("/thanks", "GET", thanks),
    ("/saved", "GET", saved),
    ("/actions", "POST", act),
)
FILES: tuple[tuple[str, Page], ...] = (
    ("/static/{version}/{name}", script_or_style),
    ("/pictures/{name}", picture),
)


def error_page(site: Site, visit: Visit, error: AisleError) -> Response:
    """A page that says what went wrong, in words for a shopper; the details only where they help."""
    kinds = ((NotFoundError, 404, "not_found"), (InputError, 400, "bad_input"))
    status, kind = next(((status, name) for of, status, name in kinds if isinstance(error, of)), (503, "away"))
    return site.render(visit, "error.html", status, kind=kind, detail=str(error) if status == 400 else "", retry="/")


def _endpoint(site: Site, page: Page, *, plain: bool = False) -> Callable[[Request], Awaitable[Response]]:
    """What the router calls for `page`; `plain` files carry neither cookies nor the headers of pages."""

    async def answer(request: Request) -> Response:
        try:
            visit = await read_visit(request, site.languages)
        except InputError as error:
            return Response(str(error), 400, media_type="text/plain")
        try:
            response = await run_in_threadpool(page, site, visit)
            if plain:
                response.headers["X-Content-Type-Options"] = "nosniff"
                return response
        except AisleError as error:
            response = await run_in_threadpool(error_page, site, visit, error)
        response.headers.update(SECURITY_HEADERS)
        return remember(visit, response)

    return answer


def _beside(site: Site, item: Item) -> list[Shelf]:
    """The shelves beside an item, no product on both; none for an item that is newer than the release."""
    try:
        together = site.shop.bought_together(item.item_id, SHELF_LENGTH)
        similar = site.shop.similar(item.item_id, SHELF_LENGTH * 2)
    except NotFoundError:
        return []
    shown = {product_of(hit.item) for hit in together.hits}
    return [together, replace(similar, hits=one_of_each(similar.hits, shown))]


def _known_items(site: Site, item_ids: Iterable[str]) -> list[Item]:
    """The items that still exist, in the order given."""
    items = []
    for item_id in item_ids:
        try:
            items.append(site.shop.item(item_id))
        except NotFoundError:
            continue
    return items
