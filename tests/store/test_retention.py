from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aisle.errors import InputError
from aisle.store import open_store
from aisle.testing.store import event

NOW = datetime.now(UTC).replace(microsecond=0)


def test_events_before_a_time_go_and_are_new_when_they_come_again(store_url: str) -> None:
    days = (0, 10, 80, 81, 200, 20_000)
    given = [replace(event(days_ago), timestamp=NOW - timedelta(days=days_ago)) for days_ago in days]
    with open_store(store_url) as store:
        store.append_events(given)
        assert store.profile("ann").events == tuple(given)
        pruned = store.prune(NOW - timedelta(days=80))
        assert (pruned.n_events, pruned.before) == (3, NOW - timedelta(days=80))
        if store_url.startswith("postgresql"):
            assert f"events_{given[4].timestamp:%Y_%m}" in pruned.months
        assert store.events_frame()["event_id"].to_list() == ["e80", "e10", "e0"]
        assert store.profile("ann").events == tuple(given[:3])
        assert store.prune(NOW - timedelta(days=80)).n_events == 0
        assert store.append_events(given) == 3


def test_a_time_without_offset_is_refused(store_url: str) -> None:
    with open_store(store_url) as store, pytest.raises(InputError, match="not in UTC"):
        store.prune(datetime(2026, 1, 1))
