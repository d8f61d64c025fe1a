"""`aisle build`: turn what the store holds into a new release and activate it."""

import time
from contextlib import closing
from typing import Annotated

import typer

import aisle
from aisle.cli.console import print_json, say
from aisle.cli.options import HERE, AsJson, Cluster, ShopFolder
from aisle.cli.progress import reported_progress


def build(
    shop: ShopFolder = HERE,
    cluster: Cluster = "",
    json: AsJson = False,
    activate: Annotated[
        bool, typer.Option("--activate/--no-activate", help="Let it answer at once; else: aisle release activate.")
    ] = True,
) -> None:
    """Build a release from the store and activate it. A server that runs picks it up by itself.

    Where the shop has a storage of releases (releases.url), it is sent there first.
    """
    started = time.perf_counter()
    with closing(aisle.open(shop)) as opened, reported_progress() as report:
        manifest = opened.build(report, activate=activate, cluster=cluster)
    state = "active, built" if activate else "built"
    say(f"Release {manifest.release_id} is {state} in {time.perf_counter() - started:.1f} s")
    say(f"{manifest.vectors_known:.0%} of the items had their vectors from the cache")
    if json:
        print_json(manifest)
