import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.text.slips import (
    ADDED,
    ADDED_DOUBLE,
    DROPPED,
    DROPPED_DOUBLE,
    FIRST_LETTER,
    NEIGHBOUR_KEY,
    OTHER_VOWEL,
    SAME_SOUND,
    SUBSTITUTED,
    SWAPPED,
    slip_cost,
)

WORDS = st.text("abcdehopst", max_size=9)


@pytest.mark.parametrize(
    ("typed", "meant", "cost"),
    [
        ("lamp", "lamp", 0.0),
        ("iphnoe", "iphone", SWAPPED),
        ("headfones", "headphones", SAME_SOUND),
        ("adress", "address", DROPPED_DOUBLE),
        ("lammp", "lamp", ADDED_DOUBLE),
        ("lanp", "lamp", 0.65),
        ("lamo", "lamp", NEIGHBOUR_KEY),
        ("seperate", "separate", OTHER_VOWEL),
        ("laxp", "lamp", SUBSTITUTED),
        ("lap", "lamp", DROPPED),
        ("lamxp", "lamp", ADDED),
        ("xamp", "lamp", FIRST_LETTER + SUBSTITUTED),
        ("", "", 0.0),
    ],
)
def test_likely_slips_cost_little(typed: str, meant: str, cost: float) -> None:
    assert slip_cost(typed, meant) == pytest.approx(cost)


@given(WORDS, WORDS)
def test_costs_are_bounded_by_the_letters(typed: str, meant: str) -> None:
    assert 0 <= slip_cost(typed, meant) <= FIRST_LETTER + len(typed) + len(meant)
    assert (slip_cost(typed, meant) == 0) == (typed == meant)
