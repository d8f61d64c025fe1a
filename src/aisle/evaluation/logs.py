"""From a store's events, and a test somebody else has cut, to logs of one set of users and items."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from aisle.errors import InputError
from aisle.recommenders.interactions import weigh
from aisle.recommenders.protocol import Interactions
from aisle.settings import RecommendSettings
from aisle.sources import read_events
from aisle.types import Rejected

TICK_S = 1e-3
"""Between two events of a log without a clock: so short that nothing is old."""

MOST = 0.5
"""Of the users: that many begin at the same moment in a log without a clock."""


@dataclass(frozen=True, slots=True)
class Log:
    """What happened in a shop, and in a test beside it, with the same numbers for the same users and items."""

    events: Interactions
    test: Interactions | None
    item_ids: tuple[str, ...]
    """The id of each row: the catalogue's items, and those of events that the catalogue lacks."""
    has_clock: bool
    """Whether times compare between users; see `order_by_log`."""


def build_log(
    events: pl.DataFrame,
    item_ids: Iterable[str],
    settings: RecommendSettings,
    test: pl.DataFrame | None = None,
    *,
    keep_times: bool = False,
) -> Log:
    """The log of the store's events frame, and of a test frame with the columns of `read_test`.

    With `keep_times` a log without a clock is not put in order by `order_by_log`: whoever cuts by time needs the
    times as they are, for in that order no user is there before and within a window.

    Items are those of the catalogue (`item_ids`), and of events and test. Raises InputError when no
    event says anything about taste.
    """
    told = set(item_ids).union(events["item_id"].unique(), () if test is None else test["item_id"].unique())
    ids = tuple(sorted(told - {""}))
    rows = {item_id: row for row, item_id in enumerate(ids)}
    learned = weigh(events, rows, settings)
    if learned.is_empty():
        raise InputError(
            f"{len(events):,} events, and none of them says what somebody likes; run: aisle ingest events FILE"
        )
    asked = weigh(test, rows, settings) if test is not None else learned.clear()
    has_clock = not _counts_places(learned)
    if not (has_clock or keep_times):
        learned, asked = order_by_log(learned), order_by_log(asked)
    users = pl.concat([learned["who"], asked["who"]]).unique(maintain_order=True).to_list()
    numbers = {who: number for number, who in enumerate(users)}
    return Log(
        _interactions(learned, numbers, len(ids)),
        None if test is None else _interactions(asked, numbers, len(ids)),
        ids,
        has_clock,
    )


def order_by_log(events: pl.DataFrame) -> pl.DataFrame:
    """The events of `weigh`, user after user in the order in which they come up, a millisecond apart.

    For a log whose times count places in histories (1, 2, 3 for everybody) or are all the same: by
    them the longest histories would be the latest, and models that look at time would be misled.
    """
    numbers = events.filter(pl.col("who").is_first_distinct()).select("who", place=pl.int_range(pl.len()))
    ordered = events.join(numbers, on="who", maintain_order="left").sort("place", maintain_order=True).drop("place")
    return ordered.with_columns(time=pl.int_range(pl.len()) * TICK_S)


def read_test(location: str, mapping: Mapping[str, str]) -> pl.DataFrame:
    """The events of a test file, each once, in the columns that `build_log` looks at.

    `mapping` is field = column, as for `read_events`. Raises InputError when the file is missing, empty or
    has not the columns of events, when a row of it cannot be read, and when it holds no event with an item.
    """
    found = [event for event in read_events(location, mapping, reject=_refuse) if event.item_id]
    if not found:
        raise InputError(
            f"{location} holds no events with an item; expected user_id, item_id and timestamp in each row"
        )
    frame = pl.DataFrame(
        {
            "event_id": [event.event_id for event in found],
            "kind": [event.kind for event in found],
            "timestamp": pl.Series([event.timestamp for event in found], dtype=pl.Datetime("us", "UTC")),
            "user_id": [event.user_id for event in found],
            "session_id": [event.session_id for event in found],
            "item_id": [event.item_id for event in found],
            "value": pl.Series([event.value for event in found], dtype=pl.Float64),
        }
    )
    return frame.unique("event_id", keep="first", maintain_order=True).sort("timestamp", maintain_order=True)


def _counts_places(events: pl.DataFrame) -> bool:
    """Whether times are places in histories: most users begin at the same one, and it goes on for one history only."""
    by_user = events.group_by("who").agg(first=pl.col("time").min(), n=pl.len())
    firsts, times = by_user["first"].to_numpy(), events["time"].to_numpy()
    start_together = bool((firsts == firsts.min()).mean() > MOST)
    return len(firsts) > 1 and start_together and bool(np.ptp(times) <= 2 * by_user["n"].to_numpy().max())


def _interactions(events: pl.DataFrame, numbers: Mapping[str, int], n_items: int) -> Interactions:
    known = pl.DataFrame({"who": list(numbers), "user": list(numbers.values())}, {"who": pl.String, "user": pl.Int64})
    numbered = events.join(known, on="who", maintain_order="left")
    return Interactions(
        users=numbered["user"].to_numpy(),
        rows=numbered["row"].to_numpy(),
        weights=numbered["weight"].cast(pl.Float32).to_numpy(),
        times=numbered["time"].to_numpy().astype(np.float64),
        n_users=len(numbers),
        n_items=n_items,
        kinds=numbered["kind"].to_numpy(),
    )


def _refuse(row: Rejected) -> None:
    raise InputError(f"{row.source}, line {row.line}: {row.reason}; evaluation needs every row of a test to be good")
