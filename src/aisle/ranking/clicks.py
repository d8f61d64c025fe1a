"""What clicks say, once it is taken into account that people look at the first places most."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from aisle.ranking.data import number_of
from aisle.recommenders.files import read_arrays, write_arrays
from aisle.text import normalise
from aisle.types import Rows, Scores

FILE = "click_rates"
MAX_RANK = 100
"""Places further down count as this one."""
PRIOR_CLICKS = 5.0
"""Clicks at each place that are imagined by the prior 1 / rank, so that a place never clicked is not a place never
seen."""
PRIOR_LOOKS = 20.0
"""Looks by which a query-item pair's rate is drawn to its item's, and an item's to that of all items."""
MIN_CLICKS = 100
"""With fewer clicks on listed results nothing is learned from them."""
_STEPS = 200
_PAGE = ("surface", "query")
Floats = NDArray[np.float64]


def shown_results(events: pl.DataFrame) -> pl.DataFrame:
    """How often each item was shown, clicked and bought: surface, query, item_id, rank, shown, clicked, bought.

    `events` is the store's frame. Queries are in normal form without regard to case, empty on shelves.
    Clicks and purchases count for the place that the item was shown at under the same query_id (on shelves,
    which have none, under the same session); what was never shown is left out.
    """
    told = events.select(
        "item_id", "rank", kind=pl.col("kind").cast(pl.String), **{name: pl.col(name).fill_null("") for name in _IDS}
    )
    texts = told.filter((pl.col("query") != "") & (pl.col("query_id") != "")).unique("query_id", keep="first")
    asked = {text: normalise(text).casefold() for text in texts["query"].unique().to_list()}
    texts = texts.select("query_id", text=pl.col("query").replace_strict(asked, return_dtype=pl.String))
    ranked = told.filter(pl.col("rank").is_not_null()).with_columns(pl.col("rank").clip(1, MAX_RANK))
    place = ("surface", "session_id", "query_id", "item_id", "rank")
    shown = ranked.filter(pl.col("kind") == "impression").group_by(place).len("shown")
    clicked = ranked.filter(pl.col("kind") == "click").group_by(place).len("clicked")
    bought = told.filter((pl.col("kind") == "purchase") & (pl.col("query_id") != ""))
    buyers = bought.select("query_id", "item_id").unique().with_columns(bought=1)
    return (
        shown.join(clicked, on=place, how="left")
        .join(buyers, on=("query_id", "item_id"), how="left")
        .join(texts, on="query_id", how="left")
        .with_columns(
            pl.col("text").fill_null(""),
            clicked=pl.min_horizontal("shown", pl.col("clicked").fill_null(0)),
            bought=pl.col("bought").fill_null(0),
        )
        .group_by("surface", query="text", item_id="item_id", rank="rank")
        .agg(pl.col("shown", "clicked", "bought").sum())
        .sort("surface", "query", "item_id", "rank")
    )


def fit_propensities(shown: pl.DataFrame) -> Floats | None:
    """(n_ranks,) how likely shoppers look at each place, the first = 1, from `shown_results`; None with too few clicks.

    The position-based model P(click) = propensity(rank) * attraction(surface, query, item), fitted as
    a Poisson model in which every triple has its own attraction: alternately the clicks of each triple
    by its looks and the clicks of each rank by its attraction. Triples that were shown at one rank alone
    cancel out, so this harvests interventions (Agarwal et al., WSDM 2019) and, unlike expectation
    maximisation (Wang et al., WSDM 2018), stays right where most triples are shown a few times only.
    """
    if shown["clicked"].sum() < MIN_CLICKS:
        return None
    triples = shown.select(pl.struct(*_PAGE, "item_id").rank("dense")).to_series().to_numpy().astype(np.int64) - 1
    ranks = shown["rank"].to_numpy() - 1
    times, clicks = shown["shown"].to_numpy().astype(float), shown["clicked"].to_numpy().astype(float)
    of_triple, of_rank = np.bincount(triples, clicks), np.bincount(ranks, clicks)
    prior = 1 / np.arange(1, len(of_rank) + 1)
    propensities = prior.copy()
    for _ in range(_STEPS):
        looks = np.bincount(triples, times * propensities[ranks])
        attraction = of_triple / np.maximum(looks, 1e-12)
        expected = np.bincount(ranks, times * attraction[triples], minlength=len(of_rank))
        propensities = (of_rank + PRIOR_CLICKS * prior) / (expected + PRIOR_CLICKS)
        propensities /= propensities[0]
    return np.minimum(propensities, 1)


@dataclass(frozen=True, slots=True, eq=False)
class ClickRates:
    """How often an item is clicked and bought when it is looked at, by query and over all queries."""

    keys: NDArray[np.int64]
    """(n_pairs,) number of the query (its upper 31 bits) * 2**32 + row, ascending."""
    looks: NDArray[np.float32]
    """(n_pairs,) times the item was shown for the query, each times the propensity of its place."""
    click: NDArray[np.float32]
    """(n_pairs,) clicks per look, smoothed."""
    purchase: NDArray[np.float32]
    item_click: NDArray[np.float32]
    """(n_items + 1,) the same over all queries; the last is that of all items."""
    item_purchase: NDArray[np.float32]
    propensities: NDArray[np.float64]
    """(n_ranks,)"""

    def of(self, query: str, rows: Rows) -> tuple[Scores, Scores, Scores]:
        """Click rate, purchase rate and looks of each of `rows` for `query`; unseen pairs have their item's rates."""
        overall = len(self.item_click) - 1
        known = np.minimum(rows, overall)
        click, purchase = self.item_click[known], self.item_purchase[known]
        looks = np.zeros(len(rows), np.float32)
        wanted = rows | _base(query.casefold())
        if len(self.keys):
            places = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
            hits = np.flatnonzero(self.keys[places] == wanted)
            places = places[hits]
            click[hits], purchase[hits], looks[hits] = self.click[places], self.purchase[places], self.looks[places]
        return click, purchase, looks

    def save(self, folder: Path) -> None:
        """Write click_rates.npz."""
        write_arrays(folder, FILE, **{part.name: getattr(self, part.name) for part in fields(self)})

    @classmethod
    def load(cls, folder: Path) -> "ClickRates":
        """Read what `save` wrote. Raises ReleaseError when it is missing or damaged."""
        names = [part.name for part in fields(cls)]
        return cls(**dict(zip(names, read_arrays(folder, FILE, *names), strict=True)))


def learn_click_rates(shown: pl.DataFrame, item_rows: Mapping[str, int], n_items: int) -> ClickRates | None:
    """The rates of `shown_results`, or None where propensities cannot be fitted.

    Clicks are divided by looks, the sum of the propensities of the places shown at (inverse
    propensity weighting in its ratio form, which varies less), and smoothed with a Beta prior: the
    posterior mean of (clicks + s * m) / (looks + s), where s = PRIOR_LOOKS and m is the item's own rate over
    all queries, which is drawn to that of all items in the same way.
    """
    propensities = fit_propensities(shown)
    if propensities is None:
        return None
    searched = shown.filter((pl.col("query") != "") & pl.col("item_id").is_in(list(item_rows)))
    rows = np.array([item_rows[item_id] for item_id in searched["item_id"]], np.int64)
    looks = searched["shown"].to_numpy() * propensities[searched["rank"].to_numpy() - 1]
    texts = {text: _base(text) for text in searched["query"].unique().to_list()}
    bases = np.array([texts[text] for text in searched["query"]], np.int64)
    keys, pairs = np.unique(bases | rows, return_inverse=True)
    pair_rows = keys & 0xFFFFFFFF
    pair_looks = np.bincount(pairs, looks, minlength=len(keys))
    rates = {}
    for name, column in (("click", "clicked"), ("purchase", "bought")):
        counted = searched[column].to_numpy().astype(float)
        overall = counted.sum() / max(1e-9, looks.sum())
        of_item = np.bincount(rows, counted, minlength=n_items)
        item = (of_item + PRIOR_LOOKS * overall) / (np.bincount(rows, looks, minlength=n_items) + PRIOR_LOOKS)
        pair = (np.bincount(pairs, counted, minlength=len(keys)) + PRIOR_LOOKS * item[pair_rows]) / (
            pair_looks + PRIOR_LOOKS
        )
        rates[name] = pair.astype(np.float32)
        rates[f"item_{name}"] = np.append(item, overall).astype(np.float32)
    return ClickRates(keys=keys, looks=pair_looks.astype(np.float32), propensities=propensities, **rates)


def _base(query: str) -> int:
    return number_of(query) >> 1 << 32


_IDS = ("surface", "session_id", "query", "query_id")
