"""How far long work has come: a bar on a terminal, a line now and then in a log. Always on standard error."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

from aisle.cli.console import say


class Report(Protocol):
    """Called with the stage's name, how much is done, the total (0 when unknown), and how it goes."""

    def __call__(self, stage: str, done: int, total: int, note: str = "") -> None:
        """Tell that."""
        ...


SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def reported_progress() -> Iterator[Report]:
    """A function that shows progress while the block runs, in the way that suits standard error."""
    if not sys.stderr.isatty():
        yield lines()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as progress:
        yield bars(progress)


def noted(report: Report) -> tuple[Callable[[str, int, int], None], Callable[[str], None]]:
    """A function that shows progress, and one that says how it goes beside the next that is shown."""
    said = ""

    def note(text: str) -> None:
        nonlocal said
        said = text

    def progress(stage: str, done: int, total: int) -> None:
        nonlocal said
        report(stage, done, total, said)
        said = ""

    return progress, note


def bars(progress: Progress) -> Report:
    """Show each stage as a bar of `progress`."""
    tasks: dict[str, TaskID] = {}

    def report(stage: str, done: int, total: int, note: str = "") -> None:
        if stage not in tasks:
            tasks[stage] = progress.add_task(stage, total=None, note="")
        progress.update(tasks[stage], completed=done, total=total or None, note=note)

    return report


def lines(clock: Callable[[], float] = time.monotonic) -> Report:
    """Say a line when a stage has ended, and every five seconds before that."""
    started: dict[str, float] = {}
    said: dict[str, float] = {}
    ended: set[str] = set()

    def report(stage: str, done: int, total: int, note: str = "") -> None:
        now = clock()
        started.setdefault(stage, now)
        if stage in ended:
            return
        if total and done >= total:
            ended.add(stage)
            say(f"{stage}: done in {now - started[stage]:.1f} s")
        elif now - said.setdefault(stage, now) >= SECONDS_BETWEEN_LINES:
            said[stage] = now
            say((f"{stage}: {done / total:.0%}" if total else f"{stage}: {done:,}") + (f", {note}" if note else ""))

    return report
