from pathlib import Path

import numpy as np
import polars as pl
import pytest

from aisle.encoders import prepare_encoder
from aisle.index.columns import item_pairs
from aisle.intent import clicks_by_query, learn_intent
from aisle.sample_shop import generate
from aisle.settings import EncoderSettings
from aisle.shop import Shop
from aisle.sources import read_items, read_judgments
from aisle.testing.encoder import FakeEncoder
from aisle.text import item_text
from aisle.types import Item


def test_clicks_carry_the_query_of_their_search(toy_shop: Shop) -> None:
    found = clicks_by_query(toy_shop.store.events_frame())
    # ann searched "usb c cable" and clicked e1; cid searched "coffee" and clicked k1
    assert found.rows() == [("coffee", "k1", 1), ("usb c cable", "e1", 1)]


def test_a_click_without_query_gets_the_one_of_its_query_id() -> None:
    events = pl.DataFrame(
        {
            "kind": ["search", "click", "purchase", "click", "click"],
            "query_id": ["q1", "q1", "q1", "q9", ""],
            "query": ["mug", "", "", "", ""],
            "item_id": ["", "k3", "k3", "k3", "k3"],
        }
    )
    assert clicks_by_query(events).rows() == [("mug", "k3", 2)]


def test_a_category_that_judges_confirm_filters() -> None:
    sample = generate(seed=3, n_items=400, n_users=150, days=20)
    vectors = FakeEncoder().encode_items([item_text(item) for item in sample.items])
    judgments = pl.DataFrame(
        [(one.query, one.item_id, one.grade) for one in sample.judgments], ["query", "item_id", "grade"], orient="row"
    )
    intent = learn_intent(sample.items, vectors, judgments, clicks_by_query(sample.events), FakeEncoder())
    result = intent.read("black headphones")
    sure = [one for one in result.constraints if one.sure]
    assert [(one.field, one.label) for one in sure] == [("category", "headphones")]
    assert sure[0].confidence >= 0.9
    # substitutes in other colours are relevant as well, so a colour may not filter
    assert any(one.field == "color" and not one.sure for one in result.constraints)


@pytest.mark.slow
def test_what_filters_on_icecat_loses_no_relevant_item(datasets: Path) -> None:
    folder = datasets / "chorus_icecat"
    items: list[Item] = list(read_items(str(folder / "items.parquet"), {"price_cents": "price"}, reject=lambda _: None))
    graded = list(
        read_judgments(
            str(folder / "judgments.parquet"), reject=lambda _: None, queries=str(folder / "queries.parquet")
        )
    )
    encoder = prepare_encoder(EncoderSettings())
    frame = pl.DataFrame(
        [(one.query, one.item_id, one.grade) for one in graded], ["query", "item_id", "grade"], orient="row"
    )
    judged = set(frame["item_id"])
    chosen = [item for item in items if item.item_id in judged]
    vectors = encoder.encode_items([item_text(item) for item in chosen])
    clicks = pl.DataFrame(schema={"query": pl.String, "item_id": pl.String, "n": pl.Int64})
    queries = sorted(set(frame["query"]))
    known = pl.col("query").is_in(queries[::2])
    intent = learn_intent(chosen, vectors, frame.filter(known), clicks, encoder)
    carried = {item.item_id: {f'{field} = "{value}"' for (field, value), _ in item_pairs(item)} for item in chosen}
    kept: list[float] = []
    for query in queries[1::2]:
        relevant = frame.filter((pl.col("query") == query) & (pl.col("grade") >= 2))["item_id"].to_list()
        for one in intent.read(query, encoder.encode_queries([query])[0]).constraints:
            if one.sure and relevant:
                parts = set(one.filter.removeprefix("(").removesuffix(")").split(" OR "))
                kept.append(float(np.mean([bool(parts & carried[item_id]) for item_id in relevant])))
    assert np.mean(kept or [1.0]) >= 0.98
