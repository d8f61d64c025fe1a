from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.errors import ReleaseError
from aisle.text import Language, ReadQuery, Word, learn_language
from aisle.types import Item

TITLES = (
    "Wireless headphones",
    "USB headphones",
    "Headset",
    "Headset black",
    "Desk lamp",
    "RTX 2060",
    "RTX 2060",
    "Sofa",
)
ITEMS = [Item(str(n), title) for n, title in enumerate(TITLES)]
CLICKS = pl.DataFrame({"query": ["sofa"] * 2 + ["couch"] * 2, "item_id": ["1", "2"] * 2, "n": [5, 5, 5, 5]})


@pytest.fixture(scope="module")
def language(tmp_path_factory: pytest.TempPathFactory) -> Language:
    file = tmp_path_factory.mktemp("words") / "synonyms.txt"
    file.write_text("headphones = 耳机\nbedside light => lamp\n", "utf-8")
    return learn_language(
        ITEMS, {"desk lamp": 3}, file, CLICKS, english={"for": 0.1, "the": 0.2, "head": 0.1, "set": 0.1}
    )


def test_a_query_is_mended_and_says_so(language: Language) -> None:
    read = language.read("Wireles headfones  TN-2110")
    assert (read.query, read.corrected) == ("Wireles headfones TN-2110", "wireless headphones TN-2110")
    assert [word.term_text for word in read.words] == ["wireless", "headphones", "TN-2110"]


def test_a_query_is_searched_as_typed_when_asked_for(language: Language) -> None:
    assert language.read("headfones", spelling=False) == ReadQuery("headfones", "", (Word("headfones"),))


def test_a_right_query_is_not_corrected(language: Language) -> None:
    assert language.read("desk lamp").corrected == ""


def test_words_come_with_what_else_is_meant(language: Language) -> None:
    assert language.read("headphones").words == (Word("headphones", (("耳机", 0.9),)),)
    assert language.read("耳机").words == (Word("耳机", (("headphones", 0.9),)),)
    assert language.read("rtx2060").words == (Word("rtx2060", (("rtx 2060", 0.8),)),)
    assert language.read("red couch").words[1] == Word("couch", (("sofa", 0.7),))


def test_a_phrase_gives_its_alternatives_to_each_of_its_words(language: Language) -> None:
    assert language.read("head set").words == (Word("head", (("headset", 0.8),)), Word("set", (("headset", 0.8),)))
    assert [word.alternatives for word in language.read("bedside light red").words] == [(("lamp", 0.9),)] * 2 + [()]


def test_stop_words_are_optional(language: Language) -> None:
    assert [word.optional for word in language.read("lamp for the desk").words] == [False, True, True, False]


def test_a_query_without_words_has_none(language: Language) -> None:
    assert language.read(" ?! ") == ReadQuery("?!", "", ())
    assert language.read("") == ReadQuery("", "", ())


def test_a_language_comes_back_from_its_folder(language: Language, tmp_path: Path) -> None:
    language.save(tmp_path / "language")
    loaded = Language.load(tmp_path / "language")
    for query in ("wireles headfones", "head set", "couch", "耳机"):
        assert loaded.read(query) == language.read(query)


@pytest.mark.parametrize("name", ["words.json", "words.npz", "near_hashes.npy", "near_places.npy", "synonyms.json"])
def test_a_damaged_folder_is_refused(language: Language, tmp_path: Path, name: str) -> None:
    language.save(tmp_path)
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(ReleaseError, match="run aisle build"):
        Language.load(tmp_path)


@given(st.text() | st.text("headphons无线耳机 12 -", max_size=30))
def test_any_query_can_be_read(language: Language, query: str) -> None:
    read = language.read(query)
    assert all(0 < weight < 1 for word in read.words for _, weight in word.alternatives)
    assert not read.words or not all(word.optional for word in read.words)
