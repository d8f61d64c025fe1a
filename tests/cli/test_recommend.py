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
