from collections.abc import Callable
from pathlib import Path
from typing import Any


def releases(run_aisle: Callable[..., Any], shop: Path) -> Any:
    return run_aisle("release", "list", "--shop", shop, "--json").document


def test_a_build_adds_a_release_and_a_rollback_returns_to_the_one_before(
    run_aisle: Callable[..., Any], own_shop: Path
) -> None:
    first = releases(run_aisle, own_shop)["active"]
    second = run_aisle("build", "--shop", own_shop, "--json").document["release_id"]
    assert releases(run_aisle, own_shop)["active"] == second != first
    assert {each["release_id"] for each in releases(run_aisle, own_shop)["releases"]} == {first, second}
    assert run_aisle("release", "rollback", "--shop", own_shop).status == 0
    assert releases(run_aisle, own_shop)["active"] == first
    assert run_aisle("release", "activate", second, "--shop", own_shop).status == 0
    assert releases(run_aisle, own_shop)["active"] == second


def test_there_is_nothing_to_roll_back_to_after_one_build(run_aisle: Callable[..., Any], own_shop: Path) -> None:
    outcome = run_aisle("release", "rollback", "--shop", own_shop)
    assert outcome.status == 1
    assert "no earlier release" in outcome.err


def test_an_unknown_release_is_a_failure(run_aisle: Callable[..., Any], own_shop: Path) -> None:
    outcome = run_aisle("release", "activate", "20200101-000000-1", "--shop", own_shop)
    assert outcome.status == 1
    assert "20200101-000000-1" in outcome.err


def test_a_whole_release_is_verified(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    outcome = run_aisle("release", "verify", "--shop", built_shop)
    assert outcome.status == 0
    assert "checksums" in outcome.err


def test_a_changed_file_is_found(run_aisle: Callable[..., Any], own_shop: Path) -> None:
    active = releases(run_aisle, own_shop)["active"]
    damaged = own_shop / "releases" / active / "catalogue" / "items.jsonl"
    damaged.write_bytes(damaged.read_bytes().replace(b"USB", b"USC"))
    outcome = run_aisle("release", "verify", active, "--shop", own_shop)
    assert outcome.status == 1
    assert "items.jsonl" in outcome.err


def test_a_person_sees_which_release_is_active(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    active = releases(run_aisle, built_shop)["active"]
    (line,) = (line for line in run_aisle("release", "list", "--shop", built_shop).out.splitlines() if active in line)
    assert line.startswith("*")


def test_a_shop_without_releases_has_an_empty_list(run_aisle: Callable[..., Any], empty_shop: Path) -> None:
    assert releases(run_aisle, empty_shop) == {"active": None, "releases": []}


def share(shop: Path, storage: Path) -> None:
    """Give a shop a storage of releases."""
    toml = shop / "aisle.toml"
    toml.write_text(toml.read_text("utf-8").replace("[releases]\n", f'[releases]\nurl = "file://{storage}"\n'), "utf-8")


def test_a_release_goes_to_another_machine_through_the_storage(
    run_aisle: Callable[..., Any], own_shop: Path, empty_shop: Path, tmp_path: Path
) -> None:
    release_id = releases(run_aisle, own_shop)["active"]
    for shop in (own_shop, empty_shop):
        share(shop, tmp_path / "storage")
    pushed = run_aisle("release", "push", "--shop", own_shop, "--json").document
    assert pushed["release_id"] == release_id
    assert pushed["n_sent"] == pushed["n_files"]
    assert "0 of " in run_aisle("release", "push", "--shop", own_shop).err
    assert run_aisle("release", "activate", release_id, "--shop", own_shop).status == 0
    assert f"answers; {release_id} runs" in run_aisle("doctor", "--shop", own_shop).out
    there = run_aisle("release", "list", "--remote", "--shop", empty_shop, "--json").document
    assert (there["active"], there["releases"][0]["release_id"]) == (release_id, release_id)
    assert "match their checksums" in run_aisle("release", "pull", "--shop", empty_shop).err
    assert releases(run_aisle, empty_shop)["releases"][0]["release_id"] == release_id
    assert run_aisle("release", "verify", release_id, "--shop", empty_shop).status == 0


def test_without_the_servers_expected_nothing_is_activated(
    run_aisle: Callable[..., Any], own_shop: Path, tmp_path: Path
) -> None:
    release_id = releases(run_aisle, own_shop)["active"]
    share(own_shop, tmp_path / "storage")
    run_aisle("release", "push", "--shop", own_shop)
    call = ("release", "activate", release_id, "--shop", own_shop, "--together", "--deadline-s", "0.1")
    outcome = run_aisle(*call, "--replicas", "2")
    assert outcome.status == 1
    assert "nobody has switched: not ready before the deadline: 2 of 2 servers" in outcome.err
    assert run_aisle(*call).status == 2
    assert run_aisle(*call, "--replicas", "0").status == 2
    assert run_aisle("release", "list", "--remote", "--shop", own_shop, "--json").document["active"] is None


def test_a_shop_without_a_storage_says_how_to_have_one(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    outcome = run_aisle("release", "push", "--shop", built_shop)
    assert outcome.status == 1
    assert "set releases.url in aisle.toml" in outcome.err
