import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.text.entities import MAX_VALUES, Carried, Pair, Phrases, learn_phrases, phrase_words

AUDIO = ("category", "Electronics > Audio")
ITEMS: tuple[tuple[str, Carried], ...] = (
    (
        "Boom speaker",
        {("brand", "Boom"): (), AUDIO: (("zh", "电子 > 音响"),), ("color", "navy blue"): (("zh", "藏青色"),)},
    ),
    (
        "Sonora headphones with boom arm",
        {("brand", "Sonora"): (), AUDIO: (("zh", "电子 > 音响"),), ("color", "blue"): ()},
    ),
    ("Sonora in-ear headphones", {("brand", "Sonora"): (), AUDIO: (), ("in_ear", "true"): (), ("weight", "250 g"): ()}),
)


def phrases(items: Sequence[tuple[str, Carried]] = ITEMS) -> Phrases:
    return learn_phrases([carried for _, carried in items], [[title] for title, _ in items])


def meanings(query: str) -> list[tuple[str, Pair]]:
    return [(query[one.start : one.end], one.phrase.meanings[0]) for one in phrases().find(query)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SONORA audio", [("SONORA", ("brand", "Sonora")), ("audio", AUDIO)]),
        ("navy blue boom", [("navy blue", ("color", "navy blue")), ("boom", ("brand", "Boom"))]),
        ("blue sonora", [("blue", ("color", "blue")), ("sonora", ("brand", "Sonora"))]),
        ("in-ear", [("in-ear", ("in_ear", "true"))]),
        ("250g", [("250g", ("weight", "250 g"))]),
        ("藏青色音响", [("藏青色", ("color", "navy blue")), ("音响", AUDIO)]),
        ("toaster", []),
        ("", []),
    ],
)
def test_the_longest_phrases_are_found_from_left_to_right(query: str, expected: list[tuple[str, Pair]]) -> None:
    assert meanings(query) == expected


def test_plural_and_singular_are_the_same() -> None:
    learned = phrases([("Mug", {("category", "Mugs"): ()})])
    assert len(learned.find("a mug")) == len(learned.find("MUGS")) == 1


def test_a_brand_that_is_a_common_word_means_less() -> None:
    # "boom" stands in two titles, one of the brand: (1 + 1/2 * 2) / (2 + 2); "sonora" in two of two: (2 + 1) / (2 + 2)
    by_word = {words: of.share for words, of in phrases().phrases.items()}
    assert by_word["boom",] == 2 / 4
    assert by_word["sonora",] == 3 / 4


def test_values_of_several_fields_are_all_meanings_the_frequent_first() -> None:
    items: list[tuple[str, Carried]] = [("x", {("fits", "HP"): ()}), ("y", {("brand", "HP"): (), ("fits", "HP"): ()})]
    (found,) = phrases(items).find("hp toner")
    assert found.phrase.meanings == (("fits", "HP"), ("brand", "HP"))


def test_fields_with_many_values_numbers_and_letters_are_not_learned() -> None:
    many: list[tuple[str, Carried]] = [("x", {("name", f"name {number}x"): ()}) for number in range(MAX_VALUES + 1)]
    assert len(phrases(many)) == 0
    assert (
        len(phrases([("x", {("pages", "120"): (), ("size", "S"): (), ("box", "no"): (), ("box", "false"): ()})])) == 0
    )


def test_a_brand_is_known_by_its_name_in_chinese_titles() -> None:
    titles = ["声维 无线耳机", "声维蓝牙音箱", "声维 充电线", "科恩霍 键盘"]
    brands = ["Sonavik", "Sonavik", "Sonavik", "Kernholt"]
    learned = learn_phrases([{("brand", brand): ()} for brand in brands], [[title] for title in titles])
    (found,) = learned.find("声维耳机")
    assert (found.phrase.meanings, found.start, found.end) == ((("brand", "Sonavik"),), 0, 2)


def test_a_number_and_its_unit_are_one_word() -> None:
    assert [word.term for word in phrase_words("64 GB 64GB 64-gb 1,000 x")] == ["64gb", "64gb", "64gb", "1000", "x"]


def test_what_was_learned_survives_json() -> None:
    learned = phrases()
    assert Phrases.from_dict(learned.to_dict()).phrases == learned.phrases


@given(st.text(max_size=40) | st.text("boom sonora 藏青色blue-", max_size=40))
def test_phrases_never_overlap(query: str) -> None:
    found = phrases().find(query)
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))
