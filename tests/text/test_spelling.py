import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.text import normalise
from aisle.text.spelling import Speller
from aisle.text.vocabulary import learn_vocabulary
from aisle.types import Item

TITLES = (
    "Apple iPhone 7 case",
    "Apple iPhone X",
    "Wireless headphones black",
    "Bluetooth headphones white",
    "Brother TN-2110 toner",
    "Brother toner black",
    "Gaming keyboard wireless",
    "Mechanical keyboard",
    "Rain Bird sprinkler",
    "Rain Bird sprinkler head",
    "Snow thrower",
    "Snow thrower red",
    "Tower fan tower",
    *["Fence posts"] * 8,
    "Face cream",
    "Face cream",
    "Sony screwdriver",
    "Sony screwdriver set",
)
ENGLISH = {"the": 0.05, "for": 0.01, "leave": 0.001, "house": 0.001, "faces": 0.0001}
SPELLER = Speller.of(learn_vocabulary([Item(str(n), title) for n, title in enumerate(TITLES)], {}, ENGLISH))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("iphnoe", "iphone"),
        ("headfones", "headphones"),
        ("wireles hedphones", "wireless headphones"),
        ("keybaord", "keyboard"),
        ("keeyboard", "keyboard"),
        ("kyboard", "keyboard"),
        ("keyboatd", "keyboard"),
        ("Iphnoe 7", "iphone 7"),
        ("brother tn-2110 tonner", "brother tn-2110 toner"),
        ("rainbird sprinkler", "rain bird sprinkler"),
        ("gamingkeyboard", "gaming keyboard"),
        ("scre wdriver", "screwdriver"),
        ("snow thower", "snow thrower"),
        ("fece posts", "fence posts"),
        ("fece cream", "face cream"),
        ("(headfones)", "(headphones)"),
    ],
)
def test_slips_are_mended(typed: str, meant: str) -> None:
    assert SPELLER.correct(typed) == meant


@pytest.mark.parametrize(
    "query",
    [
        "",
        "TN-2110",
        "tn2110",
        "rtx2060",
        "iphnoe7",
        "Sony",
        "sny",
        "led",
        "for the house",
        "leave",
        "faces",
        "headphones",
        "qwxzjkvp",
        "无线耳机",
        "无线 iphone",
        "& -",
        "Wireless HEADPHONES",
    ],
)
def test_what_may_be_right_stays(query: str) -> None:
    assert SPELLER.correct(query) == query


def test_words_of_searches_that_led_to_clicks_stay() -> None:
    items = [Item(str(n), title) for n, title in enumerate(TITLES)]
    assert SPELLER.correct("soni") == "sony"
    assert Speller.of(learn_vocabulary(items, {"soni": 40}, ENGLISH)).correct("soni") == "soni"


def test_a_pasted_page_is_left_alone() -> None:
    page = "iphnoe " * 40
    assert SPELLER.correct(page) == page.strip()


def test_a_shop_without_words_corrects_nothing() -> None:
    assert Speller.of(learn_vocabulary([], {}, {})).correct("headfones iphnoe") == "headfones iphnoe"


@given(st.text() | st.text("abcdefghinop -'1", max_size=40))
def test_any_text_can_be_corrected(text: str) -> None:
    corrected = SPELLER.correct(text)
    assert corrected == normalise(corrected)
    assert [letter for letter in corrected if letter.isdigit()] == [x for x in normalise(text) if x.isdigit()]
