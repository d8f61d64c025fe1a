"""The pages that come from the code say what the code says."""

import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aisle.settings import setting_rows

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def generator() -> dict[str, Any]:
    return runpy.run_path(str(DOCS / "generate.py"))


@pytest.mark.parametrize("page", ["settings", "cli"])
def test_the_page_is_what_the_generator_writes(generator: dict[str, Any], page: str) -> None:
    written = (DOCS / f"{page}.md").read_text("utf-8")
    assert written == generator[f"{page}_page"](), f"docs/{page}.md is out of date; run: make docs"


def test_every_setting_stands_on_the_page_with_its_table_and_meaning() -> None:
    sections = {part.split("`")[0]: part for part in (DOCS / "settings.md").read_text("utf-8").split("\n## `")[1:]}
    for table, key, _, meaning in setting_rows():
        assert meaning, f"{table}.{key} has no description"
        assert f"| `{key}` | " in sections[f"[{table}]"]
        assert meaning.split(";")[0] in sections[f"[{table}]"]


def test_every_setting_has_one_row() -> None:
    rows = [line for line in (DOCS / "settings.md").read_text("utf-8").splitlines() if line.startswith("| `")]
    assert len(rows) == sum(1 for _ in setting_rows())


def links(page: Path) -> Iterator[str]:
    for part in page.read_text("utf-8").split("](")[1:]:
        target = part.split(")")[0].split("#")[0]
        if target and "://" not in target:
            yield target


@pytest.mark.parametrize("page", sorted([*DOCS.glob("*.md"), *DOCS.parent.glob("*.md")]), ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    assert [target for target in links(page) if not (page.parent / target).exists()] == []
