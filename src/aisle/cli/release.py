"""`aisle release list|activate|rollback|verify|push|pull`: which release answers, here and on other machines?"""

from contextlib import closing
from typing import Annotated

import typer

import aisle
from aisle.cli.console import print_json, say, show, table
from aisle.cli.options import HERE, AsJson, ShopFolder, wrong_call
from aisle.cli.progress import reported_progress

ReleaseId = Annotated[str, typer.Argument(help="As `aisle release list` shows it.", metavar="RELEASE_ID")]

app = typer.Typer(no_args_is_help=True, help="List, activate, roll back, verify and share releases.")


@app.command("list")
def list_releases(
    shop: ShopFolder = HERE,
    json: AsJson = False,
    remote: Annotated[bool, typer.Option("--remote", help="Those in the storage that machines share.")] = False,
) -> None:
    """List the releases, newest first."""
    with closing(aisle.open(shop)) as opened:
        if remote:
            manifests, active = opened.shared_releases(), opened.shared_release_id()
        else:
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
def activate(
    release_id: ReleaseId,
    shop: ShopFolder = HERE,
    together: Annotated[
        bool, typer.Option("--together", help="Only when all servers that --replicas names have loaded it; else none.")
    ] = False,
    replicas: Annotated[
        str, typer.Option(help="How many servers must be ready, or their names, parted by commas.", metavar="N|NAMES")
    ] = "",
    deadline_s: Annotated[float, typer.Option("--deadline-s", min=0.1, help="Seconds in which they must be.")] = 60.0,
) -> None:
    """Let a release answer from now on. Servers that run pick it up by themselves.

    Where the shop has a storage of releases (releases.url), on all servers that follow it.
    """
    if together != bool(replicas):
        raise typer.BadParameter("--together and --replicas go with each other: --together --replicas 3")
    with closing(aisle.open(shop)) as opened:
        if together:
            from aisle.releases import parse_expected  # noqa: PLC0415 - loads every model

            with wrong_call():
                expected = parse_expected(replicas)
            with reported_progress() as report:
                opened.activate_together(release_id, expected, deadline_s, report)
        else:
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


@app.command()
def push(
    release_id: Annotated[str, typer.Argument(help="Default: the latest release.", metavar="[RELEASE_ID]")] = "",
    shop: ShopFolder = HERE,
    whole: Annotated[bool, typer.Option("--whole", help="Send files again that are there already.")] = False,
    json: AsJson = False,
) -> None:
    """Send a release to the storage of releases. `aisle build` does it by itself; an interrupted push goes on."""
    with closing(aisle.open(shop)) as opened, reported_progress() as report:
        pushed = opened.push(release_id or None, report, whole=whole)
    if json:
        return print_json(pushed)
    sent = f"{pushed.n_sent:,} of {pushed.n_files:,} files sent, {pushed.n_bytes_sent / 1e6:,.1f} MB"
    say(f"Release {pushed.release_id} is in the storage: {sent}")


@app.command()
def pull(
    release_id: Annotated[
        str, typer.Argument(help="Default: the one that runs on the servers.", metavar="[RELEASE_ID]")
    ] = "",
    shop: ShopFolder = HERE,
) -> None:
    """Bring a release from the storage of releases, without activating it. Servers do it by themselves.

    An interrupted pull goes on, and a release that is here and damaged is replaced.
    """
    with closing(aisle.open(shop)) as opened, reported_progress() as report:
        manifest = opened.pull(release_id or None, report)
    say(f"Release {manifest.release_id} is here: {len(manifest.files):,} files match their checksums")
