import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.text import normalise, segment, terms
from aisle.text.pieces import pieces


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", []),
        ("-- !", []),
        ("Red  lamp", ["Red", "lamp"]),
        ("usb-c cable 2 m", ["usb-c", "cable", "2 m"]),
        ("无线耳机 适合跑步的", ["无线耳机", "适合", "跑步", "的"]),
        ("65瓦充电器", ["65瓦", "充电器"]),
    ],
)
def test_queries_fall_into_pieces(query: str, expected: list[str]) -> None:
    assert pieces(query) == expected


@given(st.text() | st.text("无线耳机适合跑步的aB1 -寸", max_size=30))
def test_no_letter_is_lost(query: str) -> None:
    typed = [letter for letter in normalise(query) if letter.isalnum()]
    assert [letter for piece in pieces(query) for letter in piece if letter.isalnum()] == typed


@given(st.text("无线耳机适合跑步的aB12 ", max_size=30))
def test_segments_hold_every_character_of_a_chinese_query(query: str) -> None:
    assert set(normalise(query)) - {" "} <= set(segment(query))


def test_pieces_have_the_terms_of_the_query() -> None:
    query = "wireless headphones 16 GB TN-2110 无线耳机"
    assert [term for piece in pieces(query) for term in terms(piece)] == terms(query)
