from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_a_shop_is_made_again_from_its_backup(run_aisle: Callable[..., Any], built_shop: Path, tmp_path: Path) -> None:
    made = run_aisle("backup", tmp_path / "backup", "--shop", built_shop, "--json").document
    assert made["store"] == "store.db"
    assert "aisle.toml" in made["files"]
    assert run_aisle("restore", tmp_path / "backup", tmp_path / "again", "--json").document == made
    outcome = run_aisle("release", "verify", "--shop", tmp_path / "again")
    assert outcome.status == 0
    assert made["release_id"] in outcome.err


def test_what_is_no_backup_is_a_failure(run_aisle: Callable[..., Any], built_shop: Path, tmp_path: Path) -> None:
    outcome = run_aisle("restore", built_shop, tmp_path / "again")
    assert outcome.status == 1
    assert "aisle backup FOLDER" in outcome.err
