"""Where words go: the result of a command on standard output, everything else on standard error."""

import sys
from collections.abc import Iterable

import orjson
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

WIDTH = 160
"""Columns of a table that goes into a file or a pipe; on a terminal it takes the terminal's width."""


def show(*things: RenderableType) -> None:
    """Print the result of a command for a person, on standard output."""
    width = None if sys.stdout.isatty() else WIDTH
    Console(file=sys.stdout, highlight=False, width=width).print(*things)


def say(message: str) -> None:
    """Print a message on standard error, one line whatever the width of the terminal."""
    Console(file=sys.stderr, highlight=False, soft_wrap=True).print(message, markup=False)


def print_json(value: object) -> None:
    """Print `value` as one JSON document on standard output, and nothing else."""
    from aisle.cli.plain import plain  # noqa: PLC0415 - loads NumPy, which `--help` need not wait for

    text = orjson.dumps(plain(value), option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY)
    sys.stdout.write(text.decode() + "\n")


def table(
    columns: Iterable[str], rows: Iterable[Iterable[str | Text]], *, title: str = "", right: Iterable[str] = ()
) -> Table:
    """A table of `rows`; the columns named in `right` hold numbers and are aligned to the right."""
    to_right = set(right)
    result = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for name in columns:
        result.add_column(name, justify="right" if name in to_right else "left", overflow="fold")
    for row in rows:
        # A title such as "[Sale] Cable" is a text, not a style.
        result.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in row))
    return result
