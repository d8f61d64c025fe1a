"""A shop in a folder: making, opening, filling."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import aisle
from aisle.errors import InputError, NotFoundError, SettingsError
from aisle.shop import Shop


def test_new_shop_has_settings_store_and_releases(tmp_path: Path) -> None:
    aisle.init(tmp_path / "shop", name='My "own" shop').close()
    assert {path.name for path in (tmp_path / "shop").iterdir()} >= {"aisle.toml", "store.db", "releases"}
    with_name = aisle.open(tmp_path / "shop")
    assert with_name.settings.shop.name == 'My "own" shop'
    with_name.close()


def test_second_init_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    aisle.init(tmp_path).close()
    before = (tmp_path / "aisle.toml").read_bytes()
    with pytest.raises(InputError, match="is a shop already"):
        aisle.init(tmp_path)
    assert (tmp_path / "aisle.toml").read_bytes() == before


def test_folder_that_is_no_shop_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=f"it has no aisle.toml; make one with: aisle init {tmp_path}"):
        aisle.open(tmp_path)


def test_mistake_in_the_settings_names_the_nearest_key(tmp_path: Path) -> None:
    aisle.init(tmp_path).close()
    (tmp_path / "aisle.toml").write_text("[search]\ndephth = 100\n", "utf-8")
    with pytest.raises(SettingsError, match=r'unknown key "search.dephth"; did you mean "depth"'):
        aisle.open(tmp_path)


def test_bad_rows_are_set_aside_with_line_and_reason(tmp_path: Path) -> None:
    shop = aisle.init(tmp_path / "shop")
    feed = tmp_path / "items.csv"
    feed.write_text("id,title,price\n1,Blue mug,4.50\n,No id,1\n3,Cheap,-2\n4,Red mug,5\n", "utf-8")
    report = shop.ingest_items([str(feed)])
    assert (report.n_read, report.n_new, report.n_rejected) == (4, 2, 2)
    assert report.quarantine is not None
    rejected = [json.loads(line) for line in report.quarantine.read_text("utf-8").splitlines()]
    assert [row["line"] for row in rejected] == [3, 4]
    assert "item_id" in rejected[0]["reason"]
    assert "price" in rejected[1]["reason"]
    shop.close()


def test_row_that_replaces_another_is_reported_and_counted_once(tmp_path: Path) -> None:
    shop = aisle.init(tmp_path / "shop")
    feed = tmp_path / "items.csv"
    feed.write_text("id,title\n1,Blue mug\n1,Red mug\n", "utf-8")
    report = shop.ingest_items([str(feed)])
    assert (report.n_read, report.n_rejected) == (2, 1)
    assert shop.item("1").title == "Red mug"
    shop.close()


def test_unreadable_feed_among_several_stores_nothing(tmp_path: Path) -> None:
    shop = aisle.init(tmp_path / "shop")
    good, bad = tmp_path / "good.csv", tmp_path / "empty.csv"
    good.write_text("id,title\n1,Blue mug\n", "utf-8")
    bad.write_text("", "utf-8")
    with pytest.raises(InputError, match=r"empty\.csv"):
        shop.ingest_items([str(good), str(bad)])
    assert shop.store.counts().n_items == 0
    shop.close()


def test_settings_name_columns_and_the_call_overrides_them(tmp_path: Path) -> None:
    aisle.init(tmp_path / "shop").close()
    (tmp_path / "shop" / "aisle.toml").write_text('[sources.items]\ntitle = "wording"\n', "utf-8")
    shop = aisle.open(tmp_path / "shop")
    feed = tmp_path / "items.csv"
    feed.write_text("id,wording,naam\n1,Blue mug,Blauwe mok\n", "utf-8")
    shop.ingest_items([str(feed)])
    assert shop.item("1").title == "Blue mug"
    shop.ingest_items([str(feed)], {"title": "naam"})
    assert shop.item("1").title == "Blauwe mok"
    shop.close()


def test_unknown_item_is_named(toy_shop: Shop) -> None:
    with pytest.raises(NotFoundError, match="no item 'nope' in this shop"):
        toy_shop.item("nope")


def test_event_with_an_unknown_field_names_the_nearest(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    with pytest.raises(InputError, match=r"item_id"):
        shop.log([{"kind": "view", "itemid": "e1", "user_id": "ann"}])


def test_evaluation_uses_the_judgments_of_the_store(toy_shop: Shop) -> None:
    report = toy_shop.evaluate_search()
    assert report.n_queries == 3
    assert set(report.to_dict()) >= {"n_queries", "metrics", "latency_ms"}
    assert set(report.metrics) == {"nDCG@10", "nDCG(judged_only=True)@10", "R(rel=2)@100", "RR(rel=2)@10"}


def test_evaluation_refuses_a_file_with_a_bad_row(toy_shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "judgments.csv"
    file.write_text("query,item_id,grade\ncoffee,k1,2\ncoffee,,1\n", "utf-8")
    with pytest.raises(InputError, match="line 3"):
        toy_shop.evaluate_search(str(file))
