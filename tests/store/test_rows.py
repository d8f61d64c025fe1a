from datetime import UTC, datetime

import pytest

from aisle.store.rows import microseconds, moment


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), -1),
        (datetime(2026, 1, 1, tzinfo=UTC), 20_454 * 86_400 * 1_000_000),
    ],
)
def test_times_are_exact_to_the_microsecond(time: datetime, expected: int) -> None:
    assert microseconds(time) == expected
    assert moment(expected) == time


@pytest.mark.parametrize("time", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_the_first_and_the_last_time_come_back(time: datetime) -> None:
    assert moment(microseconds(time)) == time
