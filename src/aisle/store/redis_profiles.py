"""Profiles in Redis: one list a shopper, which every process reads and whoever appends adds to."""

import logging
from collections.abc import Callable, Collection, Sequence
from threading import Lock
from typing import NamedTuple, TypeVar

import orjson

from aisle.errors import AwayError, MissingExtraError, SettingsError
from aisle.remote import Remote
from aisle.store.profiles import Profile, Read, Who, by_shopper
from aisle.store.rows import event_of, event_row
from aisle.types import Event

logger = logging.getLogger("aisle.store")
T = TypeVar("T")
U = TypeVar("U")

LENGTH = 200
"""Events of a list; whoever wants more is answered by the database."""
LIFE_S = 600
"""A list lives so long at most, so that one which missed an event, as its writer died with Redis away, heals."""
MOST_MISSED = 10_000
_PREFIX = "aisle:profile:"
_EMPTY = b""
"""The last element of a list that is complete: thus a shopper without events has a list, too."""
_FILL = """
if (redis.call('GET', KEYS[2]) or '0') == ARGV[1] then
    redis.call('DEL', KEYS[1])
    redis.call('RPUSH', KEYS[1], unpack(ARGV, 3))
    redis.call('EXPIRE', KEYS[1], ARGV[2])
end
"""
"""Fills a list, unless the shopper acted since its counter was read (a lease: Nishtala et al., Scaling Memcache at
Facebook, NSDI 2013): what was read from the database before would be kept, and the act would be missing."""


class RedisProfiles:
    """Profiles in Redis, a cache of the database: nothing in it is needed, and it is never asked when it is away.

    A list is filled from the database when somebody asks, and added to after each durable append. What could not be
    added while Redis was away is remembered, and those lists go first when it is back.
    """

    def __init__(self, url: str, read: Read, timeout_s: float) -> None:
        """Raises MissingExtraError without the packages, SettingsError when `url` is none of Redis."""
        try:
            import redis  # noqa: PLC0415  an extra
            from redis.backoff import NoBackoff  # noqa: PLC0415
            from redis.retry import Retry  # noqa: PLC0415
        except ImportError as error:
            raise MissingExtraError("profiles in Redis", "redis") from error
        try:
            self._redis = redis.Redis.from_url(
                url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s, retry=Retry(NoBackoff(), 0)
            )
        except ValueError as error:
            raise SettingsError(f"store.redis_url = {url!r} is no address; expected redis://host:6379/0") from error
        self._fill = self._redis.register_script(_FILL)
        slips = (redis.ConnectionError, redis.TimeoutError, redis.ReadOnlyError, redis.OutOfMemoryError)
        self._line = Remote("Redis", slips, attempts=2, wait_s=0.01, deadline_s=timeout_s, rest_s=1.0)
        self._read = read
        self._missed: set[Who] = set()
        self._all_missed = False
        self._lock = Lock()  # of the two above

    @property
    def degraded(self) -> tuple[str, ...]:
        """As in Profiles."""
        return ("profiles: Redis is away, and the database is read instead",) if self._line.failing else ()

    def latest(self, who: Who, limit: int) -> Profile:
        """As in Profiles."""
        kept = self._ask(lambda: self._look(who), None)
        if kept and kept.found and limit <= LENGTH:
            return Profile(_newest(kept.found, limit))
        events = self._read(who, max(limit, LENGTH))
        if kept:
            rows = [orjson.dumps(event_row(event)) for event in events[:LENGTH]]
            self._ask(lambda: self._fill([_list(who), _count(who)], [kept.n_acts, LIFE_S, *rows, _EMPTY]), None)
        return Profile(tuple(events[:limit]))

    def appended(self, events: Sequence[Event], n_new: int) -> None:
        """As in Profiles. Where some events were known already, the lists are read anew: it is not known which."""
        theirs = by_shopper(events)
        # Many at once are most often old ones, which would push out newer ones.
        whole = n_new == len(events) and len(events) <= LENGTH // 4
        if not self._ask(lambda: self._add(theirs, whole), False):
            self._miss(theirs)

    def forget(self) -> None:
        """As in Profiles."""
        if not self._ask(self._drop_all, False):
            with self._lock:
                self._all_missed = True

    def close(self) -> None:
        """As in Profiles."""
        self._redis.close()

    def _look(self, who: Who) -> "_Found":
        with self._redis.pipeline() as asked:
            asked.get(_count(who))
            asked.lrange(_list(who), 0, -1)
            count, found = asked.execute()
        return _Found(count or b"0", found)

    def _add(self, theirs: dict[Who, list[Event]], whole: bool) -> bool:
        with self._redis.pipeline() as asked:
            for who, events in theirs.items():
                asked.incr(_count(who))
                asked.expire(_count(who), LIFE_S)
                if whole:
                    asked.lpushx(_list(who), *(orjson.dumps(event_row(event)) for event in events))
                    asked.ltrim(_list(who), 0, LENGTH - 1)
                else:
                    asked.delete(_list(who))
            asked.execute()
        return True

    def _drop_all(self) -> bool:
        for name in self._redis.scan_iter(f"{_PREFIX}*:list", count=1_000):
            self._redis.unlink(name)
        return True

    def _ask(self, work: Callable[[], T], otherwise: U) -> T | U:
        known = self._line.failing

        def after_making_good() -> T:
            self._make_good()
            return work()

        try:
            return self._line.call(after_making_good)
        except AwayError as error:
            if not known:
                logger.warning("profiles are read from the database: %s", error)
            return otherwise

    def _miss(self, whos: Collection[Who]) -> None:
        with self._lock:
            self._missed.update(whos)
            self._all_missed |= len(self._missed) > MOST_MISSED

    def _make_good(self) -> None:
        """Drop the lists that missed something while Redis was away."""
        with self._lock:
            missed, everybody = self._missed, self._all_missed
            self._missed, self._all_missed = set(), False
        try:
            if everybody:
                self._drop_all()
            elif missed:
                self._add({who: [] for who in missed}, False)
        except BaseException:
            self._miss(missed)
            self._all_missed |= everybody
            raise


class _Found(NamedTuple):
    """What Redis has of a shopper: how often they acted lately, and their list, empty where there is none."""

    n_acts: bytes
    found: Sequence[bytes]


def _newest(found: Sequence[bytes], limit: int) -> tuple[Event, ...]:
    rows = (orjson.loads(element) for element in found if element != _EMPTY)
    # Once each, though an append may have been sent twice. What came later stands first, and stays so within one time.
    once = {row[0]: row for row in rows}
    return tuple(event_of(row) for row in sorted(once.values(), key=lambda row: -row[2])[:limit])


def _list(who: Who) -> str:
    return f"{_PREFIX}{who.kind}:{who.name}:list"


def _count(who: Who) -> str:
    return f"{_PREFIX}{who.kind}:{who.name}:count"
