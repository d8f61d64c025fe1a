"""docs/search.md and docs/relevance-tuning.md say what search does."""

import re
from pathlib import Path

import pytest

from aisle.errors import InputError
from aisle.index import parse_filter
from aisle.settings import setting_rows
from aisle.text.synonyms import read_synonyms

DOCS = Path(__file__).parents[2] / "docs"
SEARCH, TUNING = ((DOCS / name).read_text("utf-8") for name in ("search.md", "relevance-tuning.md"))
SETTINGS = {f"{table}.{key}" for table, key, _, _ in setting_rows()}
GRAMMAR = SEARCH.split("| filter | keeps |")[1].split("\n\n")[0]


def first_cells() -> list[str]:
    rows = [line.split("|")[1] for line in GRAMMAR.splitlines() if line.startswith("| `")]
    return [text for row in rows for text in re.findall("`(.*?)`", row)]


@pytest.mark.parametrize("text", first_cells())
def test_every_filter_of_the_page_can_be_read(text: str) -> None:
    assert parse_filter(text) is not None


def test_the_page_shows_the_message_of_a_filter_that_cannot_be_read() -> None:
    with pytest.raises(InputError) as refusal:
        parse_filter("price <")
    assert f"    {refusal.value}\n" in SEARCH


@pytest.mark.parametrize("page", [SEARCH, TUNING], ids=["search", "relevance-tuning"])
def test_every_setting_that_a_page_names_exists(page: str) -> None:
    named = set(re.findall(r"`((?:search|understand|index\.fields|encoder)\.\w+)", page))
    assert named - SETTINGS == set()


def test_the_synonyms_of_the_page_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "synonyms.txt"
    file.write_text(TUNING.split("```text\n")[1].split("```")[0], "utf-8")
    assert read_synonyms(file).of(["tv"]) == (("television", 0.9),)
    assert read_synonyms(file).of(["shoes"]) == ()
