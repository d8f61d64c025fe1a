"""`aisle demo`: a shop to play with, in one command."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

import aisle
from aisle.cli.console import say
from aisle.cli.progress import reported_progress
from aisle.cli.serve import serve_folder
from aisle.errors import InputError

MARK = ".sample-shop"
"""A file that says: this folder was made by `aisle demo`, so `aisle demo` may replace it."""


def demo(
    folder: Annotated[Path, typer.Option(help="Where the sample shop is kept.", metavar="DIR")] = Path("demo-shop"),
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for every interface.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 picks a free one.")] = 8000,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Make the sample shop anew.")] = False,
    n_items: Annotated[int, typer.Option("--items", min=60, help="Items in a new sample shop.")] = 3000,
    n_users: Annotated[int, typer.Option("--users", min=1, help="Users in a new sample shop.")] = 2000,
    seed: Annotated[int, typer.Option(help="The same seed makes the same shop.")] = 7,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve it when it is made.")] = True,
) -> None:
    """Make a sample shop once, and serve it."""
    if rebuild or not is_made(folder):
        make_sample_shop(folder, n_items, n_users, seed)
    if serve:
        serve_folder(folder, host, port)


def is_made(folder: Path) -> bool:
    """Whether `folder` holds a sample shop. Raises InputError when it holds something else."""
    if (folder / MARK).exists():
        return True
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder} is not empty and was not made by `aisle demo`; name another one with --folder")
    return False


def make_sample_shop(folder: Path, n_items: int, n_users: int, seed: int) -> None:
    """Invent, ingest and build the sample shop beside `folder`, then put it in place in one step.

    What an interrupted run left behind is removed first, so a folder with the mark is always whole. Raises
    InputError while another run makes the same shop.
    """
    from aisle.sample_shop import generate, write  # noqa: PLC0415 - only a first demo pays for it

    is_made(folder)
    with _empty(folder.absolute().with_name(f".{folder.absolute().name}.making")) as making:
        with closing(aisle.init(making, name="Aisle sample shop")) as shop, reported_progress() as progress:
            progress("invent a shop", 0, 2)
            sample = generate(seed, n_items, n_users)
            progress("invent a shop", 1, 2)
            write(sample, making)
            progress("invent a shop", 2, 2)
            shop.ingest_items([str(making / "items.jsonl")], progress=progress)
            shop.ingest_events([str(making / "events.parquet")], progress=progress)
            shop.ingest_judgments([str(making / "judgments.csv")], progress=progress)
            shop.build(progress)
        (making / MARK).write_text(f"Made by `aisle demo` from seed {seed}: {n_items} items, {n_users} users.\n")
        shutil.rmtree(folder, ignore_errors=True)
        making.rename(folder)
    say(f"Made the sample shop in {folder}")


@contextmanager
def _empty(making: Path) -> Iterator[Path]:
    """The folder `making`, emptied and locked. Raises InputError when it cannot be made, and while another has it."""
    try:
        making.mkdir(parents=True, exist_ok=True)
        folder = os.open(making, os.O_RDONLY)
    except OSError as error:
        raise InputError(f"cannot make a shop in {making}: {error}; choose a --folder that can be written") from error
    try:
        if not _is_locked(folder, making):
            raise InputError(
                f"another `aisle demo` is making this shop in {making}; wait for it to end, or choose another --folder"
            )
        for left in making.iterdir():
            if left.is_dir():
                shutil.rmtree(left)
            else:
                left.unlink()
        yield making
    finally:
        os.close(folder)


def _is_locked(folder: int, making: Path) -> bool:
    """Whether the open `folder` could be locked and is still `making`: who had it may have put it in place."""
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(folder), making.stat())
    except (BlockingIOError, FileNotFoundError):
        return False
