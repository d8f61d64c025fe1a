"""Brings the releases of the storage to this server while requests go on."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from aisle.errors import AisleError, AwayError
from aisle.releases import Replica
from aisle.serving.metrics import Metrics
from aisle.serving.reload import Refusal

logger = logging.getLogger("aisle.serving")
RETRY_S = 30.0
"""A release that was refused may come whole the next time; to read it again at once would only cost."""


class Following:
    """Looks into the storage every `every_s` seconds, and every `soon_s` while a decision is awaited.

    It only brings releases and says which one runs; `ReleaseWatch` takes them up. While the storage is away, or what
    it holds is refused, the release that is here goes on.
    """

    def __init__(self, make: Callable[[], Replica], every_s: float, soon_s: float, metrics: Metrics) -> None:
        """`make` is called in a thread, since the packages of the storage take a while to import."""
        self.trouble: Refusal | None = None
        self._make = make
        self._replica: Replica | None = None
        self._every_s, self._soon_s = every_s, min(soon_s, every_s)
        self._metrics = metrics

    async def run(self) -> None:
        """Look for ever; cancel the task to stop."""
        while True:
            await asyncio.sleep(await asyncio.to_thread(self.look))

    def stop(self) -> None:
        """Do not keep the process from ending by a long pull; the next start goes on with it."""
        if self._replica is not None:
            self._replica.stop()

    def look(self) -> float:
        """Look once; the seconds until the next look. Never raises: the service must outlive the storage."""
        try:
            replica = self._replica = self._replica or self._make()
            waits = replica.look()
        except AwayError as error:
            self._refuse(str(error))
            return self._every_s
        except AisleError as error:
            self._refuse(str(error))
            return max(RETRY_S, self._every_s)
        except Exception as error:
            logger.exception("looking into the storage of releases failed")
            self._refuse(f"{type(error).__name__}: {error}")
            return max(RETRY_S, self._every_s)
        if self.trouble is not None:
            logger.info("the storage of releases is well again")
        self.trouble = None
        self._metrics.storage_trouble.set(0)
        return self._soon_s if waits else self._every_s

    def _refuse(self, reason: str) -> None:
        if self.trouble is None or self.trouble.reason != reason:
            since = self.trouble.since if self.trouble else datetime.now(UTC)
            logger.error("releases of the storage cannot be had, the one that is here goes on: %s", reason)
            self.trouble = Refusal(reason, since)
        self._metrics.storage_trouble.set(1)
