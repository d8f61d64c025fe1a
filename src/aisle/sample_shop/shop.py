"""The sample shop: a catalogue, ninety days of behaviour, graded queries, and the truth behind them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from aisle.errors import InputError
from aisle.sample_shop.behaviour import behave
from aisle.sample_shop.chronicle import to_frame, user_ids
from aisle.sample_shop.judgments import judge
from aisle.sample_shop.truth import Truth, truth_of
from aisle.sample_shop.world import make_world
from aisle.types import Item, Judgment, check_utc

_END = datetime(2026, 6, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True, eq=False)
class SampleShop:
    """What a shop would hand over, and what nobody could."""

    items: list[Item]
    events: pl.DataFrame
    """The fields of Event for columns, in the order of time; `to_events` makes events of them."""
    judgments: list[Judgment]
    truth: Truth


def generate(
    seed: int = 7, n_items: int = 3000, n_users: int = 2000, days: int = 90, end: datetime = _END
) -> SampleShop:
    """The sample shop of this seed: the same arguments give the same shop, to the last letter.

    `end` is the UTC midnight after the last day. Raises InputError unless there is at least one item,
    one user and one day.
    """
    for name, value in (("n_items", n_items), ("n_users", n_users), ("days", days)):
        if value < 1:
            raise InputError(f"{name}={value}; a shop needs at least 1")
    check_utc("end", end)
    rng = np.random.default_rng(seed)
    start = end - timedelta(days=days)
    world = make_world(n_items, n_users, start, days, rng)
    happenings, typed = behave(world, rng)
    return SampleShop(
        items=list(world.items),
        events=to_frame(happenings, [item.item_id for item in world.items], typed.texts, start),
        judgments=judge(world, rng),
        truth=truth_of(world, user_ids(n_users), typed.typos),
    )
