"""How is an engine on another machine called? Again after a slip, and not at all while it is away."""

import time
from collections.abc import Callable
from typing import TypeVar

import pybreaker
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
        self._breaker = pybreaker.CircuitBreaker(
            most_failures, rest_s, exclude=[lambda error: not isinstance(error, slips)], name=name
        )
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
        return bool(self._breaker.current_state == pybreaker.STATE_OPEN)

    def call(self, work: Callable[[], T]) -> T:
        """What `work` returns. It may run several times, so it must be safe to repeat.

        Raises AwayError when the engine does not answer; errors that are no slips come through as they are.
        """
        try:
            return self._breaker.call(self._retrying.copy(), work)  # type: ignore[no-any-return]
        except pybreaker.CircuitBreakerError as error:
            raise AwayError(self._told(error.__cause__ or error.__context__)) from error
        except self._slips as error:
            raise AwayError(self._told(error)) from error

    def _told(self, cause: BaseException | None) -> str:
        said = str(cause).strip().splitlines()[0] if cause is not None and str(cause).strip() else ""
        reason = f" ({said})" if said and not isinstance(cause, pybreaker.CircuitBreakerError) else ""
        return f"{self.name} does not answer; check its address, and that it runs{reason}"
