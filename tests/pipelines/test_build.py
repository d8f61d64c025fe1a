"""Building: from the store to a release that answers."""

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import pytest

import aisle
from aisle.errors import InputError
from aisle.pipelines import STAGES
from aisle.shop import Shop
from aisle.testing.encoder import FakeEncoder
from aisle.testing.toy_shop import toy_items
from aisle.types import Item


def test_stages_are_heard_in_order(new_shop: Callable[[], Shop]) -> None:
    heard: list[str] = []
    new_shop().build(lambda stage, done, total: heard.append(stage))
    assert list(dict.fromkeys(heard)) == list(STAGES)


def test_shop_without_items_cannot_be_built(tmp_path: object) -> None:
    shop = aisle.init(f"{tmp_path}/empty")
    empty = aisle.open(shop.folder, encoder=FakeEncoder())
    with pytest.raises(InputError, match="the store holds no items; give it some: aisle ingest items"):
        empty.build()
    empty.close()
    shop.close()


def test_changed_items_are_found_without_a_rebuild(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    shop.build()
    assert shop.search("xylophone").hits[0].item_id != "n1"
    shop.store.upsert_items([Item("n1", "Wooden xylophone", price=40.0), Item("k3", "Coffee mug", price=7.5)])
    shop.store.delete_items(["e2"])
    assert shop.refresh()
    assert shop.search("xylophone").hits[0].item_id == "n1"
    assert shop.search(filters="price = 7.5").hits[0].item_id == "k3"
    assert "e2" not in {hit.item_id for hit in shop.search("", k=20).hits}
    assert "e2" not in {hit.item_id for hit in shop.search("usb c cable", k=20).hits}
    assert "e2" not in {hit.item_id for hit in shop.popular(20).hits}
    assert not shop.refresh()


def test_changes_since_the_build_are_seen_after_a_restart(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    shop.build()
    shop.store.upsert_items([Item("n1", "Wooden xylophone")])
    again = aisle.open(shop.folder, encoder=FakeEncoder())
    assert again.search("xylophone").hits[0].item_id == "n1"
    assert again.verify()  # what changed is in memory: the release's files are as they were
    again.close()


def test_new_release_is_taken_up_by_refresh_alone(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    first = shop.build().release_id
    assert shop.search("mug").release_id == first
    second = shop.build().release_id
    assert shop.search("mug").release_id == first
    assert shop.refresh()
    assert shop.search("mug").release_id == second


def test_suggestions_come_from_titles_brands_categories_and_queries(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    shop.log(
        {"kind": "search", "query": query, "user_id": "u"} for query in ("Coffee", "coffee", "coffee", "qqqq", "qqqq")
    )
    shop.build()
    found = {(suggestion.text, suggestion.kind) for suggestion in shop.complete("co", 20)}
    assert ("coffee", "query") in found
    assert ("Coffee grinder", "item") in found
    assert shop.complete("qqq") == ()  # typed twice, and finds nothing
    assert [suggestion.kind for suggestion in shop.complete("Sono")] == ["brand"]
    assert "无线耳机" in {suggestion.text for suggestion in shop.complete("耳", locale="zh")}


def test_warmed_release_answers_like_a_cold_one(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    shop.build()
    assert shop.refresh(warm=True)
    assert not shop.refresh(warm=True)
    assert shop.search("mug").hits[0].item_id == "k3"


def test_an_unchanged_item_is_never_encoded_again(new_shop: Callable[[], Shop]) -> None:
    class Known(FakeEncoder):
        fingerprint = "letters"

    shop = new_shop()
    shop._encoder = Known()
    assert shop.build().vectors_known == 0
    again = shop.build()
    assert again.vectors_known == 1
    assert (shop.folder / "cache" / "vectors.db").exists()
    changed = replace(toy_items()[0], title="Something else")
    shop.store.upsert_items([changed])
    assert shop.build().vectors_known == pytest.approx(1 - 1 / again.n_items, abs=1e-4)
    assert shop.release.index.vectors.shape == (again.n_items, 26)


ENCODE_AND_DIE = """
import os, signal, sys
import aisle
from aisle.pipelines import build
from aisle.testing.encoder import FakeEncoder

class Known(FakeEncoder):
    fingerprint = "letters"

def progress(stage, done, total):
    if (stage, done) == ("encode", 12):
        os.kill(os.getpid(), signal.SIGKILL)

sys.modules["aisle.pipelines.build"].ENCODED = 4
aisle.open(sys.argv[1], encoder=Known()).build(progress)
"""


def test_encoding_goes_on_where_a_kill_ended_it(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    running = shop.build().release_id
    command = [sys.executable, "-c", ENCODE_AND_DIE, str(shop.folder)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == -signal.SIGKILL
    assert shop.active_release_id() == running

    class Known(FakeEncoder):
        fingerprint = "letters"

    shop._encoder = Known()
    assert shop.build().vectors_known == pytest.approx(8 / 12, abs=1e-4)
    assert shop.active_release_id() != running


@pytest.mark.parametrize("vectors", ["int8", "binary"])
def test_a_shop_with_smaller_vectors_answers_alike(
    new_shop: Callable[[], Shop], toy_shop: Shop, vectors: Literal["int8", "binary"]
) -> None:
    full, small = toy_shop, new_shop()
    small.settings = small.settings.model_copy(
        update={"index": small.settings.index.model_copy(update={"vectors": vectors, "exact_below": 4})}
    )
    small.build()
    for query in ("usb c cable", "coffee", "running shoes"):
        assert small.search(query).hits[0].item_id == full.search(query).hits[0].item_id
    assert small.similar("e1").hits[0].item_id == full.similar("e1").hits[0].item_id
    shelves = [[hit.item_id for hit in shop.recommend("u1").hits] for shop in (small, full)]
    assert shelves[0] == shelves[1]
