from collections.abc import Callable
from pathlib import Path
from typing import Any

from aisle.settings import load_settings


def test_a_new_shop_has_settings_a_store_and_a_folder_of_releases(
    run_aisle: Callable[..., Any], tmp_path: Path
) -> None:
    outcome = run_aisle("init", tmp_path / "shop", "--name", "Corner shop")
    assert (outcome.status, outcome.out) == (0, "")
    assert load_settings(tmp_path / "shop" / "aisle.toml").shop.name == "Corner shop"
    assert (tmp_path / "shop" / "store.db").is_file()
    assert (tmp_path / "shop" / "releases").is_dir()


def test_a_shop_is_not_made_over_another(run_aisle: Callable[..., Any], empty_shop: Path) -> None:
    before = (empty_shop / "aisle.toml").read_text("utf-8")
    outcome = run_aisle("init", empty_shop, "--name", "Another")
    assert outcome.status == 1
    assert str(empty_shop) in outcome.err
    assert (empty_shop / "aisle.toml").read_text("utf-8") == before


def test_a_folder_that_is_no_shop_gets_a_message_that_says_what_to_do(
    run_aisle: Callable[..., Any], tmp_path: Path
) -> None:
    outcome = run_aisle("search", "x", "--shop", tmp_path / "nowhere", "--json")
    assert (outcome.status, outcome.out) == (1, "")
    assert "nowhere" in outcome.err
    assert "aisle init" in outcome.err
