"""How far long work has come: a bar on a terminal, a line now and then in a log. Always on standard error."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

from aisle.cli.console import say

Report = Callable[[str, int, int], None]
"""Called with the stage's name, how much is done, and the total (0 when unknown)."""
SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def reported_progress() -> Iterator[Report]:
    """A function that shows progress while the block runs, in the way that suits standard error."""
    if not sys.stderr.isatty():
        yield lines()
        return
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as progress:
        yield bars(progress)


def bars(progress: Progress) -> Report:
    """Show each stage as a bar of `progress`."""
    tasks: dict[str, TaskID] = {}

    def report(stage: str, done: int, total: int) -> None:
        if stage not in tasks:
            tasks[stage] = progress.add_task(stage, total=None)
        progress.update(tasks[stage], completed=done, total=total or None)

    return report


def lines(clock: Callable[[], float] = time.monotonic) -> Report:
    """Say a line when a stage has ended, and every five seconds before that."""
    started: dict[str, float] = {}
    said: dict[str, float] = {}
    ended: set[str] = set()

    def report(stage: str, done: int, total: int) -> None:
        now = clock()
        started.setdefault(stage, now)
        if stage in ended:
            return
        if total and done >= total:
            ended.add(stage)
            say(f"{stage}: done in {now - started[stage]:.1f} s")
        elif now - said.setdefault(stage, now) >= SECONDS_BETWEEN_LINES:
            said[stage] = now
            say(f"{stage}: {done / total:.0%}" if total else f"{stage}: {done:,}")

    return report
