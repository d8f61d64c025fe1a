from aisle.text import item_text
from aisle.types import Item


def test_the_title_comes_first() -> None:
    assert item_text(Item("a", "Blue mug", description="Holds 300 ml.")) == "Blue mug. Holds 300 ml."


def test_an_item_without_description_is_its_title() -> None:
    assert item_text(Item("a", "Blue mug", brand="Clay")) == "Blue mug"
