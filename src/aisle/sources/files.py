"""Opens a feed's file as bytes and lines, gunzipped where needed, with bounded memory."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from aisle.errors import InputError
from aisle.sources.feed import Feed

MAX_LINE_BYTES = 8_000_000
HEAD_BYTES = 65_536
BOM = b"\xef\xbb\xbf"
GZIP = b"\x1f\x8b"
BROKEN_GZIP = (EOFError, gzip.BadGzipFile, zlib.error)
_LINES_A_REPORT = 1_000


@contextmanager
def opened(location: str) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """The file as it lies on disk (its `tell` is the progress), and its content, gunzipped where it is gzip.

    Raises InputError when there is no such file or it may not be read.
    """
    try:
        with Path(location).open("rb") as raw:
            zipped = raw.read(2) == GZIP
            raw.seek(0)
            # GzipFile reads and seeks like any binary file, but is not declared as one.
            yield raw, cast(BinaryIO, io.BufferedReader(gzip.GzipFile(fileobj=raw))) if zipped else raw
    except BROKEN_GZIP as error:
        raise InputError(f"{location}: the gzip data is broken ({error}); compress the file again") from error
    except FileNotFoundError as error:
        raise InputError(f"{location} does not exist; check the path") from error
    except IsADirectoryError as error:
        raise InputError(f"{location} is a folder; name the files in it one by one") from error
    except OSError as error:
        raise InputError(f"cannot read {location}: {error.strerror or error}") from error


def head(location: str) -> bytes:
    """The first 64 KiB of the content. Raises InputError when the file is empty, away or unreadable."""
    with opened(location) as (_, content):
        found = content.read(HEAD_BYTES)
    if not found.removeprefix(BOM).strip():
        raise InputError(f"{location} is empty; give a file with at least a header and one row")
    return found


def n_bytes(location: str) -> int:
    """The size of the file on disk."""
    return Path(location).stat().st_size


def chunks(feed: Feed, size: int = HEAD_BYTES) -> Iterator[bytes]:
    """The content piece by piece, telling the feed's progress."""
    with opened(feed.location) as (raw, content):
        while chunk := content.read(size):
            yield chunk
            feed.progress(raw.tell())


def lines(feed: Feed) -> Iterator[tuple[int, bytes]]:
    """Each line with its number (from 1) and its line end, telling the feed's progress.

    Longer lines than 8 MB are quarantined; so is the place where gzip data breaks off, after which nothing follows.
    """
    with opened(feed.location) as (raw, content):
        number = 0
        try:
            while line := content.readline(MAX_LINE_BYTES):
                number += 1
                if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
                    _skip_line(content)
                    reason = f"the line is longer than {MAX_LINE_BYTES:,} bytes; shorten it"
                    feed.bad(number, reason, decoded(line[:8_000])[0])
                    continue
                yield number, line.removeprefix(BOM) if number == 1 else line
                if number % _LINES_A_REPORT == 0:
                    feed.progress(raw.tell())
        except BROKEN_GZIP as error:
            reason = f"the gzip data breaks off here ({error}); rows before it were read; compress the file again"
            feed.bad(number + 1, reason)
        feed.progress(raw.tell())


def decoded(line: bytes) -> tuple[str, str]:
    """The text of `line`, and why it is not UTF-8: empty when it is. Bad bytes become U+FFFD.

    >>> decoded(b"caf\\xc3\\xa9")
    ('café', '')
    """
    try:
        return line.decode("utf-8"), ""
    except UnicodeDecodeError as error:
        reason = (
            f"not UTF-8: byte 0x{line[error.start]:02x} at position {error.start + 1} of the line; "
            "save the file as UTF-8 (if it is Latin-1: iconv -f WINDOWS-1252 -t UTF-8 FILE)"
        )
        return line.decode("utf-8", "replace"), reason


def _skip_line(content: BinaryIO) -> None:
    while (piece := content.readline(MAX_LINE_BYTES)) and not piece.endswith(b"\n"):
        pass
