"""What the routes of one service share, and where their work is done."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.requests import Request

from aisle.serving.follow import Following
from aisle.serving.metrics import Metrics
from aisle.serving.reload import ReleaseWatch
from aisle.shop import Shop

T = TypeVar("T")
SHORT = 50
"""Pages of up to this many hits are computed in a few milliseconds."""
_WAITING = 32
"""Threads that may wait for the store at once: what they bring is committed together."""


@dataclass(frozen=True, slots=True)
class Service:
    """One shop, its measurements, and how many threads may compute or wait at once."""

    shop: Shop
    metrics: Metrics
    watch: ReleaseWatch
    following: Following | None = None
    """Brings releases from the storage, where the shop has one."""
    computing: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(os.cpu_count() or 1))
    waiting: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_WAITING))

    async def compute(self, work: Callable[[], T], k: int) -> T:
        """Do `work`, which answers with a page of `k` hits from memory.

        A short page is computed on the spot. Handing it to a thread costs more than it gains: on 2
        cores with 4 clients, two threads computed no more searches a second than the event loop alone
        (they used 1.2 cores, for the lock of the interpreter), and the median rose from 9 to 13 ms.
        """
        if k <= SHORT:
            return work()
        return await anyio.to_thread.run_sync(work, limiter=self.computing)

    async def wait(self, work: Callable[[], T]) -> T:
        """Do `work`, which waits for the store or the disk, in a thread."""
        return await anyio.to_thread.run_sync(work, limiter=self.waiting)


def service_of(request: Request) -> Service:
    """The service that `request` came to."""
    service: Service = request.app.state.service
    return service
