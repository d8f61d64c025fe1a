"""`aisle serve`: answer over HTTP."""

import logging
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

import aisle
from aisle.cli.console import say
from aisle.cli.options import HERE, ShopFolder


def serve(
    shop: ShopFolder = HERE,
    host: Annotated[str, typer.Option(help="Address to listen on; default: serving.host of aisle.toml.")] = "",
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port; 0 picks a free one; default: serving.port of aisle.toml."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes that answer; default: serving.workers of aisle.toml.")
    ] = None,
) -> None:
    """Serve the shop over HTTP.

    The API is under /v1, its documentation at /docs, the storefront at /.
    """
    serve_folder(shop, host or None, port, workers)


def serve_folder(folder: Path, host: str | None, port: int | None, workers: int | None = None) -> None:
    """Serve the shop in `folder` until it is interrupted; say the address once it answers."""
    from aisle.serving import serve as serve_shop  # noqa: PLC0415 - FastAPI takes half a second to import

    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with closing(aisle.open(folder)) as opened:
        name = opened.settings.shop.name
        serve_shop(opened, host, port, workers=workers, ready=lambda address: announce(address, name))


def announce(address: str, name: str) -> None:
    """Say where the shop can be visited."""
    say(f"{name} is open at {address} (API: {address}/docs). Press Ctrl+C to stop.")
