"""Write the pages of docs/ that come from the code: settings.md and cli.md. Run it with `make docs`."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import typer

from aisle.cli import app
from aisle.settings import setting_rows, toml_value

DOCS = Path(__file__).parent
SETTINGS_INTRO = """\
# Settings

Every shop has one file of settings, `aisle.toml`, in its folder. `aisle init` writes it with every key as a comment.
A key that does not stand on this page is an error that names the nearest valid one, and so is a value outside its
range. Changes to `encoder`, `index`, `search`, `understand` and `recommend` take effect with the next `aisle build`;
the others when a command or a server starts.

This page is written by `make docs` from [`settings.py`](../src/aisle/settings.py).
"""
CLI_INTRO = """\
# The command line

- Results go to standard output; messages and progress go to standard error. With `--json` standard output holds one
  JSON document and nothing else.
- Exit status: 0 on success; 1 for a failure (no such shop, an unreadable feed, a corrupt release); 2 for a wrong call
  (an unknown option, a value outside its range, a filter that cannot be read); 130 when interrupted.
- `--shop` may be left out inside the shop's folder, or when the environment variable `AISLE_SHOP` names it.
- `AISLE_TRACE=1` in the environment shows where an error happened.

This page is written by `make docs` from [`cli/`](../src/aisle/cli).
"""


def settings_page() -> str:
    """The text of docs/settings.md: a heading a table of the file, a row a key."""
    parts = [SETTINGS_INTRO]
    for table, rows in groupby(setting_rows(), key=lambda row: row[0]):
        parts.append(f"\n## `[{table}]`\n\n| key | default | meaning |\n|---|---|---|\n")
        parts += [f"| `{key}` | `{toml_value(default)}` | {cell(meaning)} |\n" for _, key, default, meaning in rows]
    return "".join(parts)


def cli_page() -> str:
    """The text of docs/cli.md: a heading a command, a row an argument or option."""
    return CLI_INTRO + "".join(
        section(path, command) for path, command in commands("aisle", typer.main.get_command(app))
    )


def commands(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    """Every command that does something, with the words that call it, in the order of `--help`."""
    children = getattr(command, "commands", None)
    if not children:
        yield path, command
        return
    for name, child in children.items():
        yield from commands(f"{path} {name}", child)


def section(path: str, command: Any) -> str:
    """The heading of one command, how to call it, and what its arguments mean."""
    arguments = [part for part in command.params if part.param_type_name == "argument"]
    options = [part for part in command.params if part.param_type_name == "option" and part.name != "help"]
    names = [part.metavar or part.name.upper() for part in arguments]
    rows = [(f"`{name}`", part) for name, part in zip(names, arguments, strict=True)]
    rows += [(", ".join(f"`{name}`" for name in [*part.opts, *part.secondary_opts]), part) for part in options]
    table = "".join(f"| {name} | {default_of(part)} | {cell(part.help or '')} |\n" for name, part in rows)
    return (
        f"\n## `{path}`\n\n{command.help}\n\n    {' '.join([path, *names])} [OPTIONS]\n\n"
        f"| argument or option | default | meaning |\n|---|---|---|\n{table}"
    )


def default_of(parameter: Any) -> str:
    """The default of an argument or option; nothing for a switch that is off."""
    if parameter.required:
        return "required"
    default = parameter.default
    return "" if default in (None, "", False) else f"`{default}`".replace("True", "on")


def cell(text: str) -> str:
    """`text` as a cell of a Markdown table."""
    return " ".join(text.replace("|", "\\|").split())


if __name__ == "__main__":
    (DOCS / "settings.md").write_text(settings_page(), "utf-8")
    (DOCS / "cli.md").write_text(cli_page(), "utf-8")
