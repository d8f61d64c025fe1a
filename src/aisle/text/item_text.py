"""The part of an item that a language model reads."""

from aisle.types import Item


def item_text(item: Item) -> str:
    """Title and description, the title first because long texts are cut at the end.

    >>> item_text(Item("a1", "Blue mug", description="Holds 300 ml."))
    'Blue mug. Holds 300 ml.'
    """
    return f"{item.title}. {item.description}" if item.description else item.title
