from aisle.text.compounds import LIKELY, SURE, apart, together
from aisle.text.vocabulary import learn_vocabulary
from aisle.types import Item

TITLES = [
    "Head set",
    "Head set red",
    "Headset",
    "RTX 2060",
    "RTX 2060 card",
    "Earphones",
    "Lightboard",
    "Key board is one",
]
VOCABULARY = learn_vocabulary([Item(str(n), title) for n, title in enumerate(TITLES)], english={})


def test_a_word_is_also_found_as_two() -> None:
    assert apart(VOCABULARY, "headset") == (("head set", round(LIKELY + (SURE - LIKELY) * 2 / 3, 3)),)
    assert apart(VOCABULARY, "rtx2060") == (("rtx 2060", SURE),)
    assert apart(VOCABULARY, "card2060") == (("card 2060", LIKELY),)


def test_two_words_are_also_found_as_one() -> None:
    assert together(VOCABULARY, "head", "set") == (("headset", round(LIKELY + (SURE - LIKELY) / 3, 3)),)
    assert together(VOCABULARY, "ear", "phone") == (("earphones", SURE),)
    assert together(VOCABULARY, "light", "board") == (("lightboard", SURE),)


def test_words_that_the_shop_does_not_write_so_have_no_other_way() -> None:
    assert apart(VOCABULARY, "keyboard") == ()  # once is no evidence
    assert apart(VOCABULARY, "lamp") == ()
    assert together(VOCABULARY, "red", "lamp") == ()
    assert together(VOCABULARY, "is", "one") == ()
