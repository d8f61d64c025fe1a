import sys

import pytest

from aisle.index.completions import Completions
from aisle.index.learn_completions import learn_completions
from aisle.types import Item, Suggestion, Translation

ITEMS = [
    Item("a", "Red phone case", brand="Volt", category=("Phones", "Cases")),
    Item("b", "Laptop sleeve", brand="Volt", category=("Laptops", "Cases")),
    Item("c", "Mug", category=("Kitchen",), translations={"zh": Translation("马克杯", category=("厨房",))}),
]


def learned(searches: dict[str, int] | None = None, lost: str = "\0") -> Completions:
    return learn_completions(ITEMS, [1.0, 2.0, 3.0], searches or {}, lambda text: lost not in text)


def found(prefix: str, of: Completions) -> list[Suggestion]:
    return list(of.suggest(prefix, 10))


def test_queries_are_suggested_when_they_were_asked_twice_and_find_something() -> None:
    made = learned({"red mug": 2, "red cup": 1, "red ghost": 9}, lost="ghost")
    assert [one.text for one in found("red", made)] == ["red mug", "Red phone case"]


def test_forms_of_one_query_count_together_under_the_most_used() -> None:
    made = learned({"Phone cases": 1, "phone case": 3, "phone  case ": 2, "blue phone": 5})
    queries = [(entry.text, entry.weight) for entry in made.entries if entry.kind == "query"]
    assert queries == [("phone case", 6), ("blue phone", 5)]


def test_a_category_says_where_it_is_and_which_filter_keeps_its_items() -> None:
    assert [(one.path, one.filter) for one in found("cases", learned())][:2] == [
        (("Laptops", "Cases"), 'category = "Laptops > Cases"'),
        (("Phones", "Cases"), 'category = "Phones > Cases"'),
    ]


def test_a_translated_category_has_the_filter_of_its_own_path() -> None:
    assert [(one.text, one.path, one.filter) for one in found("厨", learned())] == [
        ("厨房", ("厨房",), 'category = "Kitchen"')
    ]


def test_a_brand_has_a_filter_and_items_say_what_they_are_about() -> None:
    made = learned()
    assert found("volt", made) == [Suggestion("Volt", "brand", filter='brand = "Volt"')]
    assert next(entry.about for entry in made.entries if entry.item_id == "a") == ("Volt", "Phones", "Phones > Cases")


def test_categories_and_brands_that_no_search_finds_are_left_out() -> None:
    assert found("volt", learned(lost="Volt")) == []
    assert [one.text for one in found("mug", learned(lost="Mug"))] == ["Mug"]  # an item has a page of its own


def test_of_many_titles_the_most_popular_are_suggested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["aisle.index.learn_completions"], "MAX_ITEMS", 2)
    assert [entry.item_id for entry in learned().entries if entry.kind == "item" and not entry.locale] == ["b", "c"]
