"""The line to Milvus: a time-out on every call, and an end to asking while it is away."""

import logging
import os
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import urlsplit

from aisle.errors import AwayError, MissingExtraError
from aisle.remote import Remote
from aisle.settings import MilvusSettings

T = TypeVar("T")
TOKEN = "AISLE_MILVUS_TOKEN"
WRITE_S = 60.0
"""Time-out of what writes: a build waits longer than a shopper."""
_CONNECT_FAILED, _RATE_LIMIT, _DENIED = 2, 8, 9
NOT_LOADED = 101
"""The code of an error: the collection is on disk only."""


class SlipError(Exception):
    """Milvus is away, too slow, or has no room: the same call may succeed later."""


class Server:
    """Milvus at the address of `settings`. Thread-safe; nothing is sent before the first call.

    `call` is for shoppers: given up after `timeout_s`, and not tried at all while Milvus is away. `write` is for
    builds: tried again for a minute.
    """

    def __init__(self, settings: MilvusSettings) -> None:
        self.settings = settings
        _pymilvus()
        self.name = f"Milvus at {shown(settings.url)}"
        self._asking = Remote(self.name, (SlipError,), attempts=2, deadline_s=settings.timeout_s)
        self._writing = Remote(self.name, (SlipError,), attempts=8, wait_s=0.25, deadline_s=WRITE_S)
        self._connected: Any = None
        self._connecting = Lock()

    @property
    def away(self) -> bool:
        """Whether it is known to be away, so that calls fail at once."""
        return self._asking.away

    def call(self, work: Callable[[Any, float], T]) -> T:
        """What `work` returns, given a MilvusClient and the time-out in seconds that it has to pass on.

        Raises AwayError when Milvus does not answer in time, and when it refuses.
        """
        return self._asking.call(lambda: self._told_apart(work, self.settings.timeout_s))

    def write(self, work: Callable[[Any, float], T]) -> T:
        """As `call`, with more patience."""
        return self._writing.call(lambda: self._told_apart(work, WRITE_S))

    def _told_apart(self, work: Callable[[Any, float], T], timeout_s: float) -> T:
        """What `work` returns; raises SlipError where it is worth another try, AwayError where it is not."""
        import grpc  # noqa: PLC0415  comes with pymilvus, an extra

        try:
            return work(self._client(timeout_s), timeout_s)
        except grpc.RpcError as error:
            raise SlipError(_first_line(error)) from error
        except _pymilvus().MilvusException as error:
            if _may_pass(error):
                raise SlipError(error.message) from error
            raise AwayError(f"{self.name} refuses: {_first_line(error.message)}; run aisle build") from error

    def _client(self, timeout_s: float) -> Any:
        with self._connecting:
            if self._connected is None:
                given = self.settings
                token = os.environ.get(TOKEN, "")
                self._connected = _pymilvus().MilvusClient(given.url, token=token, timeout=timeout_s)
            return self._connected


def shown(url: str) -> str:
    """The address without user and password.

    >>> shown("http://root:secret@milvus:19530"), shown("shop/milvus.db")
    ('http://milvus:19530', 'shop/milvus.db')
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else url


def _pymilvus() -> Any:
    try:
        import pymilvus  # noqa: PLC0415  an extra, and seconds to import
    except ImportError:
        raise MissingExtraError("an index on Milvus", "milvus") from None
    # It writes a traceback for each call that fails; whoever calls says so once.
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
    return pymilvus


def _may_pass(error: Any) -> bool:
    """Whether it is away or full now, by what pymilvus makes of it: a code of gRPC's, one of its own, or a text."""
    known = error.code in (_CONNECT_FAILED, _RATE_LIMIT, _DENIED, NOT_LOADED) or not isinstance(error.code, int)
    return bool(known or "Retry timeout" in error.message)


def _first_line(told: object) -> str:
    details = getattr(told, "details", None)
    text = str(details() if callable(details) else told).strip()
    return text.splitlines()[0] if text else ""
