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
from aisle.index.milvus.collection import Collection, collection_names
from aisle.index.milvus.server import Server
from aisle.pipelines.search import LEXICAL_ONLY
from aisle.releases import ReleaseFolder, tidy
from aisle.serving import create_app
from aisle.settings import IndexSettings, use_setting
from aisle.shop import Shop
from aisle.testing.encoder import FakeEncoder
from aisle.testing.toy_shop import toy_events, toy_items, toy_judgments

TIMEOUT_S = 0.5
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


def test_each_release_has_a_collection_the_alias_names_the_active_one_and_one_goes_with_its_release(
    shop: Shop, tmp_path: Path
) -> None:
    first = shop.build().release_id
    names = [own_collection(shop)]
    assert alias(shop) == names[0]
    second = shop.build()
    shop.refresh()
    names.append(own_collection(shop))
    assert collections(shop) == set(names)
    assert alias(shop) == names[1]
    assert shop.rollback().release_id == first
    assert alias(shop) == names[0]
    assert shop.activate(second.release_id).release_id == second.release_id
    assert alias(shop) == names[1]

    given = shop.settings.index.milvus
    another = Collection.create(f"{given.prefix}_anothers_{first.replace('-', '_')}", 4, Server(given))
    (shop.folder / "releases" / first).rename(tmp_path / "elsewhere")
    tidy(ReleaseFolder(shop.folder / "releases"), second)
    assert collections(shop) == {names[1], another.name}


def test_items_that_change_after_the_build_are_found_as_they_are_now(shop: Shop) -> None:
    folder = shop.folder / "releases" / shop.build().release_id / "index"
    assert not (folder / "graph.usearch").exists()
    mug = toy_items()[8]
    shop.store.upsert_items([replace(mug, title="Tea bowl"), replace(toy_items()[0], item_id="new", title="Usb lamp")])
    shop.store.delete_items(["k2"])
    shop.refresh()
    assert [hit.item_id for hit in shop.search("bowl").hits][:1] == ["k3"]
    assert "new" in [hit.item_id for hit in shop.search("usb lamp").hits]
    assert "k2" not in [hit.item_id for hit in shop.search("coffee grinder").hits]
    assert not shop.search("bowl").degraded
    (folder / "milvus.json").write_text("{}")
    with pytest.raises(ReleaseError, match="run aisle build"):
        MilvusIndex.load(folder, shop.settings.index)


def test_while_milvus_is_away_words_alone_answer_and_it_recovers_by_itself(
    tmp_path: Path, frail: Any, settings_for: SettingsFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop(tmp_path / "shop", settings_for(frail, timeout_s=TIMEOUT_S))
    release_id = shop.build().release_id
    client = TestClient(create_app(shop))
    usual = shop.search("wireless headphones", facets=True)
    assert not usual.degraded

    frail.pause()
    assert not shop.search("wireless headphones", 5, facets=True).degraded  # it is remembered
    slow = shop.search("headphones", facets=True)
    assert slow.degraded == (LEXICAL_ONLY,)
    assert {hit.item_id for hit in slow.hits} == {"e4", "e5"}
    assert slow.facets
    assert slow.latency_ms < 5_000 * TIMEOUT_S
    for query in ("coffee", "shoes"):
        shop.search(query)
    assert shop.release.done_without  # from here on nobody waits
    assert client.post("/v1/search", json={"query": "charger"}).json()["degraded"] == [LEXICAL_ONLY]
    assert "away" in client.get("/readyz").json()["degraded"][0]
    assert "aisle_index_away 1.0" in client.get("/metrics").text

    frail.kill()
    monkeypatch.setattr("aisle.index.milvus.server.WRITE_S", 0.5)
    with pytest.raises(AwayError, match="does not answer"):
        shop.build()
    assert [one.release_id for one in shop.releases()] == [shop.active_release_id()] == [release_id]
    opened = aisle.open(shop.folder, encoder=FakeEncoder())
    assert opened.search("coffee").degraded == (LEXICAL_ONLY,)
    opened.close()

    frail.start()
    until = time.monotonic() + 60
    while shop.search(f"wireless headphones {time.monotonic()}").degraded:
        assert time.monotonic() < until
        time.sleep(0.2)
    again = shop.search("wireless headphones", 9)
    assert [hit.item_id for hit in again.hits] == [hit.item_id for hit in usual.hits[:9]]
    assert "degraded" not in client.get("/readyz").json()
    assert "aisle_index_away 0.0" in client.get("/metrics").text
    shop.close()
