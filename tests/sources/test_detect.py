from collections.abc import Callable
from pathlib import Path

import pytest

from aisle.errors import InputError
from aisle.sources import describe, detect, read_events, read_items, read_judgments
from aisle.types import Rejected

Write = Callable[[str, str | bytes], str]
LOG_LINE = '1.2.3.4 - - [10/Oct/2024:13:55:36 -0700] "GET /product/1 HTTP/1.1" 200 26 "-" "Mozilla/5.0"\n'


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", "id,title\n1,a\n", "csv"),
        ("a.txt", "id;title\n1;a\n", "csv"),
        ("a.csv", "id\ttitle\n1\ta\n", "tsv"),
        ("a.tsv", "id\ttitle\tprice\tavailability\n1\ta\t5 EUR\tin stock\n", "google_merchant_tsv"),
        ("a.csv", "Handle,Title,Variant Price\nx,X,1\n", "shopify"),
        ("a.json", '{"id": 1}\n{"id": 2}\n', "jsonl"),
        ("a", '{"id": 1}', "jsonl"),
        ("a.jsonl", '{"broken\n{"id": 2}\n', "jsonl"),
        ("a.jsonl", '{"action_name": "click", "timestamp": 1}\n', "ubi"),
        ("a.jsonl", '{"user_query": "lamp", "query_id": "q"}\n', "ubi"),
        ("a.xml", '<?xml version="1.0"?>\n<!-- x --><rss></rss>', "google_merchant_xml"),
        ("access.log", LOG_LINE, "access_log"),
        ("access.log.1", LOG_LINE, "access_log"),
        ("a.qrels", "1 0 A1 2\n", "qrels"),
        ("a", "usb cable 0 A1 2\nlamp 0 B2 0\n", "qrels"),
        ("a.tsv", "lamp\t0\tA1\t2\n", "qrels"),
        ("a.csv.gz", "id,title\n1,a\n", "csv"),
        ("a.log.gz", LOG_LINE, "access_log"),
    ],
)
def test_formats(name: str, content: str, expected: str, write: Write) -> None:
    assert detect(write(name, content)) == expected


def test_addresses_are_sql() -> None:
    assert detect("sqlite:///shop.db#SELECT 1") == "sql"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "is empty; give a file with at least a header and one row"),
        ("a.csv", b"\xef\xbb\xbf \n", "is empty"),
        ("a.csv.gz", b"", "is empty"),
        ("a.csv", "id,title\n".encode("utf-16"), "looks like UTF-16; save it as UTF-8: iconv -f UTF-16"),
        ("a.csv", b"id,pr\xe9nom\n1,a\n", "the header is not UTF-8: byte 0xe9 .* iconv -f WINDOWS-1252"),
        (
            "a.csv",
            b"PK\x03\x04xlsx",
            "looks like a ZIP archive or an Excel workbook; unpack it, or export the sheet as CSV",
        ),
        ("a.csv", b"id,title\r1,a\r", r"ends its lines with \\r alone, as old Macs did"),
        ("a.xml", b'<?xml version="1.0" encoding="no-such"?><rss></rss>', "has an encoding that cannot be read"),
        ("a.db", b"SQLite format 3\x00", "looks like an SQLite database; name a query instead"),
        ("a.png", b"\x89PNG\r\n\x1a\n\x00\x00", "is binary"),
        ("a.csv", b"<rss></rss>", "looks like a Google Merchant feed .XML., but .csv says a CSV table"),
        (
            "a.parquet",
            b"id,title\n1,a\n",
            "looks like a CSV table, but .parquet says Parquet; rename it or give the right file",
        ),
        ("a.jsonl", b"id,title\n1,a\n", "looks like a CSV table, but .jsonl says JSON Lines"),
        ("a.xml", b"<!doctype html><html></html>", "looks like a web page; expected a product feed"),
        ("a.xml", b"<catalog><x/></catalog>", "looks like XML with the root <catalog>"),
        ("a.json", b'[{"id": 1}]', "is JSON, but not one object a line; convert it: jq -c '.\\[\\]' FILE"),
        ("a.json", b'{\n  "id": 1\n}', "is JSON, but not one object a line; convert it: jq -c . FILE"),
        ("a.txt", b"Dear shop,\nhello\n", "expected CSV|its columns|csv"),
        ("notes", b"hello there\n", "is text, but no format that Aisle reads; its first line is 'hello there'"),
    ],
)
def test_what_cannot_be_read_gets_advice(
    name: str, content: bytes, message: str, write: Write, rejected: list[Rejected]
) -> None:
    with pytest.raises(InputError, match=message):
        read_items(write(name, content), reject=rejected.append)


def test_missing_files_and_folders_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist; check the path"):
        detect(str(tmp_path / "absent.csv"))
    with pytest.raises(InputError, match="is a folder; name the files in it"):
        detect(str(tmp_path))


def test_a_truncated_gzip_header_is_an_error(write: Write) -> None:
    with pytest.raises(InputError, match="the gzip data is broken"):
        detect(write("a.csv", b"\x1f\x8b\x08"))


def test_a_feed_of_another_kind_says_what_it_holds(write: Write, rejected: list[Rejected]) -> None:
    with pytest.raises(InputError, match="looks like a web access log, which holds events; expected items: "):
        read_items(write("access.log", LOG_LINE), reject=rejected.append)
    with pytest.raises(InputError, match=r"which holds items; expected events: .*; read it as items instead"):
        read_events(write("a.xml", "<rss></rss>"), reject=rejected.append)
    with pytest.raises(InputError, match="which holds judgments; expected items"):
        describe(write("a.qrels", "1 0 A1 2\n"), "items")
    with pytest.raises(InputError, match="which holds events; expected judgments"):
        read_judgments(write("u.jsonl", '{"action_name": "click"}\n'), reject=rejected.append)
