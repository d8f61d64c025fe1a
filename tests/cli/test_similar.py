from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_similar_items_leave_out_the_item_itself(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    shelf = run_aisle("similar", "e1", "--shop", built_shop, "-k", 3, "--json").document
    assert shelf["name"] == "similar"
    assert len(shelf["hits"]) == 3
    assert "e1" not in [hit["item_id"] for hit in shelf["hits"]]


def test_an_unknown_item_is_a_failure(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    outcome = run_aisle("similar", "e99", "--shop", built_shop, "--json")
    assert (outcome.status, outcome.out) == (1, "")
    assert "e99" in outcome.err


def test_a_person_sees_a_table(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    assert "similar to e1" in run_aisle("similar", "e1", "--shop", built_shop).out


def test_what_is_bought_together(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    call = ("similar", "k1", "--bought-together", "--shop", built_shop)
    shelf = run_aisle(*call, "--json").document
    assert (shelf["name"], shelf["hits"]) == ("bought_together", [])  # one basket is no rule
    assert "bought together with k1" in run_aisle(*call).out
