import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.text import match_spans, terms


def marked(text: str, query: str) -> str:
    """The text with [ ] around what matches."""
    for start, end in reversed(match_spans(text, set(terms(query)))):
        text = f"{text[:start]}[{text[start:end]}]{text[end:]}"
    return text


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("Wireless headphones, black", "headphone", "Wireless [headphones], black"),
        ("USB-C cable (USB)", "usb", "[USB]-C cable ([USB])"),
        ("USB-C cable", "c usb", "[USB]-[C] cable"),
        ("Running shoes for runners", "run", "[Running] shoes for runners"),
        ("Café au lait", "cafe", "[Café] au lait"),
        ("snake_case mug", "case", "snake_[case] mug"),
        ("黑色无线耳机", "耳机", "黑色无线[耳机]"),
        ("黑色无线耳机和有线耳机", "耳机", "黑色无线[耳机]和有线[耳机]"),
        ("黑色无线耳机", "无线耳机", "黑色[无线耳机]"),
        ("USB数据线65W充电器", "usb 65w", "[USB]数据线[65W]充电器"),
        ("USB数据线65W充电器", "数据线", "USB[数据线]65W充电器"),
        ("nothing here", "mug", "nothing here"),
        ("nothing here", "", "nothing here"),
        ("", "mug", ""),
    ],
)
def test_matching_words_are_marked(text: str, query: str, expected: str) -> None:
    assert marked(text, query) == expected


@given(st.text() | st.text("无线耳机aAbB1_ -,", max_size=50), st.text("无线耳机aAbB1 ", max_size=8))
def test_spans_are_sorted_disjoint_and_within_the_text(text: str, query: str) -> None:
    spans = match_spans(text, set(terms(query)))
    places = [place for span in spans for place in span]
    assert places == sorted(set(places))
    assert all(0 <= place <= len(text) for place in places)


@given(st.text("无线耳机 -", max_size=30))
def test_every_chinese_word_of_the_query_itself_is_marked(text: str) -> None:
    spans = match_spans(text, set(terms(text)))
    covered = {place for start, end in spans for place in range(start, end)}
    assert covered >= {place for place, letter in enumerate(text) if letter not in " -"}
