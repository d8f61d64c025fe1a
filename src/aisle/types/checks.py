"""What is a usable id, text, number or time: every door refuses the same mistakes with the same message."""

import math
import re
from datetime import UTC, datetime

from aisle.errors import InputError

MAX_ID_LENGTH = 512
MAX_QUERY_LENGTH = 1_000
MAX_TEXT_LENGTH = 100_000
MAX_COUNT = 2**53
"""The largest whole number that every reader of JSON keeps exact."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Control characters, and halves of surrogate pairs: neither databases nor JSON can hold them."""


def check_id(name: str, value: object) -> None:
    """Raise InputError unless `value` is a usable id: 1 to 512 characters, none of them a control character."""
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{name} is missing or empty: {value!r}; give a non-empty string")
    if len(value) > MAX_ID_LENGTH:
        raise InputError(f"{name} has {len(value)} characters; at most {MAX_ID_LENGTH} are allowed")
    if not value.isprintable() and (_CONTROL.search(value) or not {"\n", "\r", "\t"}.isdisjoint(value)):
        raise InputError(f"{name} holds a control character: {value[:80]!r}; remove it")


def check_text(name: str, value: str, limit: int = MAX_TEXT_LENGTH) -> None:
    """Raise InputError when `value` is longer than `limit` characters or holds a control character."""
    if len(value) > limit:
        raise InputError(f"{name} has {len(value):,} characters; at most {limit:,} are allowed; shorten it")
    if not value.isprintable() and (found := _CONTROL.search(value)):
        raise InputError(f"{name} holds the control character {found.group()!r}; remove it")


def check_number(name: str, value: float | None, low: float = 0.0, high: float = math.inf) -> None:
    """Raise InputError unless `value` is None or a finite number between `low` and `high`."""
    if value is not None and not (math.isfinite(value) and low <= value <= high):
        wanted = f"at least {low:g}" if math.isinf(high) else f"between {low:g} and {high:g}"
        raise InputError(f"{name}={value!r}; expected a finite number, {wanted}")


def check_utc(name: str, value: datetime) -> None:
    """Raise InputError unless `value` carries the UTC offset zero."""
    if value.utcoffset() is None or value.astimezone(UTC).utcoffset() != value.utcoffset():
        raise InputError(f"{name}={value.isoformat()} is not in UTC; convert it: value.astimezone(UTC)")
