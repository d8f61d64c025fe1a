import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_json_holds_the_slate_and_nothing_else(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    outcome = run_aisle("search", "usb c cable", "--shop", built_shop, "-k", 3, "--json")
    assert outcome.status == 0
    assert outcome.document["query"] == "usb c cable"
    assert [hit["rank"] for hit in outcome.document["hits"]] == [1, 2, 3]
    best = outcome.document["hits"][0]
    assert best["item_id"] in ("e1", "e2")
    assert best["item"]["title"].startswith("USB-C cable")
    assert best["item"]["category"] == ["Electronics", "Cables"]
    assert {"kind", "detail"} == set(best["reasons"][0])
    assert best["score"] > 0


def test_filters_keep_what_passes(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    hits = run_aisle("search", "usb c", "--shop", built_shop, "--filter", "price < 10", "--json").document["hits"]
    assert [hit["item_id"] for hit in hits if hit["item"]["price"] >= 10] == []
    assert hits[0]["item_id"] == "e1"


def test_an_empty_query_browses(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    answer = run_aisle("search", "", "--shop", built_shop, "--sort", "price_asc", "-k", 2, "--json").document
    assert answer["n_hits"] == 12
    assert [hit["item_id"] for hit in answer["hits"]] == ["k3", "e1"]


def test_facets_come_when_they_are_asked_for(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    with_facets = run_aisle("search", "headphones", "--shop", built_shop, "--facets", "--json").document
    assert "brand" in [facet["field"] for facet in with_facets["facets"]]
    assert run_aisle("search", "headphones", "--shop", built_shop, "--json").document["facets"] == []


def test_a_mended_query_says_so_beside_the_table(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    outcome = run_aisle("search", "headfones", "--shop", built_shop)
    assert 'Showing results for "headphones". Search instead for "headfones": --no-spelling' in outcome.err
    assert 'items for "headphones"' in outcome.out
    exact = run_aisle("search", "headfones", "--shop", built_shop, "--no-spelling")
    assert "Showing results" not in exact.err
    assert 'items for "headfones"' in exact.out


def test_what_was_understood_is_said_and_can_be_taken_back(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    call = ("search", "headphones under 50 euro", "--shop", built_shop)
    outcome = run_aisle(*call)
    assert 'Understood "under 50 euro" as price <= 50 (filters, 100% sure)' in outcome.err
    assert "take it back: --without 'price <= 50'" in outcome.err
    again = run_aisle(*call, "--without", "price <= 50", "--json").document
    assert "e4" in [hit["item_id"] for hit in again["hits"]]


def test_one_item_of_each_product_is_shown_when_asked_for(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    hits = run_aisle("search", "usb c cable", "--shop", built_shop, "--grouped", "--json").document["hits"]
    groups = [hit["item"]["group_id"] for hit in hits if hit["item"].get("group_id")]
    assert len(groups) == len(set(groups))


def test_a_person_sees_a_table(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    outcome = run_aisle("search", "espresso machine", "--shop", built_shop, "--facets")
    assert outcome.status == 0
    assert "Espresso machine" in outcome.out
    assert "250.00 EUR" in outcome.out
    assert 'brand = "Roma"' in outcome.out
    assert " ms" in outcome.out


@pytest.mark.parametrize(
    "wrong", [("--filter", "price <"), ("--filter", "prise < 3"), ("--sort", "cheapest"), ("--offset", "-1")]
)
def test_a_filter_or_order_that_cannot_be_read_is_a_wrong_call(
    run_aisle: Callable[..., Any], built_shop: Path, wrong: tuple[str, str]
) -> None:
    outcome = run_aisle("search", "cable", "--shop", built_shop, *wrong, "--json")
    assert (outcome.status, outcome.out) == (2, "")
    assert "Error: " in outcome.err


def test_a_shop_without_a_release_says_what_to_do(run_aisle: Callable[..., Any], empty_shop: Path) -> None:
    outcome = run_aisle("search", "cable", "--shop", empty_shop)
    assert outcome.status == 1
    assert "aisle build" in outcome.err


def test_a_search_from_the_shell_is_pure_json_and_loads_neither_torch_nor_fastapi(built_shop: Path) -> None:
    call = ["search", "usb c cable", "--shop", str(built_shop), "--json"]
    code = f"""
import sys
from aisle.cli import main
try:
    main({call!r})
finally:
    print(*sys.modules, file=sys.stderr)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(ended.stdout)["hits"]
    assert not {"torch", "transformers", "fastapi", "onnx", "PIL"} & set(ended.stderr.split())


def test_the_environment_may_name_the_shop(
    run_aisle: Callable[..., Any], built_shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AISLE_SHOP", str(built_shop))
    assert run_aisle("search", "cable", "--json").document["n_hits"] > 0
