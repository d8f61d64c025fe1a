"""How does work on a cluster tell where it is and how far? By an actor that keeps the latest word of each stage."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from types import TracebackType
from typing import Any, Self

import ray
from ray.exceptions import RayError

TICK_S = 0.5
"""Between two looks for news, and between two words of one stage."""
WAIT_S = 10.0
"""For the actor, which may be away: then nothing is heard, and the work goes on."""
Told = tuple[Any, ...]


class Board:
    """Where each piece of work is, and the latest that it told, by the first value of that: the stage."""

    def __init__(self) -> None:
        self._nodes: dict[str, str] = {}
        self._told: dict[str, dict[Told, Told]] = {}

    def begin(self, name: str, node: str) -> None:
        """The piece `name` began on `node`."""
        self._nodes[name] = node

    def where(self, name: str) -> str:
        """The node that the piece `name` began on last; "" before."""
        return self._nodes.get(name, "")

    def end(self, name: str) -> None:
        """Forget the piece `name`."""
        self._nodes.pop(name, None)
        self._told.pop(name, None)

    def say(self, name: str, told: list[Told]) -> None:
        """Keep what the piece `name` told."""
        self._told.setdefault(name, {}).update((one[:1], one) for one in told)

    def take(self, name: str) -> list[Told]:
        """What is new of the piece `name`."""
        return list(self._told.pop(name, {}).values())


@dataclass(slots=True)
class Teller:
    """The end of the line at the work: a context that tells where it is, and in which `tell` may be called, often."""

    board: Any
    name: str
    heard: bool
    """Whether anybody listens to what is told."""
    clock: Callable[[], float] = time.monotonic
    _last: float = float("-inf")
    _unsaid: dict[Told, Told] = field(default_factory=dict)
    _said: Any = None

    def tell(self, *told: Any) -> None:
        """Say it, or keep it for the next time when something was said a moment ago."""
        if not self.heard:
            return
        self._unsaid[told[:1]] = told
        if self.clock() - self._last >= TICK_S:
            self._say()

    def __enter__(self) -> Self:
        self.board.begin.remote(self.name, ray.get_runtime_context().get_node_id())
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Say what is left, and wait until it is written down."""
        if self._unsaid:
            self._say()
        if self._said is not None:
            with suppress(RayError):
                ray.get(self._said, timeout=WAIT_S)

    def _say(self) -> None:
        told, self._unsaid, self._last = list(self._unsaid.values()), {}, self.clock()
        self._said = self.board.say.remote(self.name, told)


@dataclass(frozen=True, slots=True)
class Line:
    """The end of the line at who waits."""

    board: Any

    def other_end(self, name: str, *, heard: bool) -> Teller:
        """What the piece `name` of work tells by."""
        return Teller(self.board, name, heard)

    def where(self, name: str) -> str:
        """The node that the piece `name` began on last; "" where that is not known."""
        with suppress(RayError):
            return str(ray.get(self.board.where.remote(name), timeout=WAIT_S))
        return ""

    def close(self, name: str) -> None:
        """The piece `name` tells no more."""
        self.board.end.remote(name)

    def listen(self, name: str, hear: Callable[..., None]) -> None:
        """Give `hear` what the piece `name` told since the last time."""
        with suppress(RayError):
            for told in ray.get(self.board.take.remote(name), timeout=WAIT_S):
                hear(*told)


def open_line() -> Line:
    """The line of this process to the cluster that it joined; it takes no core, and begins anew when it is lost."""
    return _line_of(str(ray.get_runtime_context().get_job_id()))


@lru_cache(maxsize=1)
def _line_of(job: str) -> Line:
    return Line(ray.remote(num_cpus=0, max_restarts=-1)(Board).remote())
