import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.text import has_chinese, normalise


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" \t\n ", ""),
        ("  USB  cable\n", "USB cable"),
        ("ＵＳＢ－Ｃ　１２３", "USB-C 123"),
        ("cafe\u0301", "café"),
        ("½ ﬁne ㎏", "1⁄2 fine kg"),
        ("无线　耳机", "无线 耳机"),
        ("Straße", "Straße"),
    ],
)
def test_texts_have_one_spelling(text: str, expected: str) -> None:
    assert normalise(text) == expected


@given(st.text())
def test_what_is_normal_stays_as_it_is(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False),
        ("USB-C", False),
        ("naïve café", False),
        ("日本のかな", True),
        ("かな", False),
        ("USB数据线", True),
        ("豈", True),
    ],
)
def test_chinese_characters_are_seen(text: str, expected: bool) -> None:
    assert has_chinese(text) is expected
