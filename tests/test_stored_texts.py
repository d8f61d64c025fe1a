from pathlib import Path

import numpy as np
import pytest

from aisle.stored_texts import StoredTexts, write_texts

TEXTS = ["b-1", "", "商品", "a", "i" * 500]


@pytest.fixture
def stored(tmp_path: Path) -> StoredTexts:
    write_texts(iter(TEXTS), tmp_path, "ids")
    return StoredTexts.load(tmp_path, "ids")


def test_texts_and_numbers_lead_to_each_other(stored: StoredTexts) -> None:
    assert list(stored) == TEXTS
    assert [stored[text] for text in TEXTS] == [0, 1, 2, 3, 4]
    assert [stored.text_of(number) for number in range(5)] == TEXTS
    assert "c" not in stored
    assert stored.get("c") is None
    with pytest.raises(KeyError):
        stored["b"]
    with pytest.raises(IndexError):
        stored.text_of(5)


def test_texts_of_one_hash_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aisle.stored_texts._hash", len)
    write_texts(["ab", "cd", "e", "fg"], tmp_path, "ids")
    stored = StoredTexts.load(tmp_path, "ids")
    assert [stored[text] for text in ("ab", "cd", "e", "fg")] == [0, 1, 2, 3]
    assert "xy" not in stored


def test_added_texts_come_after_the_stored_ones(stored: StoredTexts, tmp_path: Path) -> None:
    assert (stored.add("new"), stored.add("newer")) == (5, 6)
    assert (stored["newer"], stored.text_of(5), len(stored)) == (6, "new", 7)
    assert len(StoredTexts.load(tmp_path, "ids")) == 5


def test_no_texts_at_all(tmp_path: Path) -> None:
    write_texts([], tmp_path, "ids")
    assert list(StoredTexts.load(tmp_path, "ids")) == []


def test_files_that_do_not_belong_together_are_refused(stored: StoredTexts, tmp_path: Path) -> None:
    np.save(tmp_path / "ids_order.npy", np.arange(3, dtype=np.int32))
    with pytest.raises(ValueError, match="5 texts with 5 hashes"):
        StoredTexts.load(tmp_path, "ids")
