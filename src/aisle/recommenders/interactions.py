"""From the event log to what models learn from, and from a user's events to a history."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from aisle.recommenders.protocol import History, Interactions
from aisle.settings import KindWeights, RecommendSettings
from aisle.types import EVENT_KINDS, Event, EventKind

DAY_S = timedelta(days=1).total_seconds()
NEUTRAL_STARS = 2.5
KIND_CODES: dict[str, int] = {kind: code for code, kind in enumerate(EVENT_KINDS)}


def decay(ages_s: ArrayLike, half_life_days: float) -> NDArray[np.float64]:
    """How much of an event's weight is left after `ages_s` seconds: 2 ** (-age / half-life); all of it when infinite.

    >>> decay([0, 14 * 86400, 28 * 86400], half_life_days=14).tolist()
    [1.0, 0.5, 0.25]
    """
    return np.exp2(-np.asarray(ages_s, np.float64) / (half_life_days * DAY_S))


def event_weight(kind: EventKind, value: float | None, kinds: KindWeights) -> float:
    """How much one event says about taste; negative says "not this".

    A rating counts by its stars of 0 to 5: all of its kind's weight at 5, none at 2.5, all of it
    negative at 0. A cart or purchase counts once, however many pieces.

    >>> event_weight("rate", 1.0, KindWeights(rate=2.0))
    -1.2
    """
    if kind == "rate" and value is not None:
        return kinds.of(kind) * min(1.0, (value - NEUTRAL_STARS) / NEUTRAL_STARS)
    return kinds.of(kind)


def build_interactions(
    events: pl.DataFrame, item_rows: Mapping[str, int], settings: RecommendSettings, n_items: int | None = None
) -> Interactions:
    """What models learn from, out of the store's events frame.

    `item_rows` turns item ids into rows; events of other items are left out, and so are those
    whose weight is 0 (impressions, searches). An event without a user id belongs to its session,
    one without either to nobody else. `n_items` defaults to the highest row plus one.
    """
    told = weigh(events, item_rows, settings).with_columns(user=pl.col("who").rank("dense").cast(pl.Int64) - 1)
    return Interactions(
        users=told["user"].to_numpy(),
        rows=told["row"].to_numpy(),
        weights=told["weight"].cast(pl.Float32).to_numpy(),
        times=told["time"].to_numpy(),
        n_users=told["user"].n_unique(),
        n_items=max(item_rows.values(), default=-1) + 1 if n_items is None else n_items,
        kinds=told["kind"].to_numpy(),
    )


def weigh(events: pl.DataFrame, item_rows: Mapping[str, int], settings: RecommendSettings) -> pl.DataFrame:
    """The events that say something about taste, oldest first: who (String), row, weight, time (seconds), kind (Int8).

    Which these are is told by `build_interactions`; `kind` is the position in EVENT_KINDS.
    """
    touched = [item_id for item_id in events["item_id"].unique().to_list() if item_id in item_rows]
    rows = [item_rows[item_id] for item_id in touched]
    known = pl.DataFrame({"item_id": touched, "row": rows}, schema={"item_id": pl.String, "row": pl.Int64})
    return (
        events.join(known, on="item_id", how="inner", maintain_order="left")
        .with_columns(weight=_weight(settings.kinds), time=pl.col("timestamp").dt.epoch("us") / 1e6)
        .filter(pl.col("weight") != 0)
        .sort("time", maintain_order=True)
        .select(
            _who().alias("who"),
            "row",
            "weight",
            "time",
            pl.col("kind").cast(pl.String).replace_strict(KIND_CODES, return_dtype=pl.Int8),
        )
    )


def histories_of(interactions: Interactions, settings: RecommendSettings) -> list[History]:
    """The history of each user 0 to n_users-1: the latest `history_length` events, decayed from the user's newest."""
    order = np.argsort(interactions.users, kind="stable")
    lengths = np.bincount(interactions.users, minlength=interactions.n_users)
    ends = np.cumsum(lengths)
    rows, weights, times = interactions.rows[order], interactions.weights[order], interactions.times[order]
    kinds = None if interactions.kinds is None else interactions.kinds[order]
    return [
        _history(
            rows[start:end], weights[start:end], times[start:end], None if kinds is None else kinds[start:end], settings
        )
        for start, end in zip(ends - lengths, ends, strict=True)
    ]


def history_of(events: Iterable[Event], item_rows: Mapping[str, int], settings: RecommendSettings) -> History:
    """One user's history out of their events, which come newest first, as the store gives them.

    Weights decay from the newest event and not from today: taste does not fade while the user is
    away, and the same events give the same answer on any day.
    """
    told = [
        (item_rows[event.item_id], weight, event.timestamp.timestamp(), KIND_CODES[event.kind])
        for event in events
        if event.item_id in item_rows and (weight := event_weight(event.kind, event.value, settings.kinds)) != 0
    ]
    told.reverse()
    told.sort(key=lambda one: one[2])
    rows = np.array([one[0] for one in told], np.int64)
    weights = np.array([one[1] for one in told], np.float32)
    kinds = np.array([one[3] for one in told], np.int8)
    return _history(rows, weights, np.array([one[2] for one in told], np.float64), kinds, settings)


def _history(
    rows: NDArray[np.int64],
    weights: NDArray[np.float32],
    times: NDArray[np.float64],
    kinds: NDArray[np.int8] | None,
    settings: RecommendSettings,
) -> History:
    if len(rows) == 0:
        return History(rows, weights, kinds)
    latest = slice(-settings.history_length, None)
    left = decay(times[-1] - times[latest], settings.half_life_days)
    return History(rows[latest], (weights[latest] * left).astype(np.float32), None if kinds is None else kinds[latest])


def _weight(kinds: KindWeights) -> pl.Expr:
    """`event_weight` for a whole frame."""
    by_kind = pl.col("kind").cast(pl.String).replace_strict({kind: kinds.of(kind) for kind in EVENT_KINDS}, default=0.0)
    stars = ((pl.col("value") - NEUTRAL_STARS) / NEUTRAL_STARS).clip(upper_bound=1.0).fill_null(1.0)
    return by_kind * pl.when(pl.col("kind").cast(pl.String) == "rate").then(stars).otherwise(1.0)


def _who() -> pl.Expr:
    user, session = pl.col("user_id").fill_null(""), pl.col("session_id").fill_null("")
    anonymous = pl.when(session != "").then("s" + session).otherwise("e" + pl.col("event_id"))
    return pl.when(user != "").then("u" + user).otherwise(anonymous)
