"""Relaxing by hand on the toy shop: the words of its twelve items, English and Chinese."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.pipelines.relax import MAX_STEPS, QueryWord, Relaxed, relax, weigh
from aisle.testing.toy_shop import toy_items
from aisle.text import terms

ITEMS = [
    set(terms(" ".join([item.title, item.brand, *(part.title for part in item.translations.values())])))
    for item in toy_items()
]


def count(words: Sequence[str]) -> int:
    return sum(set(words) <= item for item in ITEMS)


def weighed(query: str, *optional: str) -> tuple[QueryWord, ...]:
    return weigh(terms(query), lambda word: count([word]), len(ITEMS), optional)


def relaxed(query: str, *optional: str) -> Relaxed:
    return relax(weighed(query, *optional), count)


def test_a_query_that_finds_something_is_left_as_it_is() -> None:
    assert relaxed("coffee mug") == Relaxed(("coffe", "mug"), ())
    assert relaxed("coffee mug").note == ()


def test_a_word_that_no_item_has_goes_first() -> None:
    assert relaxed("purple coffee mug") == Relaxed(("coffe", "mug"), ("purpl",))


def test_the_least_important_word_goes_next() -> None:
    # "headphon" is in two titles, "speaker" in one: the rarer word says more
    assert relaxed("headphones speaker") == Relaxed(("speaker",), ("headphon",))


def test_words_that_were_not_in_the_way_come_back() -> None:
    # in how many titles: usb and c 3, headphon 2, bluetooth 1. Down to bluetooth alone nothing has them all;
    # no other word of the query stands beside it
    assert relaxed("usb c headphones bluetooth") == Relaxed(("bluetooth",), ("usb", "c", "headphon"))
    # shoes 2, running 2, mug 1, clay 1: mug and clay are left after two steps
    assert relaxed("running shoes clay mug") == Relaxed(("clay", "mug"), ("run", "shoe"))
    # cable 2, usb 3, mat 1: "mat" alone is left, then yoga comes back
    assert relaxed("yoga usb cable mat") == Relaxed(("yoga", "mat"), ("usb", "cabl"))


def test_optional_words_go_without_being_missed() -> None:
    assert relaxed("a mug for coffee", "a", "for") == Relaxed(("mug", "coffe"), ())


def test_a_query_of_optional_words_alone_keeps_them() -> None:
    assert relaxed("mug shoes", "mug", "shoe") == Relaxed(("mug",), ())


def test_a_query_of_unknown_words_is_left_to_its_meaning() -> None:
    found = relaxed("purple zebra")
    assert found == Relaxed((), ("purpl", "zebra"))
    assert found.note == ("*",)


def test_an_empty_query_has_nothing_to_lose() -> None:
    assert relax((), lambda words: 12) == Relaxed((), ())


def test_no_word_is_found_under_filters_that_nothing_passes() -> None:
    assert relax(weighed("coffee mug"), lambda words: 0).note == ("*",)


def test_chinese_words_are_dropped_like_others() -> None:
    # nothing is purple (the first word)
    assert relaxed("紫色咖啡杯").dropped == ("紫色",)
    assert relaxed("无线跑步鞋").words[-1:] == relaxed("跑步鞋").words[-1:]


def test_a_chinese_compound_is_optional_beside_its_parts() -> None:
    words = {word.text: word.optional for word in weighed("无线耳机")}
    assert words == {"无线": False, "耳机": False, "无线耳机": True}
    # no title holds the compound 有线无线, so that only the parts can be asked for
    assert relax(weighed("无线耳机"), lambda words: 0 if "无线耳机" in words else count(words)).dropped == ()


def test_words_are_weighed_by_how_rare_they_are() -> None:
    usb, cable, mug, zebra = weighed("usb cable mug zebra usb")
    assert mug.importance > cable.importance > usb.importance > zebra.importance == 0


def test_the_next_words_are_tried_where_the_most_important_is_not_enough() -> None:
    # one title has "wireless", two have "headphon"
    assert relax(weighed("wireless headphones"), count, min_hits=2) == Relaxed(("headphon",), ("wireless",))


def test_a_long_query_loses_several_words_at_a_step() -> None:
    asked: list[int] = []

    def none(words: Sequence[str]) -> int:
        asked.append(len(words))
        return 0

    words = [QueryWord(f"w{number}", number + 1.0) for number in range(13)]
    assert relax(words, none).note == ("*",)
    assert asked == [13, 10, 7, 4, 1, *[1] * MAX_STEPS]


WORDS = st.lists(
    st.builds(QueryWord, st.sampled_from("abcdefgh"), st.integers(0, 9).map(float), st.booleans()),
    max_size=12,
    unique_by=lambda word: word.text,
)


@given(WORDS, st.lists(st.sets(st.sampled_from("abcdefgh")), max_size=6), st.integers(1, 4))
def test_what_is_left_is_found_and_the_steps_are_bounded(
    words: list[QueryWord], items: list[set[str]], max_steps: int
) -> None:
    asked: list[Sequence[str]] = []

    def found(wanted: Sequence[str]) -> int:
        asked.append(wanted)
        return sum(set(wanted) <= item for item in items)

    left = relax(words, found, max_steps=max_steps)
    assert len(asked) <= 2 + 2 * max_steps + len(words)
    assert not left.words or sum(set(left.words) <= item for item in items) >= 1
    texts = [word.text for word in words]
    assert [text for text in texts if text in left.words] == list(left.words)
    assert not {*left.words} & {*left.dropped}
    assert {*left.words, *left.dropped} <= {*texts}
    assert {word.text for word in words if not word.optional} <= {*left.words, *left.dropped}


def test_words_that_a_filter_leaves_nothing_of_give_way_to_the_others() -> None:
    mugs = [item for item in ITEMS if "mug" in item]
    words = weighed("yoga mug mat")  # each in one title; among the mugs only "mug" is
    assert relax(words, lambda wanted: sum(set(wanted) <= item for item in mugs)) == Relaxed(("mug",), ("yoga", "mat"))


@pytest.mark.parametrize("n_words", range(1, 9))
def test_a_single_word_is_reached(n_words: int) -> None:
    words = [QueryWord(f"w{number}", 9.0 - number) for number in range(n_words)]
    left = relax(words, lambda wanted: int(list(wanted) == ["w0"]), max_steps=MAX_STEPS)
    assert left.words == ("w0",)
