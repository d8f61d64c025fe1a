"""A Ray cluster as a place: pieces of work are Ray tasks, which Ray does again when their machine is lost."""

import pickle
import platform
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from threading import Event, Lock
from time import monotonic
from typing import Any, TypeVar
from uuid import uuid4

import ray
from ray import cloudpickle
from ray.exceptions import RayError, RayTaskError

from aisle.cluster.lines import TICK_S, Line, Teller, open_line
from aisle.cluster.place import Hear, Sent, ignore
from aisle.errors import AisleError, AwayError, InputError

A = TypeVar("A")
T = TypeVar("T")
RETRIES = 5
"""How often a piece of work is begun anew after the machine or process that did it was lost."""
A_CORE = 2
"""Pieces asked for at once for each core of the cluster: the next is there when one is done."""
LOOK_S, LONELY_S = 2.0, 60.0
"""How often it is looked for machines, and how long work waits where none could do it: one may be starting."""
KEPT = 2
"""Shared arguments that a process of the cluster remembers."""
Ref = Any
"""A Ray ObjectRef, in this process or through a Ray client."""


class RayCluster:
    """The Ray cluster that this process has joined, as a `Place`.

    What is sent and returned is pickled, whole, so that arrays arrive as arrays of one's own: those in Ray's shared
    memory cannot be written to. Raises what the work raises, and AwayError when Ray gives up.
    """

    def __init__(self) -> None:
        self._left = Event()
        self._opening = Lock()
        self._opened: Line | None = None

    @property
    def n_at_once(self) -> int:
        """Twice the cores that the cluster has now."""
        return max(2, A_CORE * int(ray.cluster_resources().get("CPU", 0)))

    @property
    def _line(self) -> Line:
        """What work tells by, opened when it is first needed."""
        with self._opening:
            self._opened = self._opened or open_line()
            return self._opened

    def sent(self, work: Callable[..., Any], *shared: Any) -> Sent:
        """`work` and its first arguments in the object store of the cluster."""
        kept = ray.put(cloudpickle.dumps((work, shared)))
        options = {"num_cpus": 1, "max_retries": RETRIES}
        return lambda *given, hear=ignore: self._ask(kept, given, options, hear)

    def each(self, act: Callable[[A], T], of: Iterable[A]) -> list[T]:
        """A thread for each that is at work. The first error ends the others, which may be in the middle."""
        every = list(of)
        with ThreadPoolExecutor(max(1, min(len(every), self.n_at_once))) as pool:
            futures = [pool.submit(act, one) for one in every]
            try:
                return [future.result() for future in futures]
            except BaseException:
                self.leave()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def run(self, work: Callable[..., T], *given: Any, n_processes: int = 1, hear: Hear = ignore) -> T:
        """The work as one task that asks for all cores of a machine, and for a graphics card where there is any.

        Several processes are started by Ray Train; see `training.together`.
        """
        if n_processes > 1:
            return self._together(work, n_processes, *given, hear=hear)
        kept = ray.put(cloudpickle.dumps((work, ())))
        done: T = self._ask(kept, given, {**_whole_machine(), "max_retries": RETRIES}, hear)
        return done

    def _together(self, work: Callable[..., T], n_processes: int, *given: Any, hear: Hear) -> T:
        from aisle.cluster.training import together  # noqa: PLC0415  only for this

        done: T = together(work, n_processes, *given, hear=hear, line=self._line)
        return done

    def leave(self) -> None:
        """Ask for nothing more: threads that wait for an answer end with AwayError."""
        self._left.set()

    def _ask(self, kept: Ref, given: tuple[Any, ...], options: dict[str, Any], hear: Hear) -> Any:
        line, name = self._line, uuid4().hex
        teller = line.other_end(name, heard=hear is not ignore)
        # In a list, so that the object itself is not fetched anew for every task.
        task = partial(_task(options).remote, [kept], cloudpickle.dumps(given), version("aisle"), teller)
        try:
            answer = self._wait(task, name, _Watch(options), hear)
            return pickle.loads(ray.get(answer))
        except RayTaskError as error:
            cause = error.cause if isinstance(error.cause, Exception) else error
            raise cause from (None if isinstance(cause, AisleError) else error)
        except RayError as error:
            raise AwayError(
                f"the Ray cluster did not finish the work, begun {RETRIES + 1} times at most: "
                f"{type(error).__name__}: {str(error).strip().splitlines()[0]}; look whether machines were lost or "
                "memory is short (ray status), then run the same command again"
            ) from error
        finally:
            line.close(name)

    def _wait(self, task: Callable[[], Ref], name: str, watch: "_Watch", hear: Hear) -> Ref:
        """The answer of the task when it is there.

        Ray begins a task anew when it learns from the connection that its machine is gone, which takes it minutes
        where the machine hangs and the connection stays. So it is looked for whom the cluster has given up.
        """
        answer, retries = task(), RETRIES
        while not ray.wait([answer], timeout=TICK_S)[0]:
            if hear is not ignore:
                self._line.listen(name, hear)
            if self._left.is_set():
                ray.cancel(answer)
                raise AwayError("the work on the Ray cluster was given up, because other work went wrong")
            if watch.is_due() and watch.look() and retries and self._line.where(name) in watch.lost:
                answer, retries = task(), retries - 1
        if hear is not ignore:
            self._line.listen(name, hear)
        return answer


def _task(options: dict[str, Any]) -> Any:
    return ray.remote(_do).options(**options)


def _do(kept: list[Ref], given: bytes, wanted: str, teller: Teller) -> bytes:
    """Runs on the cluster."""
    if version("aisle") != wanted:
        raise InputError(
            f"the machine {platform.node()} of the cluster has Aisle {version('aisle')} and this one {wanted}; "
            f'install the same on all: pip install "aisle[ray]=={wanted}"'
        )
    work, shared = _opened(kept[0])
    with teller:
        return bytes(cloudpickle.dumps(work(*shared, *pickle.loads(given), tell=teller.tell)))


_known: OrderedDict[str, Any] = OrderedDict()
"""The latest shared arguments in this process, by what the cluster calls them."""


def _opened(kept: Ref) -> Any:
    name = kept.hex()
    if name not in _known:
        while len(_known) >= KEPT:
            _known.popitem(last=False)
        _known[name] = pickle.loads(ray.get(kept))
    return _known[name]


class _Watch:
    """Looks now and then for the machines of the cluster."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._needed = {"CPU": options["num_cpus"], "GPU": options.get("num_gpus", 0)}
        self._seen = self._looked = monotonic()
        self.lost: set[str] = set()
        """Nodes that the cluster has given up."""

    def is_due(self) -> bool:
        """Whether the last look is `LOOK_S` ago."""
        return monotonic() - self._looked > LOOK_S

    def look(self) -> bool:
        """Whether any machine was lost. Raises AwayError when for `LONELY_S` none could do the work.

        Work waits for a machine that is busy, but not for one that is not there.
        """
        self._looked = monotonic()
        self.lost = {node["NodeID"] for node in ray.nodes() if not node["Alive"]}
        if any(all(one.get(name, 0) >= n for name, n in self._needed.items()) for one in _machines()):
            self._seen = self._looked
        if self._looked - self._seen > LONELY_S:
            needed = ", ".join(f"{n:g} {name}" for name, n in self._needed.items() if n)
            raise AwayError(
                f"for {LONELY_S:.0f} s the Ray cluster had no machine with {needed}; add one (ray start --address)"
            )
        return bool(self.lost)


def _machines() -> list[dict[str, float]]:
    """What each machine that is there has."""
    return [node["Resources"] for node in ray.nodes() if node["Alive"]]


def _whole_machine() -> dict[str, Any]:
    """What one long piece of work asks for: all cores of the smallest machine, so that any can take its place."""
    machines = [one for one in _machines() if one.get("CPU", 0) >= 1]
    cards = [one for one in machines if one.get("GPU", 0) >= 1]
    smallest = min((one["CPU"] for one in cards or machines), default=1)
    return {"num_cpus": int(smallest), "num_gpus": 1 if cards else 0}
