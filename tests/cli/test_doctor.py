import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aisle.cli import checks


def statuses(outcome: Any) -> dict[str, str]:
    return {check["name"]: check["status"] for check in outcome.document["checks"]}


def test_a_shop_that_is_well_passes(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    outcome = run_aisle("doctor", "--shop", built_shop, "--json")
    assert outcome.status == 0
    assert outcome.document["ok"] is True
    found = statuses(outcome)
    assert list(found) == ["python", "packages", "encoder", "disk", "settings", "store", "release", "port"]
    assert {found[name] for name in ("python", "packages", "encoder", "settings", "store", "release")} == {"ok"}


def test_a_person_sees_a_table(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    outcome = run_aisle("doctor", "--shop", built_shop)
    assert outcome.status == 0
    assert "12 items, 32 events, 11 judgments" in outcome.out


def test_a_folder_that_is_no_shop_fails(run_aisle: Callable[..., Any], tmp_path: Path) -> None:
    outcome = run_aisle("doctor", "--shop", tmp_path, "--json")
    assert outcome.status == 1
    assert outcome.document["ok"] is False
    assert outcome.document["checks"][-1]["remedy"].startswith("make one with `aisle init`")


def test_without_a_shop_the_machine_alone_is_looked_at(
    run_aisle: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert list(statuses(run_aisle("doctor", "--json"))) == ["python", "packages", "encoder", "disk"]


def test_a_damaged_release_fails(run_aisle: Callable[..., Any], own_shop: Path) -> None:
    damaged = next((own_shop / "releases").glob("*/catalogue/item_ids.npy"))
    damaged.write_text("[]")
    outcome = run_aisle("doctor", "--shop", own_shop, "--json")
    assert outcome.status == 1
    assert statuses(outcome)["release"] == "fail"


def test_a_shop_without_items_or_releases_is_warned_about(run_aisle: Callable[..., Any], empty_shop: Path) -> None:
    outcome = run_aisle("doctor", "--shop", empty_shop, "--json")
    assert outcome.status == 0
    assert (statuses(outcome)["store"], statuses(outcome)["release"]) == ("warn", "warn")


def test_a_mistake_in_the_settings_fails(run_aisle: Callable[..., Any], own_shop: Path) -> None:
    (own_shop / "aisle.toml").write_text("[serving]\nprot = 1\n")
    outcome = run_aisle("doctor", "--shop", own_shop, "--json")
    assert outcome.status == 1
    assert 'did you mean "port"?' in outcome.document["checks"][-1]["found"]


def test_other_weights_than_the_published_ones_fail(
    run_aisle: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("aisle.cli.checks.file_sha256", lambda path: "0" * 64)
    outcome = run_aisle("doctor", "--json")
    assert outcome.status == 1
    assert statuses(outcome)["encoder"] == "fail"


def test_a_missing_package_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "aisle.cli.checks.metadata.requires", lambda _: ["numpy>=2", "not-installed>=1", 'x; extra == "dev"']
    )
    check = checks.check_packages()
    assert (check.status, check.found) == ("fail", "missing or of another version: not-installed>=1")


def test_a_package_of_another_version_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aisle.cli.checks.metadata.requires", lambda _: ["numpy>=99"])
    assert checks.check_packages().status == "fail"


@pytest.mark.parametrize(("free", "status"), [(10**10, "ok"), (10**9, "warn"), (10**8, "fail")])
def test_disk_space_runs_low_before_it_runs_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, status: str
) -> None:
    monkeypatch.setattr("aisle.cli.checks.free_bytes", lambda _: free)
    assert checks.check_disk(tmp_path).status == status


def test_a_port_that_is_taken_is_warned_about() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        check = checks.check_port("127.0.0.1", taken.getsockname()[1])
    assert check.status == "warn"
    assert "aisle serve --port" in check.remedy
