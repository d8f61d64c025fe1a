"""The options that several commands share, so that one thing is called the same everywhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from aisle.errors import InputError

HERE = Path(".")

ShopFolder = Annotated[
    Path, typer.Option("--shop", "-s", envvar="AISLE_SHOP", help="The folder that `aisle init` made.", metavar="DIR")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output and nothing else.")]
Count = Annotated[int, typer.Option("-k", min=1, max=1000, help="How many items.")]
UserId = Annotated[str, typer.Option("--user", help="Whose taste counts: the shop's own id of a user.", metavar="ID")]
Queries = Annotated[
    str, typer.Option(help="Query texts by query_id, where the judgments hold ids alone.", metavar="FILE")
]
SessionId = Annotated[str, typer.Option("--session", help="The visit, for shoppers without an account.", metavar="ID")]

Models = Annotated[
    str,
    typer.Option(
        help="Names of docs/recommender-models.md, parted by commas; blend is all of them together.", metavar="NAMES"
    ),
]
Minutes = Annotated[
    float, typer.Option(help="How long hyper-parameters are sought, for all models together.", metavar="MINUTES")
]
Cluster = Annotated[
    str,
    typer.Option(
        help="Work on this Ray cluster: HOST:PORT where this machine belongs to it, ray://HOST:PORT where not, "
        "or local, which starts one here.",
        metavar="ADDRESS",
    ),
]
Seed = Annotated[
    int, typer.Option(min=0, max=2**32 - 1, help="Of everything that is drawn by chance.", metavar="NUMBER")
]
Precision = Annotated[
    str, typer.Option(help="auto, float32, bfloat16, float16 (with a graphics card).", metavar="NAME")
]

Processes = Annotated[
    int,
    typer.Option(min=1, help="Processes of this machine that learn together, a graphics card each where there are."),
]
Shard = Annotated[
    bool, typer.Option("--shard", help="Each process holds a part of the weights: for models too large for one (FSDP).")
]


@contextmanager
def wrong_call() -> Iterator[None]:
    """Turn an InputError about what was typed on the command line into exit status 2."""
    try:
        yield
    except InputError as error:
        raise typer.BadParameter(str(error)) from error


def parse_models(names: str) -> tuple[str, ...]:
    """The names of `--models`. Raises typer.BadParameter for one that does not exist.

    >>> parse_models("item_knn, blend")
    ('item_knn', 'blend')
    """
    from aisle.recommenders.models import chosen_kinds  # noqa: PLC0415 - loads every model

    parts = tuple(name.strip() for name in names.split(",") if name.strip())
    with wrong_call():
        chosen_kinds(parts)
    return parts


def check_minutes(minutes: float) -> None:
    """Raise typer.BadParameter unless there is any time at all."""
    if not 0 < minutes < float("inf"):
        raise typer.BadParameter(f"--minutes {minutes:g}; expected more than 0: how long hyper-parameters are sought")
