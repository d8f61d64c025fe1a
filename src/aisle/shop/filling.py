"""What goes into the store: feeds, logs, events; and what is dropped from it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aisle import pipelines
from aisle.errors import InputError
from aisle.pipelines import IngestReport, Progress, ignore_progress
from aisle.records import event_from_dict
from aisle.store import Pruned
from aisle.types import (
    Event,
)

if TYPE_CHECKING:
    pass
from aisle.shop.opened import Opened


class Filling(Opened):
    """Everything that comes into a shop."""

    def log(self, events: Iterable[Event | Mapping[str, Any]]) -> int:
        """Keep events; they are on disk when this returns. The number that was new. Raises InputError for a bad one."""
        return self.store.append_events(
            [event if isinstance(event, Event) else event_from_dict(event) for event in events]
        )

    def prune(self, keep_days: int | None = None) -> Pruned:
        """Drop the events older than so many days (default: `store.keep_days`). Raises InputError when both are 0."""
        days = self.settings.store.keep_days if keep_days is None else keep_days
        if days < 1:
            raise InputError(f"keep_days={days} keeps all events; set store.keep_days in aisle.toml, or name the days")
        return self.store.prune(datetime.now(UTC) - timedelta(days=days))

    def ingest_items(
        self, locations: Sequence[str], mapping: Mapping[str, str] | None = None, progress: Progress = ignore_progress
    ) -> IngestReport:
        """Read item feeds into the store; `mapping` is field = column where the guess is not right."""
        return pipelines.ingest(
            "items", locations, self.store, self.settings, self._quarantine, mapping or {}, progress=progress
        )

    def ingest_events(
        self, locations: Sequence[str], mapping: Mapping[str, str] | None = None, progress: Progress = ignore_progress
    ) -> IngestReport:
        """Read event logs into the store. Reading one again adds nothing."""
        return pipelines.ingest(
            "events", locations, self.store, self.settings, self._quarantine, mapping or {}, progress=progress
        )

    def ingest_judgments(
        self,
        locations: Sequence[str],
        mapping: Mapping[str, str] | None = None,
        progress: Progress = ignore_progress,
        *,
        queries: str | None = None,
    ) -> IngestReport:
        """Read judgments into the store; `queries` names the feed with the texts of their query ids."""
        return pipelines.ingest(
            "judgments",
            locations,
            self.store,
            self.settings,
            self._quarantine,
            mapping or {},
            queries=queries,
            progress=progress,
        )

    @property
    def _quarantine(self) -> Path:
        return self.folder / "quarantine"
