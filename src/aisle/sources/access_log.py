"""Reads a web server's access log (combined log format): page views of products, and searches.

The format: https://httpd.apache.org/docs/2.4/logs.html#combined; nginx writes the same by default.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from hashlib import blake2b
from urllib.parse import parse_qs, unquote, urlsplit

from aisle.errors import InputError
from aisle.sources.events import derived_id
from aisle.sources.feed import Feed
from aisle.sources.files import decoded, lines
from aisle.types import Event, EventKind

LINE = re.compile(
    r"(?P<host>\S+) \S+ (?P<user>\S+) \[(?P<day>[0-9]{2})/(?P<month>[A-Z][a-z]{2})/(?P<year>[0-9]{4}):"
    r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2}) (?P<sign>[+-])(?P<zone>[0-9]{4})\] "
    r'"(?P<request>(?:[^"\\]|\\.)*)" (?P<status>[0-9]{3}) \S+'
    r'(?: "(?:[^"\\]|\\.)*" "(?P<agent>(?:[^"\\]|\\.)*)")?.*'
)
BOTS = re.compile(
    r"(?<!cu)bot\b|bot[/_-]|crawl|spider|slurp|scrap|preview|monitor|uptime|lighthouse|headless|phantom|facebookexternalhit|curl|wget|"
    r"python|java/|okhttp|go-http|libwww|httpclient|axios|node-fetch|feedfetcher|mediapartners|^-?$",
    re.IGNORECASE,
)
MAPPING = {"item_id": "/(?:products?|items?|p|dp)/{item_id}", "query": "/search?q={query}"}
"""Where the item of a view and the query of a search stand in the path, when the caller does not say."""
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1
    )
}


@dataclass(frozen=True, slots=True)
class Pages:
    """How the shop's pages are addressed."""

    product: re.Pattern[str]
    search: re.Pattern[str]
    parameter: str


def pages(mapping: Mapping[str, str]) -> Pages:
    """The pages that a mapping describes: {"item_id": "/product/{item_id}", "query": "/search?q={query}"}.

    Both are regular expressions for the whole path, in which {item_id} stands for one part of it, and {query} for the
    value of one parameter. Raises InputError for other fields, a missing placeholder and broken expressions.
    """
    if unknown := mapping.keys() - MAPPING.keys():
        raise InputError(f"an access log has no place for {sorted(unknown)}; only item_id and query can be mapped")
    product, search = (mapping.get(name, default) for name, default in MAPPING.items())
    path, _, parameter = search.rpartition("?")
    if product.count("{item_id}") != 1:
        raise InputError(f"item_id = {product!r} has no {{item_id}}; expected a path such as /product/{{item_id}}")
    if not path or not re.fullmatch(r"[^=&]+=\{query\}", parameter):
        raise InputError(f"query = {search!r} is no search page; expected one such as /search?q={{query}}")
    try:
        compiled = re.compile(product.replace("{item_id}", "(?P<item_id>[^/]+?)") + "/?"), re.compile(path + "/?")
    except re.error as error:
        raise InputError(f"{product!r} or {path!r} is no regular expression ({error}); put \\ before signs") from error
    return Pages(*compiled, parameter.partition("=")[0])


def read(feed: Feed, found: Pages) -> Iterator[Event]:
    """The views and searches in an access log; lines of another format are quarantined.

    Counted are GET requests that were answered (status 200 to 299, or 304: unchanged) by people: bots, told by their
    agent, and all other pages are passed over. The user is the authenticated one, else a hash of address and agent: the
    address itself is not kept.
    """
    for number, line in lines(feed):
        text, fault = decoded(line)
        if not text.strip():
            continue
        entry = LINE.fullmatch(text.strip())
        if fault or not entry:
            feed.bad(
                number, fault or 'not combined log format; expected: host - user [time] "GET / HTTP/1.1" 200 ...', text
            )
            continue
        try:
            event = _event(entry, found)
        except (InputError, ValueError) as error:
            feed.bad(number, str(error), text)
            continue
        if event:
            yield event


def _event(entry: re.Match[str], found: Pages) -> Event | None:
    method, _, target = entry["request"].partition(" ")
    status = int(entry["status"])
    if method != "GET" or not (200 <= status < 300 or status == 304) or BOTS.search(entry["agent"] or "unknown"):
        return None
    address = urlsplit(target.rpartition(" ")[0] or target)
    item_id = query = ""
    if page := found.product.fullmatch(address.path):
        item_id = unquote(page["item_id"])
    elif found.search.fullmatch(address.path):
        query = parse_qs(address.query).get(found.parameter, [""])[0].strip()
    if not item_id and not query:
        return None
    user_id, moment = _user(entry), _moment(entry)
    kind: EventKind = "view" if item_id else "search"
    return Event(
        derived_id(kind, moment, user_id, item_id, query),
        kind,
        moment,
        user_id=user_id,
        item_id=item_id,
        query=query,
        surface="item" if item_id else "search",
    )


def _user(entry: re.Match[str]) -> str:
    if entry["user"] != "-":
        return entry["user"]
    visitor = f"{entry['host']} {entry['agent'] or ''}".encode()
    return "visitor-" + blake2b(visitor, digest_size=8).hexdigest()


def _moment(entry: re.Match[str]) -> datetime:
    """Not by strptime, whose month names follow the locale."""
    offset = timedelta(hours=int(entry["zone"][:2]), minutes=int(entry["zone"][2:]))
    zone = timezone(-offset if entry["sign"] == "-" else offset)
    parts = (int(entry[name]) for name in ("day", "hour", "minute", "second"))
    day, hour, minute, second = parts
    # An unknown month is 0, which datetime refuses.
    month = _MONTHS.get(entry["month"], 0)
    return datetime(int(entry["year"]), month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
