from hypothesis import given
from hypothesis import strategies as st

from aisle.text.stopwords import CHINESE, ENGLISH, optional_words


def test_words_that_say_little_are_optional() -> None:
    assert optional_words(["lamp", "for", "the", "desk"]) == (False, True, True, False)
    assert optional_words(["适合", "跑步", "的", "耳机"]) == (True, False, True, False)


def test_a_query_of_stop_words_keeps_them() -> None:
    assert optional_words(["the", "who"]) == (False, False)
    assert optional_words([]) == ()


@given(st.lists(st.sampled_from([*sorted(ENGLISH)[:5], *sorted(CHINESE)[:5], "lamp", "灯"]), min_size=1))
def test_no_query_is_emptied(words: list[str]) -> None:
    marks = optional_words(words)
    assert len(marks) == len(words)
    assert not all(marks)
