"""`aisle evaluate search`: how good are the results, measured on judgments?"""

from contextlib import closing
from typing import Annotated

import typer

import aisle
from aisle.cli.console import print_json, show, table
from aisle.cli.options import HERE, AsJson, Queries, ShopFolder
from aisle.cli.progress import reported_progress

app = typer.Typer(no_args_is_help=True, help="Measure quality and speed.")


@app.callback()
def evaluate() -> None:
    """Measure quality and speed."""


@app.command("search")
def evaluate_search(
    shop: ShopFolder = HERE,
    judgments: Annotated[
        str,
        typer.Option(help="Parquet, CSV or TREC qrels: query text, item id, grade; else the store's.", metavar="FILE"),
    ] = "",
    queries: Queries = "",
    k: Annotated[int, typer.Option("-k", "--k", min=100, max=1000, help="Results asked of each query.")] = 100,
    json: AsJson = False,
) -> None:
    """Measure search on judged queries.

    Items without a judgment count as irrelevant.
    """
    if queries and not judgments:
        raise typer.BadParameter("--queries has the texts of --judgments FILE; name that file too")
    with closing(aisle.open(shop)) as opened, reported_progress() as progress:
        report = opened.evaluate_search(judgments or None, queries=queries or None, k=k, progress=progress)
    if json:
        return print_json({"n_queries": report.n_queries, "metrics": report.metrics, "latency_ms": report.latency_ms})
    rows = [(name, f"{value:.4f}", interval_text(report.intervals[name])) for name, value in report.metrics.items()]
    rows.append(("unjudged among the first 10", f"{report.unjudged_at_10:.1%}", ""))
    rows += [(f"latency {name}", f"{value:.2f} ms", "") for name, value in report.latency_ms.items()]
    show(table(("measure", "value", "95 %"), rows, title=f"{report.n_queries:,} queries", right=("value",)))


def interval_text(interval: tuple[float, float]) -> str:
    """Where the mean lies, over samples of the queries."""
    return f"{interval[0]:.4f} to {interval[1]:.4f}"
