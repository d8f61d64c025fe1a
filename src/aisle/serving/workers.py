"""Several processes answer for one shop: Python computes on one core in each."""

import logging
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

from prometheus_client.multiprocess import mark_process_dead

from aisle.errors import ReleaseError
from aisle.serving.metrics import SHARED

logger = logging.getLogger("aisle.serving")
Work = Callable[[Path, socket.socket, Callable[[], None]], None]
"""Serves the shop in a folder on a socket until SIGTERM, and says when it is ready. A function of a module."""

GRACE_S = 35.0
"""A worker that still runs so long after a signal to stop is killed: longer than its requests may take."""
_LOOK_S = 0.2
_PAUSE_S = 1.0
"""Between the end of a worker and the start of the one in its place."""


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    line: Connection
    """The worker says on it that it is ready; it stops when nobody holds the other end."""
    ready: bool = False


def serve_with(work: Work, folder: Path, listener: socket.socket, n_workers: int, ready: Callable[[], None]) -> None:
    """Run `n_workers` processes that `work` on the same socket, until SIGINT or SIGTERM; then wait for their end.

    `ready` is called once all of them answer. One that ends on its own is replaced. When this process
    ends, however it does, the workers stop too. Raises ReleaseError when a worker ends before it was ready
    for the first time; its own words are in the log.
    """
    with _shared_metrics(), _told_to_stop() as stop:
        workers = [_start(work, folder, listener) for _ in range(n_workers)]
        try:
            announced = False
            while not stop.is_set():
                wait([*(one.process.sentinel for one in workers), *_silent(workers)], _LOOK_S)
                _hear(workers)
                if not announced and all(one.ready for one in workers):
                    announced = True
                    ready()
                for place, one in enumerate(workers):
                    if not one.process.is_alive() and not stop.is_set():
                        _mourn(one, announced)
                        workers[place] = _start(work, folder, listener)
        finally:
            _end(workers)


def _start(work: Work, folder: Path, listener: socket.socket) -> _Worker:
    context = get_context("spawn")  # a forked one would share the locks of this process's threads
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(work, folder, listener, theirs), name="aisle-worker")
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _run(work: Work, folder: Path, listener: socket.socket, line: Connection) -> None:
    """What a worker does."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    threading.Thread(target=_stop_when_alone, args=(line,), daemon=True).start()
    work(folder, listener, lambda: line.send(True))


def _stop_when_alone(line: Connection) -> None:
    try:
        line.recv()
    except (EOFError, OSError):
        os.kill(os.getpid(), signal.SIGTERM)


def _silent(workers: list[_Worker]) -> list[Connection]:
    return [one.line for one in workers if not one.ready and not one.line.closed]


def _hear(workers: list[_Worker]) -> None:
    for one in workers:
        try:
            one.ready = one.ready or (one.line.poll() and one.line.recv())
        except (EOFError, OSError):  # it has ended, which its process says too
            one.line.close()


def _mourn(worker: _Worker, announced: bool) -> None:
    code = worker.process.exitcode
    if not announced:
        raise ReleaseError(f"a worker ended with status {code} before it answered; its reason is in the log above")
    logger.error("worker %d ended with status %s; another takes its place", worker.process.pid, code)
    mark_process_dead(worker.process.pid)
    worker.line.close()
    time.sleep(_PAUSE_S)


def _end(workers: list[_Worker]) -> None:
    for one in workers:
        if one.process.is_alive():
            one.process.terminate()
    until = time.monotonic() + GRACE_S
    for one in workers:
        one.process.join(max(0.0, until - time.monotonic()))
        if one.process.is_alive():
            logger.error("worker %d did not stop in %.0f s and is killed", one.process.pid, GRACE_S)
            one.process.kill()
            one.process.join()
        one.line.close()


@contextmanager
def _shared_metrics() -> Iterator[None]:
    """A folder in which the workers count together."""
    before, folder = os.environ.get(SHARED), tempfile.mkdtemp(prefix="aisle-metrics-")
    os.environ[SHARED] = folder
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if before is None:
            del os.environ[SHARED]
        else:
            os.environ[SHARED] = before


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {one: signal.signal(one, lambda *_: stop.set()) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
