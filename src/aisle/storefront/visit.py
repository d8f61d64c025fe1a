"""Who asks for a page, in which language, and for what: one request as the pages see it, and what the visitor keeps."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlencode, urlsplit
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from aisle.errors import InputError
from aisle.storefront.basket import read_cart, read_saved
from aisle.storefront.i18n import choose_language

USER_COOKIE = "aisle_user"
SESSION_COOKIE = "aisle_session"
LANGUAGE_COOKIE = "aisle_language"
CART_COOKIE = "aisle_cart"
SAVED_COOKIE = "aisle_saved"
YEAR_S = 365 * 24 * 3600
SESSION_S = 30 * 60
"""A session ends after half an hour without a page, as web statistics count it."""
MAX_FORM_BYTES = 64_000
MAX_FORM_FIELDS = 1_000

_USABLE_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: the visitor, the language, and what was asked for."""

    user_id: str
    session_id: str
    language: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    """The parameters of the address, without the choice of language."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The named parts of the path: {"item_id": "a1"}."""
    form: Mapping[str, str] = field(default_factory=dict)
    cart: Mapping[str, int] = field(default_factory=dict)
    """Pieces by item id."""
    saved: tuple[str, ...] = ()
    came_from: str = "/"
    """The page of this shop that the request was sent from."""
    chose_language: bool = False
    """True when this very request asks for a language: the choice is kept."""
    wants_json: bool = False
    secure: bool = False

    def in_language(self, code: str) -> str:
        """The address of this same page in another language."""
        return f"{self.path}?{urlencode([*self.query, ('lang', code)])}"


async def read_visit(request: Request, languages: Sequence[str]) -> Visit:
    """The visit that `request` is. A visitor without our cookies gets new ids.

    Raises InputError when the body is not a small form in UTF-8.
    """
    cookies, headers = request.cookies, request.headers
    pairs = request.query_params.multi_items()
    wish = request.query_params.get("lang", "")
    wishes = [wish, cookies.get(LANGUAGE_COOKIE, "")]
    return Visit(
        user_id=_known_or_new(cookies.get(USER_COOKIE, "")),
        session_id=_known_or_new(cookies.get(SESSION_COOKIE, "")),
        language=choose_language(languages, wishes, headers.get("accept-language", "")),
        path=quote(request.url.path),
        query=tuple((name, value) for name, value in pairs if name != "lang"),
        names=request.path_params,
        form=await _read_form(request) if request.method == "POST" else {},
        cart=read_cart(cookies.get(CART_COOKIE, "")),
        saved=read_saved(cookies.get(SAVED_COOKIE, "")),
        came_from=_own_page(headers.get("referer", ""), request.url.netloc),
        chose_language=wish in languages,
        wants_json="application/json" in headers.get("accept", ""),
        secure=request.url.scheme == "https",
    )


def remember(visit: Visit, response: Response) -> Response:
    """Return `response` with the visitor's ids as cookies, for our scripts to log events, and the language chosen."""
    keep(response, visit, USER_COOKIE, visit.user_id)
    keep(response, visit, SESSION_COOKIE, visit.session_id, SESSION_S)
    if visit.chose_language:
        keep(response, visit, LANGUAGE_COOKIE, visit.language)
    return response


def keep(response: Response, visit: Visit, name: str, value: str, max_age_s: int = YEAR_S) -> None:
    """Ask the browser to keep a cookie that only this shop sees; an empty value takes it away."""
    if value:
        response.set_cookie(name, value, max_age=max_age_s, samesite="lax", secure=visit.secure)
    else:
        response.delete_cookie(name, samesite="lax", secure=visit.secure)


async def _read_form(request: Request) -> Mapping[str, str]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise InputError(f"the form has more than {MAX_FORM_BYTES:,} bytes; send less")
    try:
        return dict(parse_qsl(body.decode("utf-8"), errors="strict", max_num_fields=MAX_FORM_FIELDS))
    except ValueError as error:
        raise InputError(f"the form cannot be read: {error}; send application/x-www-form-urlencoded") from error


def _known_or_new(value: str) -> str:
    return value if _USABLE_ID.fullmatch(value) else uuid4().hex


def _own_page(referer: str, host: str) -> str:
    """The path and query of `referer` when it is a page of `host`, else the home page: never another site."""
    try:
        parts = urlsplit(referer)
    except ValueError:
        return "/"
    if parts.netloc != host or not parts.path.startswith("/") or parts.path.startswith(("//", "/\\")):
        return "/"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
