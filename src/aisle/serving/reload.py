"""Picks up a newly activated release while requests go on."""

import asyncio
import gc
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from aisle.errors import AisleError
from aisle.serving.metrics import Metrics
from aisle.shop import Shop

logger = logging.getLogger("aisle.serving")

RETRY_S = 30.0
"""Where nothing seems new, the shop is asked again after this time all the same: a refused release may have been
repaired, and reading it whole costs a while."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a newer release does not serve, and since when."""

    reason: str
    since: datetime


class ReleaseWatch:
    """Asks the shop every `every_s` seconds whether there is something newer to serve.

    A release that cannot be loaded is refused, and the old one goes on.
    """

    def __init__(self, shop: Shop, every_s: float, metrics: Metrics) -> None:
        self.shop = shop
        self.every_s = every_s
        self.metrics = metrics
        self.refusal: Refusal | None = None
        self._seen: tuple[str | None, int] | None = None
        self._again_at = 0.0
        self._settled = ""

    async def run(self) -> None:
        """Look for ever; cancel the task to stop."""
        while True:
            await asyncio.sleep(self.every_s)
            await asyncio.to_thread(self.look)

    def look(self) -> None:
        """Look once, and load what is new. Never raises: the service must outlive a bad release."""
        try:
            now = (self.shop.active_release_id(), self.shop.store.version())
            if now == self._seen and time.monotonic() < self._again_at:
                return
            self._seen, self._again_at = now, time.monotonic() + RETRY_S
            changed = self.shop.refresh(warm=True)
        except AisleError as error:
            self._refuse(str(error))
        except Exception as error:
            logger.exception("looking for a newer release failed")
            self._refuse(f"{type(error).__name__}: {error}")
        else:
            self._accept(changed)

    def _refuse(self, reason: str) -> None:
        if self.refusal is None or self.refusal.reason != reason:
            logger.error("cannot take up what is newer, the release that serves goes on: %s", reason)
            self.metrics.reloads.labels("refused").inc()
            self.refusal = Refusal(reason, datetime.now(UTC))
        self.metrics.refused.set(1)

    def _accept(self, changed: bool) -> None:
        if changed:
            logger.info("picked up what is new; release %s serves", self.shop.release.release_id)
            self.metrics.reloads.labels("loaded").inc()
            self._settle()
        self.refusal = None
        self.metrics.refused.set(0)

    def _settle(self) -> None:
        """Spare the garbage collector a new release's hundreds of thousands of objects, which stay until the next.

        Looking through all of them takes a tenth of a second, which some shopper would wait for.
        """
        if self._settled != self.shop.release.release_id:
            self._settled = self.shop.release.release_id
            gc.unfreeze()
            gc.collect()
            gc.freeze()
