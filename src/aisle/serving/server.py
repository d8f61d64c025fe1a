"""Serves a shop over HTTP until it is told to stop."""

import errno
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from types import FrameType

import uvicorn

from aisle.errors import InputError
from aisle.serving.app import create_app
from aisle.serving.workers import serve_with
from aisle.shop import Shop, open_shop

logger = logging.getLogger("aisle.serving")

_BACKLOG = 2048
_GRACE_S = 30
"""How long requests may still run after a signal to stop."""


def serve(
    shop: Shop,
    host: str | None = None,
    port: int | None = None,
    *,
    workers: int | None = None,
    ready: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve `shop` until SIGINT or SIGTERM, then finish the requests that run, and return.

    `host`, `port` and `workers` default to the shop's settings; port 0 picks a free one. Several workers
    are processes that open the shop's folder anew, each on its own. `ready` is called with the address
    ("http://127.0.0.1:8000") once requests are answered. Raises InputError when the address cannot be
    listened on, and for fewer than one worker.
    """
    settings = shop.settings.serving
    n_workers = settings.workers if workers is None else workers
    if n_workers < 1:
        raise InputError(f"workers={n_workers}; expected 1 or more, about one for each core")
    with listen(settings.host if host is None else host, settings.port if port is None else port) as listener:
        tell = partial(ready, _address(listener))
        if n_workers == 1:
            _serve_on(shop, listener, tell)
        else:
            serve_with(_serve_folder, shop.folder, listener, n_workers, tell)


def _serve_folder(folder: Path, listener: socket.socket, ready: Callable[[], None]) -> None:
    with closing(open_shop(folder)) as shop:
        _serve_on(shop, listener, ready)


def _serve_on(shop: Shop, listener: socket.socket, ready: Callable[[], None]) -> None:
    config = uvicorn.Config(
        create_app(shop),
        loop="auto",
        http="auto",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    with _stopped_by_signals():
        _Server(config, ready).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on `host` and `port`. Raises InputError that says what is in the way."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise InputError(f"host {host!r} is not an address of this machine: {error}; try 127.0.0.1") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise InputError(_in_the_way(host, port, error)) from error
    return listener


def _in_the_way(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is taken by another program; stop it or choose another with --port"
    if error.errno == errno.EACCES:
        return f"port {port} needs the rights of an administrator; choose one above 1023 with --port"
    return f"cannot listen on {host}:{port}: {error.strerror}; choose another with --host and --port"


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    """A uvicorn server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            logger.info("ready")
            self.ready()


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Let SIGINT and SIGTERM end the server, and nothing more.

    uvicorn raises them once more after it has stopped, which would end the process before the
    caller could close the shop.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    stops = (signal.SIGINT, signal.SIGTERM)
    before = {stop: signal.signal(stop, _already_stopped) for stop in stops}
    try:
        yield
    finally:
        for stop, handler in before.items():
            signal.signal(stop, handler)


def _already_stopped(number: int, frame: FrameType | None) -> None:
    logger.info("stopped by %s", signal.Signals(number).name)
