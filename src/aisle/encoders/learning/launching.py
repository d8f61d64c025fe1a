"""Start processes of this machine that work together, and end them together."""

import os
import pickle
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from traceback import format_exc
from typing import Any

from torch import multiprocessing
from torch.distributed import TCPStore  # type: ignore[attr-defined]

from aisle.encoders.learning.distributed import TIMEOUT_S, join, remade
from aisle.errors import AisleError, InputError, ProcessError

HOST = "127.0.0.1"
GRACE_S = 0.5
"""The others of a process that died notice it too; its own end is looked for so long, because it is the cause."""


def run(
    work: Callable[..., Any],
    n_processes: int,
    *arguments: Any,
    hear: Callable[..., None] | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Any:
    """What `work(*arguments, tell=...)` returns in the first of `n_processes` new processes that have joined.

    `work` and `arguments` are pickled, so `work` is a function of a module. What the first process gives to `tell` is
    given to `hear` here; the others' is dropped. A process that waits longer than `timeout_s` seconds for the others
    gives up. With one process, `work` is done right here.

    When one of them fails or dies, the others are ended. Raises the error of Aisle that it raised, ProcessError for
    any other end, and InputError for fewer than one process.
    """
    if n_processes < 1:
        raise InputError(f"processes={n_processes}; expected at least 1")
    if n_processes == 1:
        return work(*arguments, tell=hear or _unheard)
    store = TCPStore(HOST, 0, is_master=True, wait_for_workers=False)  # the system chooses a free port
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")  # DDP would warn of networks whose weights all learn
    spawning = multiprocessing.get_context("spawn")
    processes, lines = [], []
    try:
        for number in range(n_processes):
            line, end = spawning.Pipe(duplex=False)
            given = (number, n_processes, store.port, timeout_s, work, arguments, end)
            process = spawning.Process(target=_process, args=given, daemon=True)
            process.start()
            processes.append(process)
            lines.append(line)
            end.close()  # or the line would never end
        return _heard(processes, lines, hear or _unheard)
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.join()


def _heard(processes: list[Any], lines: list[Connection], hear: Callable[..., None]) -> Any:
    """Listen until every process has ended, and return what the first one brought."""
    answer: Any = None
    told: tuple[int, str, str, str] | None = None
    spoken: set[int] = set()
    running = dict(enumerate(lines))
    deadline = float("inf")
    while running and time.monotonic() < deadline:
        ready = wait(list(running.values()), timeout=GRACE_S if told else None)
        for number in [one for one, line in running.items() if line in ready]:
            what, *values = _message(running[number])
            if what == "told":
                hear(*values)
            elif what == "done":
                spoken.add(number)
                answer = values[0] if number == 0 else answer
            elif what == "failed":
                spoken.add(number)
                told = told or (number, values[0], values[1], values[2])
                deadline = min(deadline, time.monotonic() + GRACE_S)
            else:
                del running[number]
                if number not in spoken:
                    raise _ended(processes[number], number)
    if told:
        number, kind, message, trace = told
        told_of = f"process {number} of {len(processes)} failed, and the others were ended: {message}"
        error = remade(kind, message) if kind else ProcessError(told_of)
        error.add_note(trace)
        raise error
    return answer


def _message(line: Connection) -> tuple[Any, ...]:
    try:
        message: tuple[Any, ...] = pickle.loads(line.recv_bytes())
    except (EOFError, OSError):  # it ended, perhaps in the middle of a message
        return ("ended",)
    return message


def _ended(process: Any, number: int) -> ProcessError:
    """What to say of a process that ended without a word."""
    process.join()
    code = process.exitcode
    with suppress(ValueError):
        code = signal.Signals(-code).name if code < 0 else code
    return ProcessError(
        f"process {number} was ended from outside ({code}), and the others were ended with it; if it was SIGKILL, "
        "look whether memory is short; run the same command again: pre-training goes on from its checkpoint"
    )


def _process(
    number: int, n_processes: int, port: int, timeout_s: float, work: Callable[..., Any], arguments: Any, line: Any
) -> None:
    """Join, work, and tell what came of it."""
    os.environ |= {
        "RANK": str(number),
        "LOCAL_RANK": str(number),
        "WORLD_SIZE": str(n_processes),
        "LOCAL_WORLD_SIZE": str(n_processes),
        "MASTER_ADDR": HOST,
        "MASTER_PORT": str(port),
        # as torchrun says that the port is open already, so that the first process does not open it
        "TORCHELASTIC_USE_AGENT_STORE": "True",
        "TORCHELASTIC_RESTART_COUNT": "0",
    }

    def send(*message: Any) -> None:
        line.send_bytes(pickle.dumps(message))  # `send` would leave tensors in the memory of this process, which ends

    def tell(*values: Any) -> None:
        if number == 0:
            send("told", *values)

    try:
        with join(timeout_s):
            answer = work(*arguments, tell=tell)
        send("done", answer if number == 0 else None)
    except AisleError as error:
        send("failed", type(error).__name__, str(error), format_exc())
        raise SystemExit(1) from error
    except KeyboardInterrupt:
        raise SystemExit(1) from None
    except Exception as error:  # the door between two processes
        send("failed", "", f"{type(error).__name__}: {error}", format_exc())
        raise SystemExit(1) from error


def _unheard(*_: Any) -> None:
    """Nobody listens."""
