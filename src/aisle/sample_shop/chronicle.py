"""The behaviour log of the sample shop: columns of numbers while it grows, events when it is done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from aisle.sample_shop.users import Floats, Ints
from aisle.types import EVENT_KINDS, Event, EventKind

SURFACES = ("", "search", "popular", "similar", "item")
NOTHING = -1
"""Stands for no item, no visit, no query and no page."""
_DAY_S = 86_400
_MS = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Happenings:
    """n things that happened, one array a column. -1 where a column does not apply, NaN for no value."""

    kind: Ints
    """Position in EVENT_KINDS."""
    day: Floats
    user: Ints
    visit: Ints
    row: Ints
    page: Ints
    """Number of the search they came from."""
    text: Ints
    """Position of the query's text."""
    rank: Ints
    value: Floats
    surface: Ints
    """Position in SURFACES."""

    def __len__(self) -> int:
        return len(self.kind)

    def taken(self, chosen: Ints | NDArray[np.bool_]) -> "Happenings":
        """The happenings at these positions, or where the mask is true."""
        return Happenings(*(getattr(self, column.name)[chosen] for column in fields(self)))

    def changed(self, kind: EventKind, **columns: Ints | Floats) -> "Happenings":
        """The same with another kind and other columns."""
        kept = {column.name: getattr(self, column.name) for column in fields(self) if column.name != "kind"}
        return happened(kind, **{**kept, **columns})


def happened(kind: EventKind, **columns: Ints | Floats | int | float) -> Happenings:
    """Happenings of one kind. `day` gives their number; single numbers are repeated; absent columns do not apply."""
    n = len(np.atleast_1d(columns["day"]))

    def whole(name: str, default: int = NOTHING) -> Ints:
        return np.broadcast_to(np.asarray(columns.get(name, default), np.int64), n)

    return Happenings(
        kind=np.full(n, EVENT_KINDS.index(kind)),
        day=np.broadcast_to(np.asarray(columns["day"], np.float64), n),
        user=whole("user"),
        visit=whole("visit"),
        row=whole("row"),
        page=whole("page"),
        text=whole("text"),
        rank=whole("rank"),
        value=np.broadcast_to(np.asarray(columns.get("value", np.nan), np.float64), n),
        surface=whole("surface", 0),
    )


def joined(parts: Sequence[Happenings]) -> Happenings:
    """All happenings of the parts, in their order."""
    return Happenings(
        *(np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(Happenings))
    )


def in_order(happenings: Happenings) -> Happenings:
    """The same in the order of time, visits and searches numbered by it; what happened at once keeps its order."""
    ordered = happenings.taken(np.argsort(happenings.day, kind="stable"))
    return replace(ordered, visit=_renumbered(ordered.visit), page=_renumbered(ordered.page))


def to_frame(happenings: Happenings, item_ids: Sequence[str], texts: Sequence[str], start: datetime) -> pl.DataFrame:
    """The events as a frame with the fields of Event for columns, in the order given.

    timestamp is Datetime("us", "UTC"), in whole milliseconds; text columns are empty and numbers null
    where they do not apply. Ids: E0000001, U00001, S000001, Q000001.
    """
    n = len(happenings)
    milliseconds = np.floor(happenings.day * _DAY_S * _MS).astype(np.int64) + round(start.timestamp()) * _MS
    ranks = pl.Series("rank", happenings.rank)
    values = pl.Series("value", happenings.value)
    return pl.DataFrame(
        {
            "event_id": _ids("E", np.arange(n), 7),
            "kind": pl.Series(EVENT_KINDS).gather(happenings.kind),
            "timestamp": pl.Series(milliseconds * _MS).cast(pl.Datetime("us", "UTC")),
            "user_id": _ids("U", happenings.user, 5),
            "session_id": _ids("S", happenings.visit, 6),
            "item_id": pl.Series([*item_ids, ""]).gather(_last_for_nothing(happenings.row, len(item_ids))),
            "query": pl.Series([*texts, ""]).gather(_last_for_nothing(happenings.text, len(texts))),
            "query_id": _ids("Q", happenings.page, 6),
            "rank": ranks.set(ranks < 0, None),
            "value": values.set(values.is_nan(), None),
            "surface": pl.Series(SURFACES).gather(happenings.surface),
        }
    )


def user_ids(n_users: int) -> list[str]:
    """The ids of the users by their rows."""
    return _ids("U", np.arange(n_users), 5).to_list()


def to_events(frame: pl.DataFrame) -> Iterator[Event]:
    """The rows of such a frame as events."""
    return (Event(**row) for row in frame.iter_rows(named=True))


def _ids(letter: str, numbers: Ints, width: int) -> pl.Series:
    """Ids that count from 1; empty for -1."""
    names = pl.Series(["", *(f"{letter}{number:0{width}d}" for number in range(1, int(numbers.max(initial=-1)) + 2))])
    return names.gather(numbers + 1)


def _renumbered(numbers: Ints) -> Ints:
    """The same numbers replaced by 0, 1, 2, ... in the order of their first appearance; -1 stays."""
    known, first, where = np.unique(numbers, return_index=True, return_inverse=True)
    fresh = np.empty(len(known), np.int64)
    order = np.argsort(np.where(known == NOTHING, -1, first))
    fresh[order] = np.arange(len(known)) - int(NOTHING in known)
    return fresh[where]


def _last_for_nothing(positions: Ints, n: int) -> Ints:
    return np.where(positions == NOTHING, n, positions)
