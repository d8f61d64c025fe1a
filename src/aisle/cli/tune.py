"""`aisle tune`: which hyper-parameters are best for this shop?"""

from contextlib import closing
from typing import Annotated, Any, cast

import typer

import aisle
from aisle.cli.console import print_json, say, show, table
from aisle.cli.options import (
    HERE,
    AsJson,
    Cluster,
    Minutes,
    Models,
    Seed,
    ShopFolder,
    check_minutes,
    parse_models,
    wrong_call,
)
from aisle.cli.progress import reported_progress


def tune(
    shop: ShopFolder = HERE,
    models: Models = "",
    minutes: Minutes = 10.0,
    protocol: Annotated[str, typer.Option(help="leave-one-out or time-split.", metavar="NAME")] = "leave-one-out",
    seed: Seed = 0,
    cluster: Cluster = "",
    json: AsJson = False,
) -> None:
    """Seek the best hyper-parameters of the recommenders, and keep them for the next build.

    They are written to tuned.json in the shop's folder. Run again, it goes on where it ended.
    """
    from aisle.evaluation.protocols import check_protocol  # noqa: PLC0415 - loads every model

    with wrong_call():
        check_protocol(protocol, None, None)
    check_minutes(minutes)
    names = parse_models(models)
    with closing(aisle.open(shop)) as opened, reported_progress() as progress:
        tuning = opened.tune(
            cast(Any, protocol), models=names, minutes=minutes, seed=seed, progress=progress, cluster=cluster
        )
    told = {
        one.kind.name: {"params": dict(one.params), "validation": one.value, "trials": one.n_trials, "fit_s": one.fit_s}
        for one in tuning.found
    }
    if json:
        return print_json({"models": told, "skipped": dict(tuning.skipped), "file": str(shop / "tuned.json")})
    rows = [
        (one.kind.name, f"{one.value:.4f}", str(one.n_trials), f"{one.fit_s:.1f}", params_text(one.params))
        for one in sorted(tuning.found, key=lambda one: one.value)
    ]
    show(
        table(
            ("model", "validation", "trials", "fit s", "hyper-parameters"),
            rows,
            right=("validation", "trials", "fit s"),
        )
    )
    for name, why in tuning.skipped.items():
        say(f"Left out: {name}: {why}")
    say(f"Kept in {shop / 'tuned.json'}; the next aisle build learns with them")


def params_text(params: Any) -> str:
    """Hyper-parameters on a line: neighbors 100, recency 0.8."""
    return ", ".join(
        f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}" for name, value in params.items()
    )
