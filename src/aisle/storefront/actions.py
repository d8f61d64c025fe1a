"""What a shopper does: put into the cart, save, dislike, check out. Plain forms, logged by the server as events."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import uuid4

from starlette.responses import JSONResponse, RedirectResponse, Response

from aisle.errors import InputError, NotFoundError
from aisle.storefront.basket import MAX_COOKIE_BYTES, MAX_PIECES, write_cart, write_saved
from aisle.storefront.i18n import language
from aisle.storefront.site import Site
from aisle.storefront.visit import CART_COOKIE, SAVED_COOKIE, Visit, keep
from aisle.types import Event, EventKind, Item

N_EVENTS_LOOKED_AT = 200
"""Latest events of the buyer among which a purchase looks for the search that led to it."""


def act(site: Site, visit: Visit) -> Response:
    """Do what a button of a card or of an item's page says (`do`), log it, and go back.

    Raises NotFoundError for an unknown item, InputError for an unknown `do` or a full cart.
    """
    item = site.shop.item(visit.form.get("item_id", ""))
    doing = visit.form.get("do", "")
    if doing == "cart":
        return _add_to_cart(site, visit, item)
    if doing in ("save", "unsave"):
        return _save(site, visit, item, wanted=doing == "save")
    if doing == "dislike":
        site.shop.log([_event(visit, "dislike", item.item_id)])
        return _done(visit, "said.disliked", visit.came_from)
    raise InputError(f'do={doing!r} is not an action; expected "cart", "save", "unsave" or "dislike"')


def change_cart(site: Site, visit: Visit) -> Response:
    """Set the pieces of one line of the cart; 0 takes it out."""
    text = visit.form.get("pieces", "")
    pieces = min(int(text), MAX_PIECES) if text.isascii() and text.isdigit() and len(text) < 9 else 1
    cart = {**visit.cart, visit.form.get("item_id", ""): pieces}
    return _with_cart(_done(visit, "said.cart_changed", "/cart"), visit, cart)


def check_out(site: Site, visit: Visit) -> Response:
    """Log a purchase for each line of the cart, empty it, and say thank you. No payment: this is a demonstration."""
    bought = [item_id for item_id in visit.cart if _exists(site, item_id)]
    if not bought:
        return RedirectResponse("/cart", status_code=303)
    origins = _origins(site, visit)
    site.shop.log([_event(visit, "purchase", item_id, origins, visit.cart[item_id]) for item_id in bought])
    return _with_cart(RedirectResponse("/thanks", status_code=303), visit, {})


def _add_to_cart(site: Site, visit: Visit, item: Item) -> Response:
    if not item.in_stock:
        return _done(visit, "said.sold_out", "/cart")
    cart = {**visit.cart, item.item_id: min(visit.cart.get(item.item_id, 0) + 1, MAX_PIECES)}
    response = _with_cart(_done(visit, "said.in_cart", "/cart"), visit, cart)
    site.shop.log([_event(visit, "cart", item.item_id, value=1)])
    return response


def _save(site: Site, visit: Visit, item: Item, *, wanted: bool) -> Response:
    others = [item_id for item_id in visit.saved if item_id != item.item_id]
    response = _done(visit, "said.saved" if wanted else "said.unsaved", visit.came_from)
    keep(response, visit, SAVED_COOKIE, write_saved([item.item_id, *others] if wanted else others))
    if wanted:
        site.shop.log([_event(visit, "favorite", item.item_id)])
    return response


def _with_cart(response: Response, visit: Visit, cart: Mapping[str, int]) -> Response:
    text = write_cart(cart)
    if len(text) > MAX_COOKIE_BYTES:
        raise InputError("the cart is full; check out, or take something out first")
    keep(response, visit, CART_COOKIE, text)
    return response


def _done(visit: Visit, message: str, then: str) -> Response:
    """Say it to our scripts as JSON; send browsers without scripts to the page `then`."""
    if not visit.wants_json:
        return RedirectResponse(then, status_code=303)
    return JSONResponse({"message": language(visit.language).say(message)})


def _event(
    visit: Visit, kind: EventKind, item_id: str, origin: Mapping[str, Event] | None = None, value: float | None = None
) -> Event:
    """What happened, with the search and the place that the form names, or those of the cart event in `origin`."""
    put = (origin or {}).get(item_id)
    rank = visit.form.get("rank", "")
    return Event(
        event_id=uuid4().hex,
        kind=kind,
        timestamp=datetime.now(UTC),
        user_id=visit.user_id,
        session_id=visit.session_id,
        item_id=item_id,
        query_id=put.query_id if put else visit.form.get("query_id", ""),
        rank=put.rank if put else int(rank) if rank.isascii() and rank.isdigit() and len(rank) < 9 else None,
        value=value,
        surface="cart" if kind == "purchase" else visit.form.get("surface", ""),
    )


def _origins(site: Site, visit: Visit) -> dict[str, Event]:
    """The latest cart event of each item, which knows the search that it came from."""
    events = site.shop.store.user_events(visit.user_id, limit=N_EVENTS_LOOKED_AT)
    return {event.item_id: event for event in reversed(events) if event.kind == "cart"}


def _exists(site: Site, item_id: str) -> bool:
    try:
        return bool(site.shop.item(item_id))
    except NotFoundError:
        return False
