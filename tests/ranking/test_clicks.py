from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from aisle.errors import ReleaseError
from aisle.ranking.clicks import PRIOR_LOOKS, ClickRates, fit_propensities, learn_click_rates, shown_results
from aisle.sample_shop import generate

START = datetime(2026, 3, 1, tzinfo=UTC)
_TEXTS = ("event_id", "kind", "session_id", "item_id", "query", "query_id", "surface")
SCHEMA = {name: pl.String() for name in _TEXTS} | {"timestamp": pl.Datetime("us", "UTC"), "rank": pl.Int64()}


def log(*events: dict[str, Any]) -> pl.DataFrame:
    whole = [
        {"event_id": f"e{at}", "timestamp": START + timedelta(seconds=at), "surface": "search", "rank": None}
        | {name: "" for name in ("session_id", "query", "query_id", "item_id")}
        | event
        for at, event in enumerate(events)
    ]
    return pl.DataFrame(whole, schema=SCHEMA)


def shown(*rows: tuple[str, str, int, int, int, int]) -> pl.DataFrame:
    columns = ["query", "item_id", "rank", "shown", "clicked", "bought"]
    return pl.DataFrame(list(rows), schema=columns, orient="row").with_columns(surface=pl.lit("search"))


def test_shown_results_count_clicks_and_purchases_of_their_search() -> None:
    search = {"query_id": "q1", "session_id": "s1"}
    found = shown_results(
        log(
            search | {"kind": "search", "query": "Blue  Mug"},
            search | {"kind": "impression", "item_id": "a", "rank": 1},
            search | {"kind": "impression", "item_id": "b", "rank": 2},
            search | {"kind": "click", "item_id": "b", "rank": 2},
            search | {"kind": "click", "item_id": "b", "rank": 2},
            search | {"kind": "purchase", "item_id": "b"},
            search | {"kind": "click", "item_id": "never shown", "rank": 3},
            {"kind": "view", "item_id": "a"},
        )
    )
    assert found.select("query", "item_id", "rank", "shown", "clicked", "bought").rows() == [
        ("blue mug", "a", 1, 1, 0, 0),
        ("blue mug", "b", 2, 1, 1, 1),
    ]


def test_an_empty_log_shows_nothing() -> None:
    nothing = shown_results(log())
    assert nothing.is_empty()
    assert fit_propensities(nothing) is None
    assert learn_click_rates(nothing, {}, 0) is None


def test_the_same_items_at_two_ranks_tell_how_often_each_is_looked_at() -> None:
    # each item is clicked twice as often at rank 1, however good it is
    rows = [("q", "a", 1, 1000, 400, 0), ("q", "a", 2, 1000, 200, 0), ("q", "b", 1, 1000, 40, 0)]
    found = fit_propensities(shown(*rows, ("q", "b", 2, 1000, 20, 0)))
    assert found == pytest.approx([1, 0.5], abs=0.01)


def test_a_rank_that_only_shows_worse_items_is_not_taken_for_unseen() -> None:
    # rank 2 gets a tenth of the clicks, but of the item that was at both only half
    rows = [("q", "good", 1, 1000, 400, 0), ("q", "both", 1, 500, 40, 0), ("q", "both", 2, 500, 20, 0)]
    found = fit_propensities(shown(*rows, ("q", "bad", 2, 1000, 10, 0)))
    assert found is not None
    assert found[1] == pytest.approx(0.5, abs=0.07)


def test_few_clicks_tell_nothing() -> None:
    assert fit_propensities(shown(("q", "a", 1, 100, 50, 0), ("q", "a", 2, 100, 20, 0))) is None


def test_the_propensities_of_the_sample_shop_are_found() -> None:
    shop = generate(n_items=600, n_users=600, days=40)
    found = fit_propensities(shown_results(shop.events))
    assert found is not None
    assert np.abs(found - shop.truth.propensities).mean() < 0.03


ROWS = {"a": 0, "b": 1, "c": 2}
RESULTS = shown(
    ("mug", "a", 1, 400, 200, 20),
    ("mug", "a", 2, 400, 100, 10),
    ("mug", "b", 1, 400, 40, 0),
    ("mug", "b", 2, 400, 20, 0),
)


def rates() -> ClickRates:
    learned = learn_click_rates(RESULTS, ROWS, 3)
    assert learned is not None
    return learned


def test_rates_are_clicks_per_look_drawn_to_the_item_and_the_item_to_all() -> None:
    learned = rates()
    second = learned.propensities[1]
    looks = 400 + 400 * second
    overall = 360 / (2 * looks)
    item = (300 + PRIOR_LOOKS * overall) / (looks + PRIOR_LOOKS)
    pair = (300 + PRIOR_LOOKS * item) / (looks + PRIOR_LOOKS)
    click, _, seen = learned.of("MUG", np.array([0, 1, 2]))
    assert click[0] == pytest.approx(pair, rel=1e-5)
    assert click[2] == pytest.approx(overall, rel=1e-5)
    assert seen.tolist() == pytest.approx([looks, looks, 0], rel=1e-5)


def test_an_unknown_query_gets_the_rates_of_the_items() -> None:
    click, purchase, seen = rates().of("cup", np.array([0, 1, 2, 99]))
    assert click[0] > click[2] == click[3] > click[1] > 0
    assert purchase[0] > purchase[3] > purchase[1] > 0
    assert seen.tolist() == [0, 0, 0, 0]


def test_loaded_rates_are_the_saved_ones(tmp_path: Path) -> None:
    rates().save(tmp_path)
    loaded = ClickRates.load(tmp_path)
    for one, other in zip(loaded.of("mug", np.arange(4)), rates().of("mug", np.arange(4)), strict=True):
        assert one.tolist() == other.tolist()


def test_a_missing_file_is_a_release_error(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="click_rates"):
        ClickRates.load(tmp_path)
