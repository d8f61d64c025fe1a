"""Events in, durable and each once; a user's latest events out."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from threading import Lock
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, literal_column, select

from aisle.errors import InputError, StoreError
from aisle.store.database import Database
from aisle.store.heard_profiles import announce
from aisle.store.inserts import COPY_FROM, INSERT, Rows
from aisle.store.months import Months
from aisle.store.profiles import Who
from aisle.store.replicas import Replicas
from aisle.store.rows import EVENT_COLUMNS, event_of, event_row
from aisle.store.tables import events
from aisle.types import Event

CHUNK = 50_000
"""Most events of one transaction: it stays under a second, and a bulk load writes each index page seldom."""
_TIMESTAMP = EVENT_COLUMNS.index("timestamp")


@dataclass(slots=True)
class _Ticket:
    """The events of one caller, and what became of them."""

    events: Sequence[Event]
    rows: Rows
    n_new: int = 0
    done: bool = False
    failure: BaseException | None = None


class EventLog:
    """Appends events with group commit: callers that come while a transaction runs share the next one."""

    def __init__(
        self,
        database: Database,
        *,
        announces: bool = False,
        after: Callable[[Sequence[Event], int], None] = lambda _events, _n_new: None,
    ) -> None:
        """With `announces` PostgreSQL tells every process whose profiles changed. `after` hears of durable events."""
        self._database = database
        self._announces, self._after = announces, after
        self._insert = INSERT[database.dialect]
        self._months = Months(database) if database.dialect == "postgresql" else None
        if self._months:
            self._months.prepare()
        self._waiting: deque[_Ticket] = deque()
        self._turn = Lock()

    def append(self, given: Iterable[Event]) -> int:
        """Keep the events; they are durable when this returns. The number that were not kept before.

        More than 50,000 events become several transactions. When one fails, those before it are
        kept; giving all of them again is safe, as each `event_id` counts once.
        """
        stream = iter(given)
        n_new = 0
        while events := list(islice(stream, CHUNK)):
            n_chunk = self._append(_Ticket(events, [event_row(event) for event in events]))
            self._after(events, n_chunk)
            n_new += n_chunk
        return n_new

    def _append(self, ticket: _Ticket) -> int:
        self._waiting.append(ticket)
        with self._turn:
            # Whoever has the turn commits for everybody in the queue, so mine may be done already.
            while not ticket.done:
                self._commit(self._next_group())
        if ticket.failure is not None:
            raise StoreError(str(ticket.failure)) from ticket.failure
        return ticket.n_new

    def _next_group(self) -> list[_Ticket]:
        group = [self._waiting.popleft()]
        n_rows = len(group[0].rows)
        while self._waiting and n_rows + len(self._waiting[0].rows) <= CHUNK:
            group.append(self._waiting.popleft())
            n_rows += len(group[-1].rows)
        return group

    def _commit(self, group: list[_Ticket]) -> None:
        try:
            if self._months:
                self._months.prepare(row[_TIMESTAMP] for ticket in group for row in ticket.rows)
            few = sum(len(ticket.rows) for ticket in group) < COPY_FROM
            counts = self._database.write(partial(self._keep, group=group, few=few), quick=few)
            for ticket, n_new in zip(group, counts, strict=True):
                ticket.n_new = n_new
        except StoreError as error:
            for ticket in group:
                ticket.failure = error
        except BaseException as error:
            # Not the others' fault, but none of their events was kept, and they must hear of it.
            for ticket in group:
                ticket.failure = error
            raise
        finally:
            for ticket in group:
                ticket.done = True

    def _keep(self, connection: Connection, group: Sequence[_Ticket], few: bool) -> list[int]:
        counts = [self._insert(connection, ticket.rows) for ticket in group]
        if self._announces:
            announce(connection, [event for ticket in group for event in ticket.events] if few else None)
        return counts


def latest_events(replicas: Replicas, who: Who, limit: int) -> list[Event]:
    """The latest `limit` events with an item of a user, or of a session without one, newest first.

    Raises InputError for a limit below 1.
    """
    if limit < 1:
        raise InputError(f"limit={limit}; expected at least 1")
    if not who.name:
        return []
    statement, given = _LATEST_OF[who.kind], {"who": who.name, "most": limit}
    rows = replicas.read(lambda connection: connection.execute(statement, given).all(), quick=True)
    return [event_of(row) for row in rows]


_EMPTY: ColumnElement[str] = literal_column("''")
# The constants are those of the indexes events_by_user and events_by_session: without them they would not be used.
_LATEST = (
    select(*(events.c[name] for name in EVENT_COLUMNS))
    .where(events.c.item_id != _EMPTY, events.c.kind != literal_column("'search'"))
    .order_by(events.c.timestamp.desc(), events.c.event_no.desc())
    .limit(bindparam("most"))
)
_USER_EVENTS = _LATEST.where(events.c.user_id == bindparam("who"), events.c.user_id != _EMPTY)
_SESSION_EVENTS = _LATEST.where(
    events.c.session_id == bindparam("who"), events.c.session_id != _EMPTY, events.c.user_id == _EMPTY
)
_LATEST_OF: dict[str, Select[Any]] = {"user": _USER_EVENTS, "session": _SESSION_EVENTS}
