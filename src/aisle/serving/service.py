"""What the routes of one service share, and the threads that they work in."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.requests import Request

from aisle.serving.metrics import Metrics
from aisle.serving.reload import ReleaseWatch
from aisle.shop import Shop

T = TypeVar("T")
_WRITERS = 32
"""Threads that may wait for the store at once: what they bring is committed together."""


@dataclass(frozen=True, slots=True)
class Service:
    """One shop, its measurements, and how many threads may compute or write at once."""

    shop: Shop
    metrics: Metrics
    watch: ReleaseWatch
    computing: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(os.cpu_count() or 1))
    writing: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_WRITERS))

    async def compute(self, work: Callable[[], T]) -> T:
        """Run `work`, which keeps a core busy, in a thread: at most one a core, so that none slows the others."""
        return await anyio.to_thread.run_sync(work, limiter=self.computing)

    async def write(self, work: Callable[[], T]) -> T:
        """Run `work`, which waits for the store, in a thread."""
        return await anyio.to_thread.run_sync(work, limiter=self.writing)


def service_of(request: Request) -> Service:
    """The service that `request` came to."""
    service: Service = request.app.state.service
    return service
