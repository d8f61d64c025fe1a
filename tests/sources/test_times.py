from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle.errors import InputError
from aisle.sources.times import parse_date, parse_timestamp

NINE = datetime(2024, 1, 31, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2024-01-31T09:00:00Z",
        "2024-01-31T09:00:00",
        "2024-01-31 09:00:00 UTC",
        "2024-01-31T10:00:00+01:00",
        "2024/01/31 09:00",
        "20240131T090000Z",
        1706691600,
        "1706691600",
        1706691600.0,
        1706691600000,
        "1706691600000",
        1706691600000000,
        1706691600000000000,
        datetime(2024, 1, 31, 9),
        datetime(2024, 1, 31, 10, tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_nine_in_the_morning(written: object) -> None:
    moment = parse_timestamp(written)
    assert moment == NINE
    assert moment.utcoffset() == timedelta(0)


@pytest.mark.parametrize("written", ["2024-01-31", "20240131", 20240131, date(2024, 1, 31), "2024/01/31"])
def test_a_date_is_its_midnight(written: object) -> None:
    assert parse_timestamp(written) == datetime(2024, 1, 31, tzinfo=UTC)


def test_fractions_of_a_second_are_kept() -> None:
    assert parse_timestamp("2024-01-31T09:00:00.123456789Z").microsecond == 123456
    assert parse_timestamp(1706691600123).microsecond == 123000


def test_a_release_may_be_a_year_and_a_moment_may_not() -> None:
    assert parse_date("1995") == datetime(1995, 1, 1, tzinfo=UTC)
    assert parse_timestamp("1995") == datetime(1970, 1, 1, 0, 33, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    ["", "soon", "31/01/2024", "2024-13-01", None, True, "nan", float("nan"), float("inf"), 10**30, "2024-01-31T25:00"],
)
def test_what_is_no_time_is_an_error(written: object) -> None:
    with pytest.raises(InputError, match="is not a time; expected ISO 8601"):
        parse_timestamp(written)


@settings(deadline=None)
@given(st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1)))
def test_all_ways_of_writing_a_moment_agree(moment: datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
    since = round((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))
    assert parse_timestamp(moment.isoformat()) == moment
    assert parse_timestamp(since) == moment or since < 10**11
    assert parse_timestamp(since * 1000) == moment or since < 10**11


@settings(deadline=None)
@given(st.one_of(st.text(), st.floats(), st.integers()))
def test_anything_is_a_utc_time_or_an_input_error(written: object) -> None:
    try:
        assert parse_timestamp(written).utcoffset() == timedelta(0)
    except InputError:
        return
