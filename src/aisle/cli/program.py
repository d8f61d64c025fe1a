"""The program `aisle`: its commands, and what becomes of errors."""

import os
import sys
import traceback
from collections.abc import Sequence
from importlib import metadata
from typing import Annotated, NoReturn

import typer

from aisle.cli import evaluate, ingest, release, store
from aisle.cli.backup import backup
from aisle.cli.build import build
from aisle.cli.classify import classify
from aisle.cli.compress import compress
from aisle.cli.console import say
from aisle.cli.demo import demo
from aisle.cli.doctor import doctor
from aisle.cli.finetune import finetune
from aisle.cli.init import init
from aisle.cli.pretrain import pretrain
from aisle.cli.recommend import recommend
from aisle.cli.restore import restore
from aisle.cli.search import search
from aisle.cli.serve import serve
from aisle.cli.similar import similar
from aisle.cli.tune import tune
from aisle.errors import AisleError

TRACE = "AISLE_TRACE"

# Plain help and plain errors: a script can search them, and no box breaks a message into lines.
app = typer.Typer(name="aisle", no_args_is_help=True, add_completion=False, rich_markup_mode=None)


def show_version(wanted: bool) -> None:
    """Print the version and end, when it was asked for."""
    if wanted:
        typer.echo(f"aisle {metadata.version('aisle')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Search and recommendations for a shop, on pre-trained models."""


app.command()(demo)
app.command()(init)
app.add_typer(ingest.app, name="ingest")
app.command()(build)
app.command()(search)
app.command()(recommend)
app.command()(similar)
app.add_typer(evaluate.app, name="evaluate")
app.command()(tune)
app.command()(pretrain)
app.command()(finetune)
app.command()(compress)
app.command()(classify)
app.command()(serve)
app.add_typer(release.app, name="release")
app.add_typer(store.app, name="store")
app.command()(backup)
app.command()(restore)
app.command()(doctor)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 on success, 1 for a failure, 2 for a wrong call, 130 when interrupted.

    Messages go to standard error. With AISLE_TRACE=1 in the environment every error shows its trace.
    """
    try:
        sys.exit(app(arguments, prog_name="aisle"))
    except KeyboardInterrupt:
        fail("Interrupted", status=130)
    except AisleError as error:
        fail(f"Error: {error}")
    except Exception as error:  # noqa: BLE001 - the outermost door: whatever happened, the shell gets a message
        fail(f"Error: {type(error).__name__}: {error}. This looks like a bug; {TRACE}=1 shows where it happened")


def fail(message: str, status: int = 1) -> NoReturn:
    """Say `message` on standard error, after the trace of the error at hand if that was asked for, and exit."""
    if os.environ.get(TRACE):
        traceback.print_exc()
    say(message)
    sys.exit(status)
