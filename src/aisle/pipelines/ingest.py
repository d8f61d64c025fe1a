"""From feeds to the store: good rows go in, bad rows are set aside with their line and reason."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Literal, TypeVar

import orjson

from aisle.settings import Settings
from aisle.sources import describe, read_events, read_items, read_judgments
from aisle.store import Store
from aisle.types import Event, Item, Judgment, Rejected

Kind = Literal["items", "events", "judgments"]
Progress = Callable[[str, int, int], None]
"""Hears of the stage, how much of it is done, and how much there is in all (0 where that is not known)."""
T = TypeVar("T", Item, Event, Judgment)


def ignore_progress(stage: str, done: int, total: int) -> None:
    """Hear nothing."""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What came of reading feeds."""

    n_read: int
    """Rows, good and bad."""
    n_new: int
    """Items and judgments written, or events that were not in the store before."""
    n_rejected: int
    """Rows that could not be used, and rows that replaced an earlier one of the same id."""
    quarantine: Path | None
    """JSON Lines of the bad rows; None when there were none."""
    mapping: Mapping[str, Mapping[str, str]]
    """By feed: field = column, as it was read."""


class Quarantine:
    """A file of rejected rows, made with the first of them."""

    def __init__(self, path: Path, stack: ExitStack) -> None:
        self.path = path
        self.n_rejected = 0
        self.n_replaced = 0
        self._stack = stack
        self._file: BinaryIO | None = None

    def reject(self, row: Rejected) -> None:
        """Write one rejected row."""
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._stack.enter_context(self.path.open("wb"))
        self._file.write(orjson.dumps(asdict(row)) + b"\n")
        self.n_rejected += 1
        self.n_replaced += row.replaces


class _Counted:
    """Counts what passes through it."""

    def __init__(self) -> None:
        self.n = 0

    def __call__(self, values: Iterable[T]) -> Iterator[T]:
        for value in values:
            self.n += 1
            yield value


def ingest(
    kind: Kind,
    locations: Sequence[str],
    store: Store,
    settings: Settings,
    folder: Path,
    mapping: Mapping[str, str],
    *,
    queries: str | None = None,
    progress: Progress = ignore_progress,
) -> IngestReport:
    """Read the feeds at `locations` into `store`; bad rows go to a file in `folder`.

    `mapping` is field = column, on top of the settings' own and of what the column names suggest;
    `queries` names the feed with the texts of the judgments' query ids. Raises InputError when a feed
    cannot be read at all, before any row of it is stored.
    """
    asked = {**getattr(settings.sources, kind), **mapping}
    told = {location: describe(location, kind, asked) for location in locations}
    counted, n_new = _Counted(), 0
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    with ExitStack() as stack:
        bad = Quarantine(folder / f"{kind}-{stamp}.jsonl", stack)
        for location, info in told.items():

            def heard(done: int, name: str = Path(location).name, total: int = info.n_bytes) -> None:
                progress(f"{kind}: {name}", done, total)

            match kind:
                case "items":
                    currency = settings.shop.currency
                    items = read_items(location, asked, reject=bad.reject, currency=currency, progress=heard)
                    n_new += store.upsert_items(counted(items))
                case "events":
                    events = read_events(location, asked, reject=bad.reject, progress=heard)
                    n_new += store.append_events(counted(events))
                case "judgments":
                    grades = read_judgments(location, asked, reject=bad.reject, queries=queries, progress=heard)
                    n_new += store.upsert_judgments(counted(grades))
    return IngestReport(
        n_read=counted.n + bad.n_rejected - bad.n_replaced,
        n_new=n_new,
        n_rejected=bad.n_rejected,
        quarantine=bad.path if bad.n_rejected else None,
        mapping={location: info.mapping for location, info in told.items()},
    )
