from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from aisle.errors import ReleaseError
from aisle.text.near_words import NearWords

WORDS = ["headphones", "headset", "iphone", "lamp", "camp", "kühlschrank", "knife"]
NEAR = NearWords.of(WORDS, range(len(WORDS)))


def found(word: str, slips: int = 2) -> set[str]:
    return {WORDS[place] for place in NEAR.find(word, slips)[0].tolist()}


def test_words_within_two_slips_are_found() -> None:
    assert "headphones" in found("headfones")
    assert "iphone" in found("iphnoe")
    assert "kühlschrank" in found("kuhlschrank")
    assert found("amp", 1) == {"lamp", "camp"}


def test_words_that_sound_the_same_are_found_and_marked() -> None:
    places, same_sound = NEAR.find("nife", 1)
    assert [WORDS[place] for place in places[same_sound].tolist()] == ["knife"]


def test_nothing_is_near_to_nonsense() -> None:
    assert found("zzzzzzzzz") == set()
    assert len(NearWords.of([], []).find("lamp", 2)[0]) == 0


@given(st.sampled_from(WORDS), st.text("abcdefgh", min_size=3, max_size=12))
def test_no_near_word_is_missed(word: str, typed: str) -> None:
    if OSA.distance(typed, word) <= 2:
        assert word in found(typed)


@given(st.sampled_from(WORDS), st.integers(0, 11), st.integers(0, 11), st.sampled_from("abcxyz"))
def test_two_slips_of_any_kind_are_found(word: str, first: int, second: int, letter: str) -> None:
    dropped = word[: first % len(word)] + word[first % len(word) + 1 :]
    at = second % (len(dropped) + 1)
    assert word in found(dropped[:at] + letter + dropped[at:])


def test_saved_words_are_found_again(tmp_path: Path) -> None:
    NEAR.save(tmp_path)
    loaded = NearWords.load(tmp_path, len(WORDS))
    assert np.array_equal(loaded.hashes, NEAR.hashes)
    assert np.array_equal(loaded.places, NEAR.places)


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="run aisle build"):
        NearWords.load(tmp_path, 1)
    NEAR.save(tmp_path)
    with pytest.raises(ReleaseError, match="do not belong together"):
        NearWords.load(tmp_path, 3)
