from pathlib import Path

import pytest

from aisle.errors import ReleaseError
from aisle.index import Completion, Completions
from aisle.index.completions import Kind

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
