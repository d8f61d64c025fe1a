"""`aisle doctor`: is everything that Aisle needs well?"""

from pathlib import Path

import typer
from rich.text import Text

from aisle.cli.checks import check_machine, check_shop
from aisle.cli.console import print_json, show, table
from aisle.cli.options import HERE, AsJson, ShopFolder

COLORS = {"ok": "green", "warn": "yellow", "fail": "red"}


def doctor(shop: ShopFolder = HERE, json: AsJson = False) -> None:
    """Check that everything Aisle needs is well.

    Looks at Python, packages, model weights and disk, and at the settings, store, release and port of the shop.
    Exits with 1 when something fails.
    """
    checks = [*check_machine(shop), *(check_shop(shop) if shop != HERE or Path("aisle.toml").exists() else ())]
    if json:
        print_json({"ok": all(check.status != "fail" for check in checks), "checks": checks})
    else:
        rows = ((Text(check.status, COLORS[check.status]), check.name, check.found, check.remedy) for check in checks)
        show(table(("", "check", "found", "what to do"), rows))
    if any(check.status == "fail" for check in checks):
        raise typer.Exit(1)
