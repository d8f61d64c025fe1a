import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import aisle

SMALL = ("--items", 60, "--users", 10, "--no-serve")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "demo-shop"


def test_the_sample_shop_is_made_once(run_aisle: Callable[..., Any], folder: Path) -> None:
    first = run_aisle("demo", "--folder", folder, *SMALL)
    assert (first.status, first.out) == (0, "")
    assert f"Made the sample shop in {folder}" in first.err
    listed = run_aisle("release", "list", "--shop", folder, "--json").document
    second = run_aisle("demo", "--folder", folder, *SMALL)
    assert (second.status, second.err) == (0, "")
    assert run_aisle("release", "list", "--shop", folder, "--json").document == listed
    assert [path.name for path in folder.parent.iterdir()] == ["demo-shop"]


def test_the_sample_shop_can_be_searched_in_both_languages(run_aisle: Callable[..., Any], folder: Path) -> None:
    assert run_aisle("demo", "--folder", folder, *SMALL).status == 0
    browsed = run_aisle("search", "", "--shop", folder, "-k", 60, "--json").document
    assert browsed["n_hits"] == 60
    item = browsed["hits"][0]["item"]
    for title in (item["title"], item["translations"]["zh"]["title"]):
        found = run_aisle("search", title, "--shop", folder, "-k", 1, "--json").document
        assert found["hits"][0]["item_id"] == item["item_id"]
    assert (folder / "pictures" / f"{item['item_id']}.svg").is_file()


def test_what_an_interrupted_run_left_behind_is_made_anew(
    run_aisle: Callable[..., Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("aisle.shop.Shop.build", interrupted)
        assert run_aisle("demo", "--folder", folder, *SMALL).status == 130
    assert not folder.exists()
    assert run_aisle("demo", "--folder", folder, *SMALL).status == 0
    assert run_aisle("doctor", "--shop", folder, "--json").status == 0


def test_two_runs_at_once_do_not_spoil_each_other(
    run_aisle: Callable[..., Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others: list[Any] = []
    build = aisle.shop.Shop.build

    def meanwhile(*arguments: Any) -> Any:
        others.append(run_aisle("demo", "--folder", folder, *SMALL))
        return build(*arguments)

    monkeypatch.setattr("aisle.shop.Shop.build", meanwhile)
    assert run_aisle("demo", "--folder", folder, *SMALL).status == 0
    assert [(other.status, "another `aisle demo` is making this shop" in other.err) for other in others] == [(1, True)]
    assert run_aisle("doctor", "--shop", folder, "--json").status == 0
    assert [path.name for path in folder.parent.iterdir()] == ["demo-shop"]


def test_a_folder_that_cannot_be_made_is_an_error_of_the_caller(run_aisle: Callable[..., Any], folder: Path) -> None:
    folder.write_text("a file", "utf-8")
    outcome = run_aisle("demo", "--folder", folder / "inside", *SMALL)
    assert (outcome.status, "choose a --folder that can be written" in outcome.err) == (1, True)
    assert folder.read_text("utf-8") == "a file"


def test_a_rebuild_makes_it_anew(run_aisle: Callable[..., Any], folder: Path) -> None:
    assert run_aisle("demo", "--folder", folder, *SMALL).status == 0
    (folder / "aisle.toml").write_text("")
    assert run_aisle("demo", "--folder", folder, "--rebuild", "--seed", 8, *SMALL).status == 0
    assert "Aisle sample shop" in (folder / "aisle.toml").read_text("utf-8")
    assert "seed 8" in (folder / ".sample-shop").read_text("utf-8")


def test_a_folder_that_holds_something_else_is_left_alone(run_aisle: Callable[..., Any], own_shop: Path) -> None:
    before = json.dumps(sorted(map(str, own_shop.rglob("*"))))
    for options in ((), ("--rebuild",)):
        outcome = run_aisle("demo", "--folder", own_shop, *options, *SMALL)
        assert outcome.status == 1
        assert "was not made by `aisle demo`" in outcome.err
    assert json.dumps(sorted(map(str, own_shop.rglob("*")))) == before
