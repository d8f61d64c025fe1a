from datetime import UTC, datetime, timedelta

import polars as pl

from aisle.pipelines.kind_weights import fit_kind_weights
from aisle.settings import RecommendSettings
from aisle.testing.recommenders import events_frame
from aisle.types import Event, EventKind

START = datetime(2026, 1, 1, tzinfo=UTC)
N_ITEMS = 60
ROWS = {f"i{row}": row for row in range(N_ITEMS)}
SETTINGS = RecommendSettings(neighbors=10, shrinkage=1.0)


def log(n_users: int) -> pl.DataFrame:
    """Everybody buys a thing, looks at three others, and then takes what goes with the thing bought: the next one."""
    events: list[Event] = []

    def happens(user: int, minute: int, kind: EventKind, row: int) -> None:
        when = START + timedelta(days=40 * minute, minutes=user)
        name = f"{user}-{minute}"
        events.append(Event(name, kind, when, user_id=f"u{user}", item_id=f"i{row % N_ITEMS}"))

    for user in range(n_users):
        thing = 2 * (user % 30)
        happens(user, 0, "purchase", thing)
        for step in (1, 2, 3):
            happens(user, step, "view", (user * 7 + step * 11) * 2)
        happens(user, 4, "view", thing + 1)
        if user % 2:  # so that what goes with the thing is learned from these
            happens(user, 5, "view", user * 7)
    return events_frame(events)


def test_a_half_life_is_found_that_remembers_what_matters() -> None:
    fitted = fit_kind_weights(log(240), ROWS, SETTINGS, N_ITEMS)
    assert fitted.settings.half_life_days > SETTINGS.half_life_days
    assert fitted.after > fitted.before
    assert fitted.settings.kinds.dislike < 0 < fitted.settings.kinds.view <= fitted.settings.kinds.purchase


def test_with_few_users_the_settings_stay() -> None:
    fitted = fit_kind_weights(log(20), ROWS, SETTINGS, N_ITEMS)
    assert fitted.settings == SETTINGS
