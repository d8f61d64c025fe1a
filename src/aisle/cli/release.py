"""`aisle release list|activate|rollback|verify`: which release answers?"""

from contextlib import closing
from typing import Annotated

import typer

import aisle
from aisle.cli.console import print_json, say, show, table
from aisle.cli.options import HERE, AsJson, ShopFolder

ReleaseId = Annotated[str, typer.Argument(help="As `aisle release list` shows it.", metavar="RELEASE_ID")]

app = typer.Typer(no_args_is_help=True, help="List, activate, roll back and verify releases.")


@app.command("list")
def list_releases(shop: ShopFolder = HERE, json: AsJson = False) -> None:
    """List the releases, newest first."""
    with closing(aisle.open(shop)) as opened:
        manifests, active = opened.releases(), opened.active_release_id()
    if json:
        return print_json({"active": active, "releases": manifests})
    rows = (
        (
            "*" if manifest.release_id == active else "",
            manifest.release_id,
            f"{manifest.created_at:%Y-%m-%d %H:%M:%S} UTC",
        )
        for manifest in manifests
    )
    show(table(("", "release", "built"), rows))


@app.command()
def activate(release_id: ReleaseId, shop: ShopFolder = HERE) -> None:
    """Let a release answer from now on. Servers that run pick it up by themselves."""
    with closing(aisle.open(shop)) as opened:
        opened.activate(release_id)
    say(f"Release {release_id} is active")


@app.command()
def rollback(shop: ShopFolder = HERE) -> None:
    """Return to the release that was active before."""
    with closing(aisle.open(shop)) as opened:
        manifest = opened.rollback()
    say(f"Release {manifest.release_id} is active again")


@app.command()
def verify(
    release_id: Annotated[str, typer.Argument(help="Default: the active release.", metavar="[RELEASE_ID]")] = "",
    shop: ShopFolder = HERE,
) -> None:
    """Compare every file of a release with the checksum in its manifest."""
    with closing(aisle.open(shop)) as opened:
        manifest = opened.verify(release_id or None)
    say(f"Release {manifest.release_id} is whole: {len(manifest.files):,} files match their checksums")
