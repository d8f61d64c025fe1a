"""What a shopper did last, at hand in every process that serves: `Profiles` says how, two files beside do it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from aisle.types import Event


class Who(NamedTuple):
    """A user, or the session of somebody without an account."""

    kind: str
    """ "user" or "session"."""
    name: str


@dataclass(frozen=True, slots=True)
class Profile:
    """The latest events with an item of one shopper, newest first."""

    events: tuple[Event, ...] = ()
    fresh: bool = True
    """False when the store is away: these are the last that this process knows of."""


Read = Callable[[Who, int], Sequence[Event]]
"""Asks the database for the latest events of a shopper, at most so many. Raises StoreError when it is away."""


class Profiles(Protocol):
    """Profiles that every process sees within 100 ms of an append. Safe to use from many threads."""

    def latest(self, who: Who, limit: int) -> Profile:
        """The profile of `who`. Raises StoreError when the database is away and nothing is known."""

    def appended(self, events: Sequence[Event], n_new: int) -> None:
        """Take note of events that are durable now, of which `n_new` were new. Never fails."""

    def forget(self) -> None:
        """Drop everything that is known, as old events went. Never fails."""

    @property
    def degraded(self) -> tuple[str, ...]:
        """What is done without now, in words; empty when all is well."""

    def close(self) -> None:
        """Let go of connections."""


def who_of(event: Event) -> Who | None:
    """Whose profile an event belongs to, as in the indexes of the table; None for a search, or nobody."""
    if not event.item_id or event.kind == "search":
        return None
    if event.user_id:
        return Who("user", event.user_id)
    return Who("session", event.session_id) if event.session_id else None


def by_shopper(events: Iterable[Event]) -> dict[Who, list[Event]]:
    """The events of each profile, in the order given."""
    found: dict[Who, list[Event]] = {}
    for event in events:
        if who := who_of(event):
            found.setdefault(who, []).append(event)
    return found
