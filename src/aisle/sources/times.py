"""Reads moments and dates as logs and feeds write them, and makes them UTC."""

import re
from datetime import UTC, date, datetime, timedelta

from aisle.errors import InputError

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]*)?")
_COMPACT_DATE = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_YEAR = re.compile(r"(?:1[89]|20|21)[0-9]{2}")
_ZONE = re.compile(r"\s*(?:UTC|GMT)$", re.IGNORECASE)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9))
"""Numbers below the first are in units of which the second make a second: s, ms, µs, ns."""


def parse_timestamp(value: object, name: str = "timestamp") -> datetime:
    """The moment in UTC that `value` means.

    ISO 8601 (a date alone is its midnight; no offset means UTC; "/" for "-" and a trailing "UTC" are understood), or
    seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size (below 1e11: seconds, which
    lasts until the year 5138). Eight digits that are a date, such as 20240131, are one. Raises InputError for
    anything else.

    >>> parse_timestamp("2024-01-31 10:00:00+01:00").isoformat(), parse_timestamp(1706691600000).isoformat()
    ('2024-01-31T09:00:00+00:00', '2024-01-31T09:00:00+00:00')
    """
    try:
        if isinstance(value, datetime):
            return _utc(value)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        if isinstance(value, float):
            return _since_1970(value)
        text = "" if value is None or isinstance(value, bool) else str(value).strip()
        if _COMPACT_DATE.fullmatch(text) or not _NUMBER.fullmatch(text):
            return _utc(datetime.fromisoformat(_ZONE.sub("", text).replace("/", "-")))
        return _since_1970(float(text))
    except (ValueError, OverflowError):
        raise InputError(
            f"{name}={value!r} is not a time; expected ISO 8601 (2024-01-31T09:00:00Z), or seconds or "
            "milliseconds since 1970"
        ) from None


def parse_date(value: object, name: str = "released_at") -> datetime:
    """The moment in UTC that `value` means, where a bare year such as 1995 is its first of January.

    Raises InputError as `parse_timestamp` does.
    """
    if not isinstance(value, bool) and _YEAR.fullmatch(str(value).strip()):
        return datetime(int(str(value).strip()), 1, 1, tzinfo=UTC)
    return parse_timestamp(value, name)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _since_1970(number: float) -> datetime:
    for limit, a_second in _UNITS:
        if abs(number) < limit:
            whole, rest = divmod(number, a_second)
            return _EPOCH + timedelta(seconds=whole, microseconds=round(rest / a_second * 1e6))
    raise OverflowError(number)
