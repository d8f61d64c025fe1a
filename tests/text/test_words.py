import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.text import segment, terms
from aisle.text.words import MAX_WORD_LENGTH


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  -- !?", []),
        ("Running shoes, runner's RUN", ["run", "shoe", "runner", "s", "run"]),
        ("USB-C 3.5mm TN-2110", ["usb", "c", "3", "5mm", "3d5mm", "tn", "2110"]),
        ("Café ÀÉ naïve", ["cafe", "ae", "naiv"]),
        ("ＵＳＢ　Ｃａｂｌｅｓ", ["usb", "cabl"]),
        ("无线耳机", ["无线", "耳机", "无线耳机"]),
        ("意式咖啡机", ["意式", "咖啡", "咖啡机"]),
        ("USB数据线65W", ["usb", "数据", "数据线", "65w"]),
        ("mug mug", ["mug", "mug"]),
    ],
)
def test_texts_are_split_into_words(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_a_query_has_the_words_of_the_text_it_means() -> None:
    assert terms("HEADPHONE") == terms("headphones")
    assert set(terms("耳机")) <= set(terms("无线耳机"))


def test_very_long_words_are_left_out() -> None:
    assert terms("mug " + "x" * MAX_WORD_LENGTH + " cup") == ["mug", "cup"]
    assert terms("x" * (MAX_WORD_LENGTH - 1)) == ["x" * (MAX_WORD_LENGTH - 1)]


def test_segments_of_other_languages_are_the_text_in_normal_form() -> None:
    assert segment("  Wireless   headphones ") == "Wireless headphones"


@given(st.text() | st.text("无线耳机意式咖啡aB1- \n", max_size=40))
def test_words_are_lower_case_without_spaces(text: str) -> None:
    for word in terms(text):
        assert word
        assert not any(letter.isspace() or "A" <= letter <= "Z" for letter in word)


def test_words_are_split_by_several_threads_at_once() -> None:
    texts = [f"Wireless headphones {number} 无线耳机" for number in range(200)]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(terms, texts)) == [terms(text) for text in texts]


def test_the_dictionary_is_read_in_silence(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        terms("无线耳机")
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_terms_that_are_kept_cannot_be_changed_by_a_caller() -> None:
    terms("red mugs").append("blue")
    assert terms("red mugs") == ["red", "mug"]
