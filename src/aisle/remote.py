"""How is an engine on another machine called? Again after a slip, and not at all while it is away."""

import time
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

import tenacity

from aisle.errors import AwayError

T = TypeVar("T")


class Remote:
    """The line to one engine: retries with jitter, and a circuit breaker (Nygard, Release It!, 2007).

    Safe to use from many threads. After `most_failures` calls that failed in a row, further ones fail at once for
    `rest_s` seconds; then a single one tries whether the engine is back. How long one attempt may take is up to the
    engine's own client: give it a time-out.
    """

    def __init__(
        self,
        name: str,
        slips: tuple[type[BaseException], ...],
        *,
        attempts: int = 3,
        wait_s: float = 0.05,
        deadline_s: float = 5.0,
        most_failures: int = 3,
        rest_s: float = 5.0,
    ) -> None:
        """`name` stands in messages; `slips` are the errors that mean it is away, and not that the call was wrong.

        The wait before the n-th retry is drawn from 0 to `wait_s` * 2^n; none begins after `deadline_s`.
        """
        self.name = name
        self._slips = slips
        self._most_failures, self._rest_s = most_failures, rest_s
        self._n_failures, self._rests_until, self._reason = 0, 0.0, ""
        self._lock = Lock()  # of the three above; never held while a call runs
        self._retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(slips),
            stop=tenacity.stop_after_attempt(attempts) | tenacity.stop_after_delay(deadline_s),
            wait=tenacity.wait_random_exponential(multiplier=wait_s, max=deadline_s),
            sleep=time.sleep,
            reraise=True,
        )

    @property
    def away(self) -> bool:
        """Whether calls fail at once now."""
        return time.monotonic() < self._rests_until

    @property
    def failing(self) -> bool:
        """Whether it was away when last asked; it stays so until a call gets an answer."""
        return self._n_failures >= self._most_failures

    def call(self, work: Callable[[], T]) -> T:
        """What `work` returns. It may run several times, so it must be safe to repeat.

        Raises AwayError when the engine does not answer; errors that are no slips come through as they are.
        """
        self._enter()
        try:
            answer = self._retrying.copy()(work)
        except self._slips as error:
            self._failed(error)
            raise AwayError(self._told()) from error
        except Exception:
            self._answered()  # it refused this call, so it is there
            raise
        self._answered()
        return answer

    def _enter(self) -> None:
        with self._lock:
            if self.away:
                raise AwayError(self._told())
            if self._n_failures >= self._most_failures:
                # This call tries whether the engine is back; the others are spared until it knows.
                self._rests_until = time.monotonic() + self._rest_s

    def _failed(self, error: BaseException) -> None:
        with self._lock:
            self._n_failures += 1
            self._reason = next(iter(str(error).strip().splitlines()), "")
            if self._n_failures >= self._most_failures:
                self._rests_until = time.monotonic() + self._rest_s

    def _answered(self) -> None:
        with self._lock:
            self._n_failures, self._rests_until = 0, 0.0

    def _told(self) -> str:
        reason = f" ({self._reason})" if self._reason else ""
        return f"{self.name} does not answer; check its address, and that it runs{reason}"
