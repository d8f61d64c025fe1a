from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_a_known_user_gets_a_shelf_of_their_own(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    shelf = run_aisle("recommend", "--user", "cid", "--shop", built_shop, "-k", 3, "--json").document
    assert shelf["name"] == "for_you"
    assert [hit["rank"] for hit in shelf["hits"]] == [1, 2, 3]


def test_an_unknown_user_gets_what_is_popular(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    shelf = run_aisle("recommend", "--user", "nobody", "--shop", built_shop, "--json").document
    assert shelf["name"] == "popular"
    assert shelf["hits"]


def test_a_person_sees_a_table(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    outcome = run_aisle("recommend", "--user", "cid", "--shop", built_shop)
    assert outcome.status == 0
    assert "for_you" in outcome.out


def test_another_shelf_is_named(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    shelf = run_aisle("recommend", "--shelf", "rising", "--shop", built_shop, "-k", 1, "--json").document
    assert (shelf["name"], shelf["hits"][0]["item_id"]) == ("rising", "s1")


def test_an_unknown_shelf_is_a_wrong_call(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    outcome = run_aisle("recommend", "--shelf", "risin", "--shop", built_shop)
    assert outcome.status == 2
    assert "rising" in outcome.err


def test_the_next_act_is_told(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    assert "Next act: view 41%" in run_aisle("recommend", "--user", "cid", "--shop", built_shop).out
    shares = run_aisle("recommend", "--user", "cid", "--shop", built_shop, "--json").document["next_act"]
    assert abs(sum(shares.values()) - 1) < 1e-5
