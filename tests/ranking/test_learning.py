from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from aisle.ranking import Found, LinearFusion, build_ranking_data, learn_ranker
from aisle.ranking.gain import Graded
from aisle.ranking.learning import MIN_QUERIES, graded_by_clicks, make_example
from aisle.types import Candidates, Item

N_ITEMS = 60
ITEMS = [
    Item(f"i{row:02d}", "Great mug" if row % 3 == 0 else "Plain mug", price=10.0 + row, rating=1.0 + 2 * (row % 3 == 0))
    for row in range(N_ITEMS)
]
DATA = build_ranking_data(ITEMS, np.zeros(N_ITEMS, np.float32))
ITEM_ROWS = {item.item_id: row for row, item in enumerate(ITEMS)}
QUERIES = [f"mug {number}" for number in range(30)]


def find(query: str) -> Found:
    """All items, in an order that is chance."""
    rng = np.random.default_rng(sum(map(ord, query)))
    rows = np.arange(N_ITEMS)
    lexical = Candidates(rng.permutation(rows), np.linspace(2, 1, N_ITEMS, dtype=np.float32), "lexical")
    return Found(query, lexical, Candidates(rows[:0], lexical.scores[:0], "dense"), rows, np.zeros(N_ITEMS, np.float32))


def well_rated(query: str) -> Graded:
    """People like what is well rated, and every query has some of it judged."""
    rng = np.random.default_rng(len(query))
    return {int(row): 3.0 if row % 3 == 0 else 0.0 for row in rng.permutation(N_ITEMS)[:30]}


def test_what_people_like_is_learned() -> None:
    learned = learn_ranker(find, {query: well_rated(query) for query in QUERIES}, DATA)
    assert learned.ranker is not None
    assert learned.ndcg_learned > learned.ndcg_fused + 0.2
    assert learned.n_queries == len(QUERIES)
    ranked = learned.ranker.rank(find("unseen mug"))
    assert all(row % 3 == 0 for row in ranked.rows[:10].tolist())


def test_the_same_input_gives_the_same_ranker() -> None:
    judged = {query: well_rated(query) for query in QUERIES}
    one, other = (learn_ranker(find, judged, DATA, seed=3) for _ in range(2))
    assert one.ranker is not None
    assert other.ranker is not None
    assert one.ranker.rank(find("x")).rows.tolist() == other.ranker.rank(find("x")).rows.tolist()
    assert one.reason == other.reason


def test_few_judgments_teach_nothing_and_it_says_so() -> None:
    learned = learn_ranker(find, {query: well_rated(query) for query in QUERIES[: MIN_QUERIES - 1]}, DATA)
    assert learned.ranker is None
    assert learned.reason == "19 queries with a relevant result; learning takes 20, so the fused order stays"


def test_a_shop_without_judgments_and_clicks_keeps_the_fused_order() -> None:
    learned = learn_ranker(find, {}, DATA)
    assert learned.ranker is None
    assert learned.reason.startswith("0 queries")


def test_chance_is_not_learned() -> None:
    rng = np.random.default_rng(0)
    judged = {query: {int(row): float(rng.integers(4)) for row in rng.permutation(N_ITEMS)[:30]} for query in QUERIES}
    learned = learn_ranker(find, judged, DATA)
    assert learned.ranker is None
    assert "the fused order stays" in learned.reason


def test_unjudged_candidates_count_as_irrelevant() -> None:
    example = make_example(find("mug"), {0: 3.0, 1: 0.0}, DATA, LinearFusion())
    assert sorted(example.grades.tolist()) == [0.0] * (N_ITEMS - 1) + [3.0]
    assert (example.weights == 1).all()


def test_what_shoppers_were_never_shown_counts_little() -> None:
    example = make_example(find("mug"), {0: 3.0, 1: 0.0}, DATA, LinearFusion(), judged=False)
    assert sorted(set(example.weights.tolist())) == [0.3, 1.0]
    assert (example.weights == 1).sum() == 2


def shown(*rows: tuple[str, str, int, int, int, int]) -> pl.DataFrame:
    columns = ["query", "item_id", "rank", "shown", "clicked", "bought"]
    return pl.DataFrame(list(rows), schema=columns, orient="row").with_columns(surface=pl.lit("search"))


def test_clicks_far_down_count_more() -> None:
    results = shown(("q", "i00", 1, 100, 20, 0), ("q", "i01", 2, 100, 20, 0), ("q", "i02", 1, 100, 0, 0))
    graded = graded_by_clicks(results, np.array([1, 0.5]), ITEM_ROWS)["q"]
    assert graded[1] == 3
    assert graded[1] > graded[0] > graded[2] > 0


def test_queries_with_few_clicks_are_not_graded() -> None:
    assert graded_by_clicks(shown(("q", "i00", 1, 100, 4, 0)), np.ones(1), ITEM_ROWS) == {}


def click_log(n_pages: int) -> pl.DataFrame:
    """Eight items by chance on each page; well rated ones are clicked one time in two when looked at."""
    rng = np.random.default_rng(0)
    rows = []
    for page in range(n_pages):
        base: dict[str, Any] = {"query_id": f"p{page}", "session_id": f"s{page}", "surface": "search", "rank": None}
        base |= {"item_id": "", "query": "", "timestamp": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=page)}
        rows.append(base | {"kind": "search", "query": QUERIES[page % len(QUERIES)]})
        for rank, row in enumerate(rng.permutation(N_ITEMS)[:8].tolist(), 1):
            rows.append(base | {"kind": "impression", "item_id": f"i{row:02d}", "rank": rank})
            if rng.random() < (0.5 if row % 3 == 0 else 0.02) / rank:
                rows.append(base | {"kind": "click", "item_id": f"i{row:02d}", "rank": rank})
    return pl.DataFrame(rows)


@pytest.fixture(scope="module")
def events() -> pl.DataFrame:
    return click_log(3_000)


def test_clicks_alone_teach_what_shoppers_like(events: pl.DataFrame) -> None:
    learned = learn_ranker(find, {}, DATA, events=events, item_rows=ITEM_ROWS)
    assert learned.ranker is not None
    assert learned.ranker.clicks is not None
    assert sum(row % 3 == 0 for row in learned.ranker.rank(find("unseen mug")).rows[:10].tolist()) >= 9


def test_judgments_decide_where_clicks_say_otherwise(events: pl.DataFrame) -> None:
    judged = {query: {row: 3.0 - grade for row, grade in well_rated(query).items()} for query in QUERIES}
    learned = learn_ranker(find, judged, DATA, events=events, item_rows=ITEM_ROWS)
    assert learned.ranker is not None
    assert sum(row % 3 != 0 for row in learned.ranker.rank(find("unseen mug")).rows[:10].tolist()) >= 9


def test_progress_is_told() -> None:
    heard: list[tuple[int, int]] = []
    learn_ranker(
        find, {"mug 1": well_rated("x"), "mug 2": {}}, DATA, progress=lambda done, total: heard.append((done, total))
    )
    assert heard == [(1, 2), (2, 2)]


def test_fusion_weights_are_those_of_the_ranker() -> None:
    fusion = LinearFusion(0.9, 0.1)
    learned = learn_ranker(find, {query: well_rated(query) for query in QUERIES}, DATA, fusion=fusion)
    assert learned.ranker is not None
    assert learned.ranker.fusion is fusion
    assert replace(learned, ranker=None).ranker is None
