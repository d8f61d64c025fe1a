"""Tells which format a location is, by its first bytes and its name."""

import re
from collections.abc import Mapping
from pathlib import Path

import orjson

from aisle.errors import InputError
from aisle.sources import access_log, qrels
from aisle.sources.delimited import header
from aisle.sources.feed import Format, Kind
from aisle.sources.files import BOM, head
from aisle.sources.google_merchant import attribute
from aisle.sources.shopify import is_shopify
from aisle.sources.sql import is_address
from aisle.sources.ubi import is_ubi

NAMES: Mapping[Format, str] = {
    "csv": "a CSV table",
    "tsv": "a tab-separated table",
    "jsonl": "JSON Lines",
    "parquet": "Parquet",
    "google_merchant_xml": "a Google Merchant feed (XML)",
    "google_merchant_tsv": "a Google Merchant feed (TSV)",
    "shopify": "a Shopify product CSV",
    "sql": "an SQL query",
    "access_log": "a web access log",
    "ubi": "UBI (User Behavior Insights) JSON Lines",
    "qrels": "TREC qrels",
}
_TABLES: frozenset[Format] = frozenset({"csv", "tsv", "jsonl", "parquet", "sql"})
READABLE: Mapping[Kind, frozenset[Format]] = {
    "items": _TABLES | {"google_merchant_xml", "google_merchant_tsv", "shopify"},
    "events": _TABLES | {"access_log", "ubi"},
    "judgments": _TABLES | {"qrels"},
}
"""What each kind of feed may be."""

_DELIMITED: frozenset[Format] = frozenset({"csv", "tsv", "google_merchant_tsv", "shopify"})
EXTENSIONS: Mapping[str, frozenset[Format]] = {
    ".csv": _DELIMITED,
    ".tsv": _DELIMITED | {"qrels"},
    ".tab": _DELIMITED | {"qrels"},
    ".json": frozenset({"jsonl", "ubi"}),
    ".jsonl": frozenset({"jsonl", "ubi"}),
    ".ndjson": frozenset({"jsonl", "ubi"}),
    ".parquet": frozenset({"parquet"}),
    ".pq": frozenset({"parquet"}),
    ".xml": frozenset({"google_merchant_xml"}),
    ".rss": frozenset({"google_merchant_xml"}),
    ".atom": frozenset({"google_merchant_xml"}),
    ".qrels": frozenset({"qrels"}),
}
"""What a file of this name may hold; other names (.txt, .log, none) may hold anything."""

_FOREIGN: Mapping[bytes, str] = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook; unpack it, or export the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; export the sheet as CSV",
    b"SQLite format 3\x00": "an SQLite database; name a query instead: sqlite:///FILE#SELECT ...",
    b"\x28\xb5\x2f\xfd": "Zstandard; unpack it, or compress it with gzip",
    b"BZh": "bzip2; unpack it, or compress it with gzip",
    b"\xfd7zXZ": "xz; unpack it, or compress it with gzip",
    b"\xff\xfe": "UTF-16; save it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE",
    b"\xfe\xff": "UTF-16; save it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE",
}
_GOOGLE_COLUMNS = frozenset({"id", "title", "availability", "price"})
_TREC_LINES = 5


def detect(location: str) -> Format:
    """The format of a file (by its first 64 KiB, gunzipped) or an address.

    Raises InputError when there is no such file, when it is empty, when it is nothing that Aisle reads, and when its
    name promises another format than it holds.
    """
    if is_address(location):
        return "sql"
    found = _by_content(location, head(location))
    path = Path(location.lower())
    suffix = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    allowed = EXTENSIONS.get(suffix)
    if allowed and found not in allowed:
        expected = " or ".join(sorted(NAMES[one] for one in allowed))
        raise InputError(
            f"{location} looks like {NAMES[found]}, but {suffix} says {expected}; rename it or give the right file"
        )
    return found


def check_readable(location: str, found: Format, kind: Kind) -> None:
    """Raise InputError when a feed of this format holds no `kind` (items, events, judgments)."""
    if found not in READABLE[kind]:
        holds = next(other for other, formats in READABLE.items() if found in formats)
        expected = ", ".join(sorted(NAMES[one] for one in READABLE[kind]))
        raise InputError(
            f"{location} looks like {NAMES[found]}, which holds {holds}; "
            f"expected {kind}: {expected}; read it as {holds} instead"
        )


def _by_content(location: str, start: bytes) -> Format:
    for signature, advice in _FOREIGN.items():
        if start.startswith(signature):
            raise InputError(f"{location} looks like {advice}")
    if start.startswith(b"PAR1"):
        return "parquet"
    if b"\x00" in start[:1024]:
        raise InputError(f"{location} is binary, but no Parquet; expected CSV, JSON Lines, Parquet or XML")
    text = start.removeprefix(BOM).decode("utf-8", "replace").lstrip()
    if text.startswith("<"):
        return _xml(location, text)
    if text.startswith(("{", "[")):
        return _json(location, text)
    return _by_lines(location, start, text)


def _xml(location: str, text: str) -> Format:
    root = re.search(r"<([A-Za-z][\w.:-]*)", text)
    name = root.group(1) if root else ""
    if name.rpartition(":")[2].lower() in ("rss", "feed", "channel", "rdf"):
        return "google_merchant_xml"
    what = "a web page" if name.lower() in ("html", "head", "body") else f"XML with the root <{name}>"
    raise InputError(f"{location} looks like {what}; expected a product feed: <rss> or <feed>; give the feed itself")


def _json(location: str, text: str) -> Format:
    line = text.partition("\n")[0].strip()
    if text.startswith("[") or (line != text.strip() and line.endswith(("{", ",", "["))):
        # A list, or an object over several lines.
        program = "jq -c '.[]'" if text.startswith("[") else "jq -c ."
        raise InputError(f"{location} is JSON, but not one object a line; convert it: {program} FILE > FILE.jsonl")
    return "ubi" if _holds_ubi(text) else "jsonl"


def _holds_ubi(text: str) -> bool:
    """True when one of the first two lines is UBI: in a bulk request the first is not."""
    for line in text.split("\n", 2)[:2]:
        try:
            if is_ubi(orjson.loads(line)):
                return True
        except orjson.JSONDecodeError:
            continue
    return False


def _by_lines(location: str, start: bytes, text: str) -> Format:
    first = [line.strip("\r") for line in text.split("\n")[: _TREC_LINES + 1] if line.strip()]
    # The last line of the head may be cut off.
    first = first[:_TREC_LINES]
    if any(access_log.LINE.fullmatch(line.strip()) for line in first):
        return "access_log"
    if 2 * sum(map(qrels.is_qrels, first)) > len(first):
        return "qrels"
    delimiter, columns = header(location, start)
    if is_shopify(columns):
        return "shopify"
    if delimiter == "\t" and {attribute(column) for column in columns} >= _GOOGLE_COLUMNS:
        return "google_merchant_tsv"
    if len(columns) == 1 and not location.lower().endswith((".csv", ".tsv", ".csv.gz", ".tsv.gz")):
        raise InputError(
            f"{location} is text, but no format that Aisle reads; its first line is {first[0][:80]!r}; "
            "expected CSV, JSON Lines, Parquet, XML, an access log or qrels"
        )
    return "tsv" if delimiter == "\t" else "csv"
