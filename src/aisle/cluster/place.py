"""Where is batch work done? In this process, unless somebody names a cluster."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol, TypeVar

A = TypeVar("A")
T = TypeVar("T")
Hear = Callable[..., None]
"""Is given what work tells of its progress."""


def ignore(*_: object) -> None:
    """Hear nothing."""


class Sent(Protocol):
    """Work that lies ready in a place. It may be called from many threads at once."""

    def __call__(self, *given: Any, hear: Hear = ignore) -> Any:
        """What the work returns for `given`; `hear` is given what it tells."""
        ...


class Place(Protocol):
    """Where batch work is done.

    Work is a function that takes the keyword `tell`, by which it tells of its progress. It may be done twice, because
    a machine may be lost, so it must give the same whenever it is given the same.
    """

    @property
    def n_at_once(self) -> int:
        """How many pieces of work it is worth to ask for at once; 1 in this process."""
        ...

    def sent(self, work: Callable[..., Any], *shared: Any) -> Sent:
        """`work` with its first arguments given: they go to a machine once, however often the work is called there."""
        ...

    def each(self, act: Callable[[A], T], of: Iterable[A]) -> list[T]:
        """What `act`, done in this process, returns for each; several run at once where `n_at_once` is above 1."""
        ...

    def run(self, work: Callable[..., T], *given: Any, n_processes: int = 1, hear: Hear = ignore) -> T:
        """What `work(*given, tell=...)` returns: one long piece, with the cores and a card of a machine to itself.

        With several processes, each does the same and has joined the others, as torch.distributed needs it; the
        answer and what is told are those of the first.
        """
        ...


class Here:
    """This process: work is called as it is, a piece after another."""

    n_at_once = 1

    def sent(self, work: Callable[..., Any], *shared: Any) -> Sent:
        """`work` with its first arguments given."""
        bound = partial(work, *shared)
        return lambda *given, hear=ignore: bound(*given, tell=hear)

    def each(self, act: Callable[[A], T], of: Iterable[A]) -> list[T]:
        """What `act` returns for each, in turn."""
        return [act(one) for one in of]

    def run(self, work: Callable[..., T], *given: Any, n_processes: int = 1, hear: Hear = ignore) -> T:
        """What `work(*given, tell=hear)` returns; several processes are new ones of this machine."""
        if n_processes == 1:
            return work(*given, tell=hear)
        from aisle.encoders.learning.launching import run  # noqa: PLC0415  imports PyTorch

        done: T = run(work, n_processes, *given, hear=hear)
        return done


HERE = Here()


@contextmanager
def placed(address: str) -> Iterator[Place]:
    """The place at `address`: this process for "", else a Ray cluster; see `joining.joined`."""
    if not address:
        yield HERE
        return
    from aisle.cluster.joining import joined  # noqa: PLC0415  only who names a cluster needs its packages

    with joined(address) as place:
        yield place
