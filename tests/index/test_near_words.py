import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from aisle.index.near_words import NearWords, allowed_errors

WORDS = NearWords.of(["cable", "cables", "case", "charger", "headphones", "headset", "usb"])


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("cab", [("cab", 0)]),
        ("cbale", [("cable", 1)]),
        ("chargre", [("charge", 1)]),
        ("headpx", [("headp", 1)]),
        ("us", [("us", 0)]),
        ("ubs", []),
        ("able", []),
        ("eadphones", [("headphones", 2)]),
        ("xeadphones", [("headphones", 2)]),
        ("xheadphones", [("headphones", 2)]),
        ("ehadphones", [("headphones", 2)]),
        ("zzzz", []),
    ],
)
def test_beginnings_of_words_are_found(typed: str, expected: list[tuple[str, int]]) -> None:
    assert [(near.text, near.distance) for near in WORDS.beginnings(typed)] == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("cable", [("cable", 0)]),
        ("cabel", [("cable", 1)]),
        ("cab", []),
        ("usb", [("usb", 0)]),
        ("headfones", [("headphones", 2)]),
        ("eadphones", [("headphones", 2)]),
    ],
)
def test_whole_words_are_found(typed: str, expected: list[tuple[str, int]]) -> None:
    assert [(near.text, near.distance) for near in WORDS.whole(typed)] == expected


@given(st.lists(st.text("abc", min_size=1, max_size=10), max_size=8), st.text("abc", min_size=1, max_size=10))
def test_every_word_that_is_near_enough_is_found(words: list[str], typed: str) -> None:
    errors = allowed_errors(len(typed))
    near = {
        word
        for word in words
        for length in range(len(word) + 1)
        if word[:1] == typed[0] and OSA.distance(typed, word[:length]) <= errors
    }
    found = [one.text for one in NearWords.of(words).beginnings(typed)]
    if len(found) < 8:
        assert near <= {word for word in words if any(word.startswith(text) for text in found)}
