"""A shop whose candidates come from Milvus: built, changed, switched, rolled back; paused, killed, begun anew."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import aisle
from aisle.errors import AwayError, ReleaseError
from aisle.index.milvus import MilvusIndex
from aisle.index.milvus.collection import collection_names
from aisle.index.milvus.server import Server
from aisle.pipelines.search import LEXICAL_ONLY
from aisle.serving import create_app
from aisle.settings import IndexSettings, use_setting
from aisle.shop import Shop
from aisle.testing.encoder import FakeEncoder
from aisle.testing.toy_shop import toy_events, toy_items, toy_judgments

SettingsFor = Callable[..., IndexSettings]


def make_shop(folder: Path, settings: IndexSettings) -> Shop:
    aisle.init(folder).close()
    for name in ("url", "prefix", "timeout_s"):
        use_setting(folder, f"index.milvus.{name}", getattr(settings.milvus, name))
    shop = aisle.open(folder, encoder=FakeEncoder())
    shop.store.upsert_items(toy_items())
    shop.store.append_events(toy_events())
    shop.store.upsert_judgments(toy_judgments())
    return shop


def collections(shop: Shop) -> set[str]:
    given = shop.settings.index.milvus
    return {name for name in collection_names(Server(given)) if name.startswith(given.prefix)}


def alias(shop: Shop) -> str:
    given = shop.settings.index.milvus
    server = Server(given)
    return str(server.call(lambda client, s: client.describe_alias(given.prefix, timeout=s)["collection_name"]))


def own_collection(shop: Shop) -> str:
    index = shop.release.index
    assert isinstance(index, MilvusIndex)
    return index.collection.name


@pytest.fixture
def shop(tmp_path: Path, milvus: object, settings_for: SettingsFor) -> Iterator[Shop]:
    made = make_shop(tmp_path / "shop", settings_for(milvus))
    yield made
    made.close()


def test_a_release_has_a_collection_of_its_own_and_the_alias_names_the_active_one(shop: Shop) -> None:
    first = shop.build().release_id
    names = [own_collection(shop)]
    assert alias(shop) == names[0]
    second = shop.build().release_id
    shop.refresh()
    names.append(own_collection(shop))
    assert collections(shop) == set(names)
    assert alias(shop) == names[1]
    assert shop.rollback().release_id == first
    assert alias(shop) == names[0]
    assert shop.activate(second).release_id == second
    assert alias(shop) == names[1]
    assert not shop.search("coffee").degraded


def test_a_collection_goes_with_its_release_and_no_other_shop_s(shop: Shop, tmp_path: Path, milvus: object) -> None:
    other = make_shop(tmp_path / "other", shop.settings.index)
    other.build()
    first = shop.build().release_id
    gone, kept = own_collection(shop), own_collection(other)
    shop.build()
    folder = shop.folder / "releases" / first
    folder.rename(tmp_path / "elsewhere")
    shop.build()
    assert gone not in collections(shop)
    assert kept in collections(shop)
    assert len(collections(shop)) == 3
    other.close()


def test_a_release_lacks_the_graph_and_a_damaged_name_is_told(shop: Shop) -> None:
    release_id = shop.build().release_id
    folder = shop.folder / "releases" / release_id / "index"
    assert not (folder / "graph.usearch").exists()
    (folder / "milvus.json").write_text("{}")
    with pytest.raises(ReleaseError, match="run aisle build"):
        MilvusIndex.load(folder, shop.settings.index)


def test_items_that_change_after_the_build_are_found_as_they_are_now(shop: Shop) -> None:
    shop.build()
    mug = toy_items()[8]
    shop.store.upsert_items([replace(mug, title="Tea bowl"), replace(toy_items()[0], item_id="new", title="Usb lamp")])
    shop.store.delete_items(["k2"])
    shop.refresh()
    assert [hit.item_id for hit in shop.search("bowl").hits][:1] == ["k3"]
    assert "new" in [hit.item_id for hit in shop.search("usb lamp").hits]
    assert "k2" not in [hit.item_id for hit in shop.search("coffee grinder").hits]
    assert not shop.search("bowl").degraded


def test_while_milvus_is_away_words_alone_answer_and_it_recovers_by_itself(
    tmp_path: Path, frail: Any, settings_for: SettingsFor
) -> None:
    shop = make_shop(tmp_path / "shop", settings_for(frail, timeout_s=0.5))
    shop.build()
    client = TestClient(create_app(shop))
    usual = shop.search("wireless headphones", facets=True)
    assert not usual.degraded

    frail.pause()
    assert not shop.search("wireless headphones", 5, facets=True).degraded  # it is remembered
    slow = shop.search("headphones", facets=True)
    assert slow.degraded == (LEXICAL_ONLY,)
    assert slow.latency_ms < 2_000
    assert {hit.item_id for hit in slow.hits} == {"e4", "e5"}
    assert slow.facets
    for query in ("coffee", "shoes", "usb", "mat"):
        shop.search(query)
    known = shop.search("speaker")
    assert known.degraded
    assert known.latency_ms < 400  # nobody waits for what is known to be away
    assert client.post("/v1/search", json={"query": "charger"}).json()["degraded"] == [LEXICAL_ONLY]
    assert "away" in client.get("/readyz").json()["degraded"][0]
    assert "aisle_index_away 1.0" in client.get("/metrics").text

    frail.kill()
    assert shop.search("grinder").degraded
    frail.start()
    until = time.monotonic() + 30
    while shop.search(f"wireless headphones {time.monotonic()}").degraded:
        assert time.monotonic() < until
        time.sleep(0.5)
    again = shop.search("wireless headphones", facets=True)
    assert [hit.item_id for hit in again.hits] == [hit.item_id for hit in usual.hits]
    assert not client.get("/readyz").json().get("degraded")
    assert "aisle_index_away 0.0" in client.get("/metrics").text
    shop.close()


def test_a_release_loads_while_milvus_is_away_and_a_build_leaves_the_running_one(
    tmp_path: Path, frail: Any, settings_for: SettingsFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aisle.index.milvus.server.WRITE_S", 1.0)
    shop = make_shop(tmp_path / "shop", settings_for(frail, timeout_s=0.5))
    release_id = shop.build().release_id
    frail.kill()
    shop.close()
    shop = aisle.open(tmp_path / "shop", encoder=FakeEncoder())
    assert shop.search("coffee").degraded == (LEXICAL_ONLY,)
    with pytest.raises(AwayError, match="does not answer"):
        shop.build()
    assert shop.active_release_id() == release_id
    assert [one.release_id for one in shop.releases()] == [release_id]
    shop.close()
