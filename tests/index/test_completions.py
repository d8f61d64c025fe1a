from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.errors import ReleaseError
from aisle.index import Completion, Completions
from aisle.index.completions import Kind
from aisle.types import Suggestion

CABLE = Completion("USB-C cable 1 m", "item", 3, "", "e1")
SHOP = Completions(
    (
        CABLE,
        Completion("USB-C charger 65 W", "item", 5, "", "e3"),
        Completion("Coffee mug", "item", 4, "", "k3"),
        Completion("无线耳机", "item", 4, "zh", "e4"),
        Completion("USB-C 数据线", "item", 3, "zh", "e1"),
        Completion("usb c cable", "query", 12),
        Completion("coffee", "query", 30),
        Completion("coffee grinder", "query", 2),
        Completion("Coffee", "category", 3),
        Completion("Cables", "category", 2),
        Completion("Volt", "brand", 3),
        Completion("Crema & Co", "brand", 1),
    )
)


def texts(prefix: str, k: int = 10, locale: str = "", of: Completions = SHOP) -> list[str]:
    return [suggestion.text for suggestion in of.suggest(prefix, k, locale)]


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("usb", ["usb c cable", "USB-C charger 65 W", "USB-C 数据线", "USB-C cable 1 m"]),
        ("USB-C  CA", ["usb c cable", "USB-C cable 1 m"]),
        ("cab", ["usb c cable", "Cables", "USB-C cable 1 m"]),  # the beginning of any word
        ("able", []),  # but not the middle
        ("mu", ["Coffee mug"]),
        ("ｍｕ", ["Coffee mug"]),
        ("mug ", ["Coffee mug"]),
        ("co", ["coffee", "coffee grinder", "Crema & Co", "Coffee mug"]),
        ("耳机", ["无线耳机"]),
        ("无", ["无线耳机"]),
        ("无线耳", ["无线耳机"]),
        ("数据", ["USB-C 数据线"]),
        ("线", []),
        ("zzz", []),
    ],
)
def test_texts_are_found_by_the_beginning_of_their_words(prefix: str, expected: list[str]) -> None:
    assert texts(prefix) == expected


@pytest.mark.parametrize("prefix", ["", "  ", "-", "!?"])
def test_an_empty_prefix_gets_the_most_frequent_queries(prefix: str) -> None:
    assert texts(prefix) == ["coffee", "usb c cable", "coffee grinder"]
    assert texts(prefix, 1) == ["coffee"]


def test_a_text_comes_once_as_the_first_of_its_kinds() -> None:
    found = SHOP.suggest("coffee", 10)
    assert [(one.text, one.kind) for one in found if one.text.lower() == "coffee"] == [("coffee", "query")]


def test_a_suggested_item_says_which_it_is() -> None:
    assert [(one.kind, one.item_id) for one in SHOP.suggest("mug", 5)] == [("item", "k3")]
    assert [(one.kind, one.item_id) for one in SHOP.suggest("volt", 5)] == [("brand", "")]


@pytest.mark.parametrize(("locale", "chinese"), [("", True), ("zh", True), ("en", False)])
def test_other_languages_are_left_out(locale: str, chinese: bool) -> None:
    assert ("USB-C 数据线" in texts("usb", 10, locale)) is chinese
    assert "USB-C cable 1 m" in texts("usb", 10, locale)


def many(**numbers: int) -> Completions:
    kinds: dict[str, Kind] = {"queries": "query", "categories": "category", "brands": "brand", "items": "item"}
    return Completions(
        tuple(
            Completion(f"tea {kinds[name]} {n}", kinds[name], 100 - n) for name in numbers for n in range(numbers[name])
        )
    )


@pytest.mark.parametrize(
    ("there", "k", "expected"),
    [
        ({"queries": 9, "categories": 9, "brands": 9, "items": 9}, 10, [4, 2, 1, 3]),
        ({"queries": 9, "categories": 9, "brands": 9, "items": 9}, 12, [6, 2, 1, 3]),
        ({"queries": 9, "categories": 9, "brands": 9, "items": 9}, 8, [4, 2, 1, 1]),
        ({"queries": 9, "categories": 9, "brands": 9, "items": 9}, 3, [3, 0, 0, 0]),
        ({"queries": 1, "categories": 0, "brands": 0, "items": 20}, 10, [1, 0, 0, 9]),
        ({"queries": 1, "categories": 4, "brands": 0, "items": 20}, 10, [1, 4, 0, 5]),
        ({"queries": 2, "categories": 1, "brands": 1, "items": 1}, 10, [2, 1, 1, 1]),
    ],
)
def test_each_kind_has_its_places(there: dict[str, int], k: int, expected: list[int]) -> None:
    kinds = [suggestion.kind for suggestion in many(**there).suggest("tea", k)]
    assert kinds == sorted(kinds, key=["query", "category", "brand", "item"].index)
    assert [kinds.count(kind) for kind in ("query", "category", "brand", "item")] == expected


def test_within_a_kind_the_heaviest_come_first() -> None:
    assert texts("tea", 3, of=many(items=9)) == ["tea item 0", "tea item 1", "tea item 2"]


def test_equal_weights_put_the_shorter_first() -> None:
    shop = Completions(
        (Completion("tea pot", "query", 1), Completion("tea", "query", 1), Completion("tea cup", "query", 1))
    )
    assert texts("tea", of=shop) == ["tea", "tea cup", "tea pot"]


def test_a_word_far_into_a_long_title_is_not_looked_for() -> None:
    shop = Completions((Completion("one two three four five six seven eight nine", "item", 1),))
    assert len(texts("eight", of=shop)) == 1
    assert texts("nine", of=shop) == []


def test_nothing_to_suggest_from_suggests_nothing() -> None:
    assert Completions(()).suggest("tea", 5) == Completions(()).suggest("", 5) == ()


def test_completions_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    SHOP.save(tmp_path)
    assert Completions.load(tmp_path) == SHOP


@pytest.mark.parametrize("content", [None, "", "[1, 2]", '[["a"]]', "{"])
def test_a_missing_or_damaged_file_is_a_release_error(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "completions.json").write_text(content, "utf-8")
    with pytest.raises(ReleaseError, match="run aisle build"):
        Completions.load(tmp_path)


# Typing errors


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("cofee", ["coffee", "coffee grinder", "Coffee mug"]),  # one letter missing
        ("coffeee gri", ["coffee grinder"]),  # one too many, in a word that goes on
        ("coffee girn", ["coffee grinder"]),  # two swapped
        ("chraget", []),  # two errors in seven letters
        ("offee", []),  # the first letter counts as two
        ("cof", ["coffee", "coffee grinder", "Coffee mug"]),
        ("cxf", []),  # three letters are no word yet
        ("cafinder", []),
    ],
)
def test_a_wrong_letter_is_forgiven_in_a_word_of_four(prefix: str, expected: list[str]) -> None:
    assert texts(prefix) == expected


@pytest.mark.parametrize("prefix", ["headfones", "hedphnes", "headphoness", "haedphons", "eadphones", "ehadphones"])
def test_two_are_forgiven_in_a_word_of_eight(prefix: str) -> None:
    shop = Completions((Completion("wireless headphones", "query", 1),))
    assert texts(prefix, of=shop) == ["wireless headphones"]


def test_what_begins_so_comes_before_what_nearly_does() -> None:
    shop = Completions(
        (Completion("cart", "query", 1), Completion("card game", "query", 90), Completion("carta", "item", 1))
    )
    assert texts("cart", of=shop) == ["cart", "carta", "card game"]


def test_with_enough_that_begins_so_nothing_else_is_added() -> None:
    shop = Completions((*(Completion(f"cart {n}", "query", 1) for n in "abc"), Completion("card game", "query", 90)))
    assert texts("cart", of=shop) == ["cart a", "cart b", "cart c"]
    assert texts("cart", 2, of=shop) == ["cart a", "cart b"]


def test_fewer_errors_come_first() -> None:
    shop = Completions((Completion("headlight", "query", 1), Completion("headlines", "query", 90)))
    assert texts("headlighx", of=shop) == ["headlight"]
    assert texts("headlinht", of=shop) == ["headlight", "headlines"]


# Near-identical texts


def test_singular_and_plural_are_one_suggestion() -> None:
    shop = Completions((Completion("usb cables", "query", 5), Completion("USB-Cable", "query", 4)))
    assert texts("usb", of=shop) == ["usb cables"]


def test_categories_of_one_name_in_different_places_are_two() -> None:
    places = [("Phones", "Cases"), ("Laptops", "Cases")]
    shop = Completions(
        tuple(
            Completion("Cases", "category", 2, "", "", f'category = "{top} > Cases"', (top, name), ())
            for top, name in places
        )
    )
    found = shop.suggest("case", 5)
    assert [(one.text, one.path, one.filter) for one in found] == [
        ("Cases", ("Laptops", "Cases"), 'category = "Laptops > Cases"'),
        ("Cases", ("Phones", "Cases"), 'category = "Phones > Cases"'),
    ]
    with_query = Completions((*shop.entries, Completion("case", "query", 9)))
    assert [one.kind for one in with_query.suggest("case", 5)] == ["query"]


# For one shopper, and now

TEA = Completions(
    (
        Completion("tea pot", "item", 6, "", "a", about=("Sun", "Kitchen")),
        Completion("tea cup", "item", 4, "", "b", about=("Moon", "Kitchen")),
        Completion("tea towel", "item", 5, "", "c", about=("Moon", "Linen")),
        Completion("tea green", "query", 3),
        Completion("tea black", "query", 2),
    )
)


@pytest.mark.parametrize(
    ("affinity", "expected"),
    [
        ({}, ["tea green", "tea black", "tea pot", "tea towel", "tea cup"]),
        ({"Moon": 1.0}, ["tea green", "tea black", "tea towel", "tea cup", "tea pot"]),
        ({"Moon": 1.0, "Kitchen": 1.0}, ["tea green", "tea black", "tea cup", "tea pot", "tea towel"]),
        ({"tea black": 1.0}, ["tea black", "tea green", "tea pot", "tea towel", "tea cup"]),
        ({"Nobody": 9.0}, ["tea green", "tea black", "tea pot", "tea towel", "tea cup"]),
    ],
)
def test_what_a_shopper_likes_comes_first_within_its_kind(affinity: dict[str, float], expected: list[str]) -> None:
    assert [one.text for one in TEA.suggest("tea", 10, affinity=affinity)] == expected


def test_what_is_gone_is_left_out_and_others_take_its_place() -> None:
    asked: list[str] = []

    def alive(one: Suggestion) -> bool:
        asked.append(one.text)
        return one.item_id != "a"

    assert [one.text for one in TEA.suggest("tea", 4, alive=alive)] == [
        "tea green",
        "tea black",
        "tea towel",
        "tea cup",
    ]
    assert asked == ["tea green", "tea black", "tea pot", "tea towel", "tea cup"]


@given(st.text("abcdeé -耳机", max_size=12), st.integers(1, 12), st.lists(st.text("abcde ", min_size=1), max_size=8))
def test_any_prefix_gets_at_most_k_different_texts(prefix: str, k: int, given_texts: list[str]) -> None:
    shop = Completions(tuple(Completion(text, "query", 1) for text in given_texts))
    found = texts(prefix, k, of=shop)
    assert len(found) == len(set(found)) <= k
    assert set(found) <= set(given_texts)
