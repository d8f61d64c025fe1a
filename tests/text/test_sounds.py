import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.text.sounds import sound_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("headphones", "headfones"),
        ("knife", "nife"),
        ("wrench", "rench"),
        ("psalm", "salm"),
        ("accessories", "acsessories"),
        ("station", "stashun"),
        ("light", "lite"),
        ("quick", "kwik"),
    ],
)
def test_words_that_sound_alike_have_one_key(one: str, other: str) -> None:
    assert sound_key(one) == sound_key(other)


def test_words_that_sound_different_have_two() -> None:
    assert len({sound_key(word) for word in ("lamp", "ramp", "lamb", "alarm", "camp")}) == 5


@given(st.text("abcdefghijklmnopqrstuvwxyz", max_size=20))
def test_a_key_is_never_longer_by_much(word: str) -> None:
    assert len(sound_key(word)) <= 2 * len(word)
