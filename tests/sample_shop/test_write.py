import csv
import json
from pathlib import Path

import polars as pl
import pytest

from aisle.records import item_from_dict
from aisle.sample_shop import SampleShop, draw_picture, generate, write
from aisle.types import Judgment

_FEEDS = ("items.jsonl", "events.parquet", "judgments.csv", "truth.json")


@pytest.fixture(scope="module")
def tiny_shop() -> SampleShop:
    return generate(seed=5, n_items=80, n_users=30, days=10)


def test_feeds_hold_what_the_shop_holds(tiny_shop: SampleShop, tmp_path: Path) -> None:
    write(tiny_shop, tmp_path / "shop")
    lines = (tmp_path / "shop" / "items.jsonl").read_text("utf-8").splitlines()
    assert [item_from_dict(json.loads(line)) for line in lines] == tiny_shop.items
    assert pl.read_parquet(tmp_path / "shop" / "events.parquet").equals(tiny_shop.events)
    with (tmp_path / "shop" / "judgments.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [Judgment(row["query"], row["item_id"], int(row["grade"])) for row in rows] == tiny_shop.judgments


def test_truth_is_json_without_infinities(tiny_shop: SampleShop, tmp_path: Path) -> None:
    write(tiny_shop, tmp_path)
    text = (tmp_path / "truth.json").read_text("utf-8")
    assert "Infinity" not in text and "NaN" not in text
    truth = json.loads(text)
    assert truth["item_ids"] == [item.item_id for item in tiny_shop.items]
    assert truth["propensities"][0] == 1.0
    assert len(truth["tastes"]["category"][0]) == 30
    assert truth["complements"]["cameras"]["memory-cards"] == 0.45


def test_every_item_has_its_picture(tiny_shop: SampleShop, tmp_path: Path) -> None:
    write(tiny_shop, tmp_path)
    for item in tiny_shop.items:
        assert (tmp_path / item.image_url.removeprefix("/")).read_text("utf-8") == draw_picture(item)


def test_same_shop_is_written_byte_by_byte_the_same(tiny_shop: SampleShop, tmp_path: Path) -> None:
    write(tiny_shop, tmp_path / "one")
    write(generate(seed=5, n_items=80, n_users=30, days=10), tmp_path / "other")
    for name in (*_FEEDS, f"pictures/{tiny_shop.items[0].item_id}.svg"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()
