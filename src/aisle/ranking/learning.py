"""From judgments and clicks to a ranker, or to the finding that the fused order is better."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import lightgbm
import numpy as np
import polars as pl
from numpy.typing import NDArray

from aisle.ranking.clicks import PRIOR_LOOKS, ClickRates, learn_click_rates, shown_results
from aisle.ranking.data import RankingData
from aisle.ranking.features import NAMES, extract_features
from aisle.ranking.gain import Graded, ndcg_of, surely_better
from aisle.ranking.lambdamart import DEPTH, LambdaMart, model_scores
from aisle.ranking.protocol import Found
from aisle.ranking.weights import LinearFusion
from aisle.types import Candidates, Scores

MIN_QUERIES = 20
"""Queries with a relevant candidate that training takes at least."""
MANY_QUERIES = 500
"""From so many on, larger trees pay."""
MAX_QUERIES = 2_500
"""Queries trained on; more are drawn from by chance."""
N_FOLDS = 5
FEW_FOLDS, FEW_SHUFFLES = 10, 3
"""With few queries, the folds and how often they are shuffled anew: one shuffle may say yes and the next no."""
NEAR, FAR = 100, 40
"""With many queries, unjudged candidates that are trained on: so many of the best fused ones, and others by chance."""
MIN_SHOWN = 5
"""Shown and clicked results that make a query of the log worth training on."""
MAX_GRADE = 6
"""Grades are trained in whole steps up to this: XE-NDCG counts 2 to the power of them."""
EARLY = 0.7
"""Share of the log that gives the click rates; the later clicks are what is learned to foresee."""
CLICKED_WEIGHT = 0.3
"""Weight of a query whose grades are made of clicks, beside judged ones."""
UNSHOWN_WEIGHT = 0.3
"""Weight of a candidate that shoppers were never shown, against one of which their judgment is known."""
_TREES: dict[str, Any] = {
    "objective": "rank_xendcg",
    "feature_fraction": 0.4,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
    "max_bin": 63,
    "num_threads": 1,
    "verbose": -1,
    "deterministic": True,
    "force_col_wise": True,
}
_FEW: dict[str, Any] = {"num_leaves": 8, "min_data_in_leaf": 50, "learning_rate": 0.08, "num_iterations": 150}
_MANY: dict[str, Any] = {"num_leaves": 16, "min_data_in_leaf": 100, "learning_rate": 0.1, "num_iterations": 120}
_RISING = {"coverage_title", "coverage_any", "title_exact", "click_rate", "purchase_rate", "category_probability"}
"""More of these never makes an item worse."""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One query with what is known about its candidates."""

    table: NDArray[np.float32]
    """(n, n_features) of the best fused candidates, in the fused order."""
    grades: NDArray[np.float64]
    """(n,) of the candidates; 0 where nobody judged."""
    weights: NDArray[np.float64]
    """(n,) how much each counts in training."""
    graded: Graded
    """All grades of the query, also of what was not found."""
    judged: bool
    """False for grades made of clicks."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What training gave."""

    ranker: LambdaMart | None
    """None where the fused order stays."""
    reason: str
    """Why, for people."""
    n_queries: int
    ndcg_fused: float
    """nDCG@10 of the fused order over the queries, unjudged = 0."""
    ndcg_learned: float
    """The same of the ranker, each query ranked by models that never saw it."""


def learn_ranker(
    find: Callable[[str], Found],
    judgments: Mapping[str, Graded],
    data: RankingData,
    *,
    events: pl.DataFrame | None = None,
    item_rows: Mapping[str, int] | None = None,
    fusion: LinearFusion | None = None,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Learned:
    """A ranker trained on judgments and clicks, when it beats the fused order in cross-validation by query.

    `find` answers a query as a search would. `judgments` holds the grades of each query by row, `events`
    is the store's frame and `item_rows` the row of each item id. Where enough queries are judged, those made of clicks
    are trained on only when that does better on the judged ones. The ranker is kept when the mean of the differences
    in nDCG@10 by query (judged queries alone where there are at least 20) lies more than
    one standard error above 0. The same input gives the same ranker.
    """
    fusion = fusion or LinearFusion()
    early, clicks, clicked = _from_clicks(events, item_rows or {}, data.n_rows)
    wanted = [(query, graded, True) for query, graded in judgments.items()]
    wanted += [(query, graded, False) for query, graded in clicked.items() if query not in judgments]
    examples = []
    for place, (query, graded, judged) in enumerate(_drawn(wanted, seed)):
        examples.append(make_example(find(query), graded, data, fusion, early, judged=judged))
        if progress:
            progress(place + 1, min(len(wanted), MAX_QUERIES))
    taught = sum(one.grades.any() for one in examples)
    if taught < MIN_QUERIES:
        reason = f"{taught} queries with a relevant result; learning takes {MIN_QUERIES}, so the fused order stays"
        return Learned(None, reason, len(examples), 0.0, 0.0)
    n_judged = sum(one.judged and one.grades.any() for one in examples)
    tries = [examples]
    if MIN_QUERIES <= n_judged < taught:  # judged queries decide whether clicked ones help
        tries = [[one for one in examples if one.judged], [_fainter(one) for one in examples]]
    results = [(*_validated(tried, seed), tried) for tried in tries]
    before, after, chosen = max(results, key=lambda result: float(result[1].mean()))
    figures = f"nDCG@10 {after.mean():.4f} against {before.mean():.4f} of the fused order, {len(before)} queries"
    learned = Learned(None, figures, len(before), float(before.mean()), float(after.mean()))
    if not surely_better(after - before):
        return replace(learned, reason=f"{figures}: not surely better, so the fused order stays")
    return replace(learned, ranker=LambdaMart(train(chosen, seed=seed), data, fusion=fusion, clicks=clicks))


def _validated(examples: Sequence[Example], seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """nDCG@10 before and after learning, of the judged queries where there are enough, else of all."""
    before, after = _cross_validated(examples, seed)
    judged = np.array([one.judged for one in examples])
    return (before[judged], after[judged]) if judged.sum() >= MIN_QUERIES else (before, after)


def _cross_validated(examples: Sequence[Example], seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if len(examples) >= MANY_QUERIES:
        return cross_validate(examples, seed=seed)
    shuffled = [
        cross_validate(examples, n_folds=FEW_FOLDS, seed=seed * FEW_SHUFFLES + number) for number in range(FEW_SHUFFLES)
    ]
    return shuffled[0][0], np.mean([after for _, after in shuffled], axis=0)


def _fainter(example: Example) -> Example:
    return example if example.judged else replace(example, weights=example.weights * CLICKED_WEIGHT)


def make_example(
    found: Found,
    graded: Graded,
    data: RankingData,
    fusion: LinearFusion,
    clicks: ClickRates | None = None,
    *,
    judged: bool = True,
) -> Example:
    """The candidates of one query with their features and grades."""
    fused = fusion.rank(found).top(DEPTH)
    known = np.array([row in graded for row in fused.rows.tolist()], bool)
    return Example(
        table=extract_features(data, found, Candidates(fused.rows, fused.scores, fused.source), clicks),
        grades=np.array([graded.get(row, 0.0) for row in fused.rows.tolist()], np.float64),
        weights=np.where(known | judged, 1.0, UNSHOWN_WEIGHT),
        graded=graded,
        judged=judged,
    )


def cross_validate(
    examples: Sequence[Example], *, n_folds: int = N_FOLDS, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """nDCG@10 of each example: in the fused order, and as ranked by a model that saw only the other folds."""
    folds = np.random.default_rng(seed).permutation(len(examples)) % n_folds
    after = np.zeros(len(examples))
    for fold in range(n_folds):
        model = train([one for one, of in zip(examples, folds, strict=True) if of != fold], seed=seed)
        for place in np.flatnonzero(folds == fold).tolist():
            after[place] = example_ndcg(examples[place], model_scores(model, examples[place].table))
    return np.array([ndcg_of(one.grades, one.graded) for one in examples]), after


def example_ndcg(example: Example, scores: Scores) -> float:
    """nDCG@10 of the candidates ordered by `scores`, (n,)."""
    return ndcg_of(example.grades[np.argsort(-scores, kind="stable")], example.graded)


def train(examples: Sequence[Example], *, seed: int = 0) -> lightgbm.Booster:
    """Trees that put the better graded first: LambdaMART's boosting with the listwise XE-NDCG loss.

    Bruch 2021, "An Alternative Cross Entropy Loss for Learning-to-Rank": convex, and on few queries better than the
    pairwise gradients of LambdaMART (on Icecat nDCG@10 0.716 against 0.707); means of models that
    differ by their seeds are no better than as many trees of one.
    Unjudged candidates are trained on as irrelevant, all of them: left out, the models never learn how
    what nobody judged looks, and put it first (on Icecat nDCG@10 falls from 0.71 to 0.59).
    """
    taught = [one for one in examples if one.grades.any()]
    few = len(taught) < MANY_QUERIES
    if not few:
        rng = np.random.default_rng(seed)
        taught = [_sampled(one, rng) for one in taught]
    settings = _TREES | (_FEW if few else _MANY) | {"seed": seed}
    settings |= {"monotone_constraints": [int(name in _RISING) for name in NAMES]}
    rows = lightgbm.Dataset(
        np.concatenate([one.table for one in taught]),
        np.concatenate([_labels(one) for one in taught]),
        weight=np.concatenate([one.weights for one in taught]),
        group=[len(one.table) for one in taught],
    )
    return lightgbm.train(settings, rows)


def _labels(example: Example) -> NDArray[np.int64]:
    """Grades in whole steps: those of judgments as they are where they fit, else so that the best is MAX_GRADE."""
    best = max(example.graded.values(), default=0.0)
    scale = 1.0 if example.judged and best <= MAX_GRADE else MAX_GRADE / best
    return np.rint(example.grades * scale).astype(np.int64)


def _sampled(example: Example, rng: np.random.Generator) -> Example:
    """The example without most of the unjudged candidates far down."""
    unknown = np.flatnonzero(example.grades == 0)
    near, far = unknown[:NEAR], unknown[NEAR:]
    far = rng.choice(far, min(FAR, len(far)), replace=False)
    kept = np.sort(np.concatenate([np.flatnonzero(example.grades > 0), near, far]))
    return replace(example, table=example.table[kept], grades=example.grades[kept], weights=example.weights[kept])


def _drawn(wanted: Sequence[tuple[str, Graded, bool]], seed: int) -> Iterator[tuple[str, Graded, bool]]:
    """At most MAX_QUERIES of them, judged ones first."""
    order = np.random.default_rng(seed).permutation(len(wanted))
    best = sorted(order.tolist(), key=lambda place: not wanted[place][2])[:MAX_QUERIES]
    return (wanted[place] for place in sorted(best))


def _from_clicks(
    events: pl.DataFrame | None, item_rows: Mapping[str, int], n_items: int
) -> tuple[ClickRates | None, ClickRates | None, Mapping[str, Graded]]:
    """Click rates of the early log, those of the whole log, and grades of queries by the late log."""
    if events is None or events.is_empty():
        return None, None, {}
    until = events["timestamp"].quantile(EARLY, "nearest")
    early = learn_click_rates(shown_results(events.filter(pl.col("timestamp") <= until)), item_rows, n_items)
    clicks = learn_click_rates(shown_results(events), item_rows, n_items)
    if early is None or clicks is None:
        return None, clicks, {}
    late = shown_results(events.filter(pl.col("timestamp") > until))
    return early, clicks, graded_by_clicks(late, clicks.propensities, item_rows)


def graded_by_clicks(
    shown: pl.DataFrame, propensities: NDArray[np.float64], item_rows: Mapping[str, int]
) -> dict[str, dict[int, float]]:
    """Grades of 0 to 3 by row for each query of `shown_results` with at least MIN_SHOWN clicks.

    An item's grade is its clicks and three times its purchases per look, shrunk towards 0 by one look, as a share of
    the query's best; a look is a time it was shown times the propensity of its place.
    """
    searched = shown.filter((pl.col("query") != "") & pl.col("item_id").is_in(list(item_rows)))
    seen = propensities[np.minimum(searched["rank"].to_numpy(), len(propensities)) - 1]
    looked = (
        searched.with_columns(looks=pl.col("shown") * pl.Series(seen))
        .group_by("query", "item_id")
        .agg(pl.col("looks", "clicked", "bought").sum())
        .filter(pl.col("clicked").sum().over("query") >= MIN_SHOWN)
        .with_columns(done=pl.col("clicked") + 3 * pl.col("bought"))
        .with_columns(usual=pl.col("done").sum().over("query") / pl.col("looks").sum().over("query"))
        .with_columns(worth=(pl.col("done") + PRIOR_LOOKS * pl.col("usual")) / (pl.col("looks") + PRIOR_LOOKS))
        .with_columns(grade=3 * pl.col("worth") / pl.col("worth").max().over("query"))
        .sort("query", "item_id")
    )
    graded: dict[str, dict[int, float]] = {}
    for query, item_id, grade in looked.select("query", "item_id", "grade").iter_rows():
        graded.setdefault(query, {})[item_rows[item_id]] = grade
    return graded
