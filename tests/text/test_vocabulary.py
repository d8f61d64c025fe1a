from pathlib import Path

import pytest

from aisle.errors import ReleaseError
from aisle.text.vocabulary import Vocabulary, general_english, learn_vocabulary, plain_words
from aisle.types import Item, Translation

ITEMS = [
    Item(
        "a",
        "Café lamp",
        brand="Lumo",
        description="A lamp for the desk",
        attributes={"Colour": "Red", "usb_port": True},
    ),
    Item("b", "Café lamps", category=("Lighting",), translations={"de": Translation(title="Kaffee Lampe")}),
]
VOCABULARY = learn_vocabulary(ITEMS, {"desk lamp": 7}, english={"desk": 0.5, "chair": 0.25})


def test_words_are_counted_by_where_they_stand() -> None:
    assert VOCABULARY.times("cafe") == 2
    assert VOCABULARY.times("lamp") == pytest.approx(1 + 0.2 + 7)
    assert VOCABULARY.times("red") == VOCABULARY.times("port") == VOCABULARY.times("kaffee") == 1
    assert VOCABULARY.times("chair") == VOCABULARY.times("sofa") == 0


def test_words_that_the_shop_uses_are_sold() -> None:
    assert VOCABULARY.sold("lumo")
    assert not VOCABULARY.sold("chair")


def test_pairs_are_counted_whatever_their_number() -> None:
    assert VOCABULARY.pair("cafe", "lamps") == VOCABULARY.pair("cafe", "lamp") == 2
    assert VOCABULARY.pair("desk", "lamp") == 7
    assert VOCABULARY.pair("kaffee", "lampe") == 0  # once only


def test_words_that_are_certainly_meant_are_firm() -> None:
    firm = {word for word, sure in zip(VOCABULARY.words, VOCABULARY.firm.tolist(), strict=True) if sure}
    assert firm == {"cafe"}


def test_a_vocabulary_comes_back_from_its_files(tmp_path: Path) -> None:
    VOCABULARY.save(tmp_path)
    loaded = Vocabulary.load(tmp_path)
    assert (loaded.words, loaded.pairs) == (VOCABULARY.words, VOCABULARY.pairs)
    assert loaded.log_shares.tolist() == VOCABULARY.log_shares.tolist()


@pytest.mark.parametrize("name", ["words.json", "words.npz"])
def test_damaged_files_are_refused(tmp_path: Path, name: str) -> None:
    VOCABULARY.save(tmp_path)
    (tmp_path / name).write_bytes(b"\x00nonsense")
    with pytest.raises(ReleaseError, match="run aisle build"):
        Vocabulary.load(tmp_path)


def test_english_words_have_their_shares() -> None:
    english = general_english()
    assert len(english) > 80_000
    assert english["the"] > english["lamp"] > 0
    assert "iphnoe" not in english


def test_words_are_plain() -> None:
    assert plain_words("ＵＳＢ Café, 无线 TN-2110") == ["usb", "cafe", "tn", "2110"]
