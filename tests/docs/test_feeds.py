"""docs/feeds.md names every field and every format that sources read."""

from pathlib import Path

import pytest

from aisle.sources.mapping import COLUMNS

PAGE = (Path(__file__).parents[2] / "docs" / "feeds.md").read_text("utf-8")


@pytest.mark.parametrize("kind", sorted(COLUMNS))
def test_every_field_stands_on_the_page(kind: str) -> None:
    section = PAGE.split(f"### {kind.capitalize()}\n")[1].split("\n#")[0]
    assert [field for field in COLUMNS[kind] if f"`{field}`" not in section] == []  # type: ignore[index]
