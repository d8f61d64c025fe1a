"""`aisle evaluate search|recommend`: how good are the results, measured on judgments or on what users chose?"""

from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

import aisle
from aisle.cli.console import print_json, say, show, table
from aisle.cli.options import (
    HERE,
    AsJson,
    Cluster,
    Minutes,
    Models,
    Queries,
    Seed,
    ShopFolder,
    check_minutes,
    parse_models,
    wrong_call,
)
from aisle.cli.progress import reported_progress

if TYPE_CHECKING:
    from aisle.evaluation.recommend_report import RecommendReport

COLUMNS = ("HR@10", "NDCG@10", "Recall@20", "NDCG@20", "MRR@20", "coverage@10")
"""Measures of the table that a person sees; the JSON has all of them."""

FEW = 100
"""Questions below which a person is warned that chance may decide."""

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


@app.command("recommend")
def evaluate_recommend(
    shop: ShopFolder = HERE,
    protocol: Annotated[
        str, typer.Option(help="leave-one-out, time-split, given-test or cross-validation.", metavar="NAME")
    ] = "leave-one-out",
    test: Annotated[
        str,
        typer.Option(
            help="Events that the protocol given-test asks for: the columns of the event log.", metavar="FILE"
        ),
    ] = "",
    models: Models = "",
    minutes: Minutes = 10.0,
    seen: Annotated[
        str,
        typer.Option(
            help="mask never proposes what a history holds, keep may; else as the protocol.", metavar="mask|keep"
        ),
    ] = "",
    refit: Annotated[
        bool, typer.Option("--refit", help="Also learn from training and validation together, and report both.")
    ] = False,
    folds: Annotated[int, typer.Option(min=2, max=100, help="Parts of the users in cross-validation.")] = 5,
    seed: Seed = 0,
    cluster: Cluster = "",
    json: AsJson = False,
) -> None:
    """Measure how well recommenders, and their blend, foresee what users chose.

    Everything is chosen on validation; then the test is asked once, over the whole catalogue. A second run goes on
    tuning where the first ended.
    """
    from aisle.evaluation.protocols import check_protocol  # noqa: PLC0415 - loads every model

    with wrong_call():
        check_protocol(protocol, test or None, seen or None)
    check_minutes(minutes)
    names = parse_models(models)
    with closing(aisle.open(shop)) as opened, reported_progress() as progress:
        report = opened.evaluate_recommend(
            cast(Any, protocol),
            test=test or None,
            models=names,
            minutes=minutes,
            seen=cast(Any, seen or None),
            refit=refit,
            folds=folds,
            seed=seed,
            progress=progress,
            cluster=cluster,
        )
    if json:
        return print_json(report.to_dict())
    show_report(report)


def show_report(report: "RecommendReport") -> None:
    """A row a model, the best last; then what the blend is made of, and what was left out."""
    by = str(report.protocol["chosen_by"]).removeprefix("validation ")
    order = sorted(report.models, key=lambda name: report.models[name][by])
    rows = [
        (
            name,
            *(f"{report.models[name][column]:.4f}" for column in COLUMNS),
            f"{report.fit_s[name]:.1f}",
            f"{report.latency_ms[name]['p50']:.2f}",
            interval_text(report.intervals[name][by]),
        )
        for name in order
    ]
    columns = ("model", *COLUMNS, "fit s", "p50 ms", f"{by}, 95 %")
    title = f"{report.protocol['name']}: {report.n_users:,} users, {report.n_questions:,} questions"
    show(table(columns, rows, title=title, right=columns[1:-1]))
    if report.n_questions < FEW:
        say(f"{report.n_questions} questions are few: read the intervals, or choose another protocol")
    if report.refitted:
        again = [(name, *(f"{report.refitted[name][one]:.4f}" for one in COLUMNS[:-1])) for name in order]
        names = ("model", *COLUMNS[:-1])
        show(table(names, again, title="Learned from training and validation together", right=names[1:]))
    if weights := report.chosen.get("blend", {}) if isinstance(report.chosen.get("blend"), dict) else {}:
        say("The blend is " + " + ".join(f"{weight:g} {name}" for name, weight in weights["weights"].items()))
        say(f"Trees over it, on validation: {weights['trees']}")
    for name, why in report.skipped.items():
        say(f"Left out: {name}: {why}")


def interval_text(interval: tuple[float, float]) -> str:
    """Where the mean lies, over samples of the queries."""
    return f"{interval[0]:.4f} to {interval[1]:.4f}"
